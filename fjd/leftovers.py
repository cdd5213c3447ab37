"""Processes of jobs on this host, found by what marks them, wherever they went; and their end.

A job's processes bear the names of their worker and their job in their environment, which they inherit through every
fork, double fork and ``setsid``. One that clears its environment is found by the job's session, where its id is known
and is sure to be that job's still. What does both, and what runs on another host, is not found (rule 6).
"""

import os
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fjd import identity

if TYPE_CHECKING:
    import psutil

WORKER_VARIABLE = "FJD_WORKER"
JOB_VARIABLE = "FJD_JOB"

_PASSES = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """What processes are looked for: those of ``jobs`` as ``worker`` ran them, and those of the session ``session``."""

    worker: str
    jobs: Collection[str]
    session: int | None = None


def ask(mark: Mark, *, but_group: int) -> "list[psutil.Process]":
    """Send TERM to all that bear the mark but those of the process group ``but_group``; return to whom."""
    found = [process for process in _marked(mark) if _group_of(process) != but_group]
    for process in found:
        _send(process, signal.SIGTERM)
        _send(process, signal.SIGCONT)  # a stopped process would not hear TERM
    return found


def live(processes: "Collection[psutil.Process]") -> bool:
    """Tell whether any of them lives."""
    return any(process.is_running() and identity.start_time(process.pid) is not None for process in processes)


def end(mark: Mark, known: "Collection[psutil.Process]" = ()) -> int:
    """Kill all that bear the mark, and those ``known``, but not this process; return how many there were."""
    killed = {process.pid for process in known if _send(process, signal.SIGKILL)}
    for _ in range(
        _PASSES
    ):  # a process may have forked between being listed and being killed, and the killed take time
        found = {process.pid for process in _marked(mark) if _send(process, signal.SIGKILL)}
        if not found:
            break
        killed |= found
    return len(killed)


def _marked(mark: Mark) -> "Iterator[psutil.Process]":
    import psutil  # 21 ms to import, and wanted only when a worker has died or a job is stopped

    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and (_bears(process, mark) or _is_in_session(process, mark.session)):
                yield process
        except (psutil.Error, ProcessLookupError):
            continue


def _bears(process: "psutil.Process", mark: Mark) -> bool:
    import psutil

    try:
        environment = process.environ()
    except psutil.AccessDenied:  # somebody else's, or one that hides its memory
        return False
    return environment.get(WORKER_VARIABLE) == mark.worker and environment.get(JOB_VARIABLE) in mark.jobs


def _is_in_session(process: "psutil.Process", session: int | None) -> bool:
    """Tell whether it lives in that session; the dead that nobody has buried answer to their session as well."""
    if session is None or os.getsid(process.pid) != session:
        return False
    return identity.start_time(process.pid) is not None


def _group_of(process: "psutil.Process") -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


def _send(process: "psutil.Process", number: signal.Signals) -> bool:
    """Send a signal; False when it is gone already (a later one of its pid is never meant) or is not ours."""
    import psutil

    try:
        process.send_signal(number)
    except psutil.Error:
        return False
    return True
