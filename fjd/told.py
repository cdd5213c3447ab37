"""What a job learns from its environment: the names of the variables, in one place. Pure.

A worker sets them, whoever hires takes them away again (a job may hire, and its workers are no part of it), and the
README lists them; a test holds that it lists them all.
"""

from collections.abc import Mapping
from typing import Final

DIR: Final = "FJD_DIR"
WORKER: Final = "FJD_WORKER"
"""By this and the next, the processes of a job are found wherever they went."""
JOB: Final = "FJD_JOB"
INDEX: Final = "FJD_WORKER_INDEX"
JOB_FILE: Final = "FJD_JOB_FILE"
LOGFILE: Final = "FJD_LOGFILE"
ATTEMPT: Final = "FJD_ATTEMPT"
DEADLINE: Final = "FJD_DEADLINE"
STATUS: Final = "FJD_STATUS"
OUTCOME: Final = "FJD_OUTCOME"
EXIT: Final = "FJD_EXIT"

OF_A_JOB: Final = (
    JOB, JOB_FILE, LOGFILE, WORKER, INDEX, ATTEMPT, DEADLINE, STATUS, OUTCOME, EXIT,
)  # fmt: skip
"""What only a job has; `DIR` is for all that is started in a spool."""


def by_worker(environ: Mapping[str, str], root: str, worker: str, number: int) -> dict[str, str]:
    """Return ``environ`` with what is the same for all jobs of the worker ``worker`` of the spool at ``root``."""
    return {**environ, DIR: root, WORKER: worker, INDEX: str(number)}


def with_own(environment: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with a job's ``[env]``.

    That changes nothing of what fjd says: by it the job's processes are found.
    """
    kept = {name: environment[name] for name in (DIR, WORKER, INDEX) if name in environment}
    return {**environment, **own, **kept}
