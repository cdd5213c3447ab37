"""Jobs of a cluster's scheduler, in which workers live. Where they run, and when, is the scheduler's to decide.

Submitting, listing and cancelling is parsl's (its *providers*), which speaks to six schedulers by their own commands
in one way. It was weighed against PSI/J, which knows no Grid Engine and no Condor; both were tried on a real Slurm, and
parsl on a real Grid Engine. It takes a second to import, and only a recruiter does so. PBS, Torque, LSF and Condor go
the same way and were not tried.

A provider knows the jobs that it has submitted itself. One that another process has submitted is made known to it by
an entry in its ``resources``, as its own restart would. It gives the paths of scripts to a shell and writes them into
scripts as they are, so only plain ones must come to it.
"""

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from fjd import quantity
from fjd.errors import HireError, UsageError
from fjd.nearest import did_you_mean

if TYPE_CHECKING:
    from parsl.providers.cluster_provider import ClusterProvider

EXTRA: Final = "pip install 'fjd[cluster]'"


class State(Enum):
    """What the scheduler says of a job; the value is the word that a user reads."""

    PENDING = "pending"
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a job of the scheduler is to be like. Empty and 0 leave it to the scheduler."""

    time_s: float = 3600.0
    """It is ended after so long."""
    queue: str = ""
    """Or partition."""
    account: str = ""
    cpus: int = 0
    gpus: int = 0
    memory_bytes: int = 0
    options: tuple[str, ...] = ()
    """Options of the scheduler's own, as they would stand in a script: ``--constraint=ib``."""


@dataclass(frozen=True, slots=True)
class _Scheduler:
    """What differs between schedulers."""

    provider: str
    directive: str
    """What an option in a script begins with."""
    submits_by: str
    """The program without which there is no such scheduler here."""
    job_variable: str
    """The variable in which a job finds its id."""
    queue: str = ""
    account: str = ""
    cpus: str = ""
    gpus: str = ""
    memory: str = ""
    """Options, in which ``{}`` is the value, in MiB for memory; where there is none, `Wish.options` has to say it."""
    asks_why: tuple[str, ...] = ()
    """A command that prints ``JOB|REASON`` for the jobs whose ids, with commas between, come behind it."""
    silence: tuple[str, ...] = ()
    """Options by which what the job's own shell prints goes nowhere."""


_APART: Final = ("-o /dev/null", "-e /dev/null")
_SCHEDULERS: Final[dict[str, _Scheduler]] = {
    "slurm": _Scheduler(
        *("SlurmProvider", "#SBATCH", "sbatch", "SLURM_JOB_ID", "--partition={}", "--account={}"),
        *("--cpus-per-task={}", "--gpus={}", "--mem={}M"),
        silence=("--output=/dev/null", "--error=/dev/null"),
        asks_why=("squeue", "--noheader", "--format=%i|%R", "--jobs"),
    ),
    "gridengine": _Scheduler(
        *("GridEngineProvider", "#$", "qsub", "JOB_ID", "-q {}", "-A {}"),
        memory="-l h_vmem={}M",
        gpus="-l gpu={}",
        silence=_APART,
    ),
    "pbs": _Scheduler("PBSProProvider", "#PBS", "qsub", "PBS_JOBID", "-q {}", "-A {}", silence=_APART),
    "torque": _Scheduler("TorqueProvider", "#PBS", "qsub", "PBS_JOBID", "-q {}", "-A {}", silence=_APART),
    "lsf": _Scheduler(
        "LSFProvider", "#BSUB", "bsub", "LSB_JOBID", "-q {}", "-P {}", "-n {}", memory="-M {}M", silence=_APART
    ),
    "condor": _Scheduler("CondorProvider", "", "condor_submit", "CONDOR_JOB_ID"),
}

KINDS: Final = tuple(_SCHEDULERS)
TRIED: Final = ("slurm", "gridengine")
"""Of the others nobody has shown here that they work."""

_ANSWER_S: Final = 10.0
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./+@,=-]+")
"""A path that means itself to a shell and to a scheduler, for which ``%j`` would be the number of the job."""
_JOB: Final = re.compile(r"[A-Za-z0-9_.@-]{1,100}")


def is_job(word: str) -> bool:
    """Tell whether a scheduler may have called a job so: it is to become part of a command."""
    return _JOB.fullmatch(word) is not None and not word.startswith("-")


def check_kind(kind: str) -> str:
    """Return ``kind``; raise `UsageError` when there is no such scheduler."""
    if kind not in KINDS:
        raise UsageError(f"there is no scheduler {kind!r}; known are {', '.join(KINDS)}{did_you_mean(kind, KINDS)}")
    return kind


class Cluster:
    """The scheduler called ``kind``, as it can be reached from here. Scripts are kept in ``directory``."""

    def __init__(self, kind: str, directory: str) -> None:
        self.kind = check_kind(kind)
        self._scheduler = _SCHEDULERS[kind]
        self._directory = directory

    def available(self) -> str:
        """Return why it cannot be used here, "" when it can."""
        import importlib.util

        if shutil.which(self._scheduler.submits_by) is None:
            return f"there is no {self._scheduler.submits_by} here, so no {self.kind}"
        if importlib.util.find_spec("parsl") is None:
            return f"workers in jobs of {self.kind} need: {EXTRA}"
        return ""

    @property
    def job_variable(self) -> str:
        """The variable in which a job finds its own id."""
        return self._scheduler.job_variable

    def submit(self, script: str, name: str, wish: Wish) -> str:
        """Submit ``script``, text for bash, as a job; return its id. Raises `HireError` with the scheduler's words."""
        with self._place(wish) as (directory, wish):
            provider = self._provider(wish, directory)
            try:
                job = provider.submit(script, 1, name)
            except Exception as error:  # a provider raises whatever its scheduler's answer led to
                raise HireError(f"{self.kind} did not take it: {_words(error)}") from error
        if not job:
            raise HireError(f"{self.kind} did not take it, and did not say why")
        return str(job)

    @contextlib.contextmanager
    def _place(self, wish: Wish) -> Iterator[tuple[str, Wish]]:
        """Yield where to put the script, and the wish with what that asks for.

        That is in the spool, where its path is plain. Else it is a directory of ours that is gone when the scheduler
        has read the script; on the host where the job runs there is no such directory for what its shell prints.
        """
        if _PLAIN.fullmatch(self._directory):
            yield self._directory, wish
            return
        silence = self._scheduler.silence
        if not silence:
            raise HireError(f"{self.kind} can do nothing with a spool of such a name: {self._directory}")
        with tempfile.TemporaryDirectory(prefix="fjd-") as directory:
            yield directory, replace(wish, options=(*silence, *wish.options))

    def states(self, jobs: Sequence[str]) -> dict[str, State]:
        """Return what the scheduler says of ``jobs``; one that it has forgotten has ended."""
        if not jobs:
            return {}
        provider = self._knowing(jobs)
        try:
            found = provider.status(list(jobs))  # type: ignore[no-untyped-call]
        except Exception as error:
            raise HireError(f"{self.kind} does not answer: {_words(error)}") from error
        return {job: _state(status) for job, status in zip(jobs, found, strict=True)}

    def reasons(self, jobs: Sequence[str]) -> dict[str, str]:
        """Return why ``jobs`` wait, in the scheduler's own words; nothing of those of which it does not say.

        A provider does not ask for it. It is no more than a word for people, so that no answer is none.
        """
        if not jobs or not self._scheduler.asks_why:
            return {}
        try:
            asked = subprocess.run(
                [*self._scheduler.asks_why, ",".join(jobs)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_ANSWER_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return {}
        said = (line.partition("|") for line in asked.stdout.splitlines())
        return {job: words for job, _, text in said if job in jobs and (words := text.strip().strip("()"))}

    def cancel(self, jobs: Sequence[str]) -> None:
        """Cancel ``jobs``; nothing happens to those that have ended. Raises `HireError`."""
        if not jobs:
            return
        provider = self._knowing(jobs)
        if all(provider.cancel([job]) != [True] for job in jobs) and self._any_left(jobs):
            raise HireError(f"{self.kind} did not cancel {', '.join(jobs)}")

    def _any_left(self, jobs: Sequence[str]) -> bool:
        return any(state is not State.ENDED for state in self.states(jobs).values())

    def _knowing(self, jobs: Sequence[str]) -> "ClusterProvider":
        from parsl.jobs.states import JobState, JobStatus

        provider = self._provider(Wish())
        for job in jobs:
            provider.resources[job] = {
                "job_id": job,
                "status": JobStatus(JobState.PENDING),
                "job_stdout_path": None,
                "job_stderr_path": None,
            }
        return provider

    def _provider(self, wish: Wish, directory: str = "") -> "ClusterProvider":
        if why := self.available():
            raise HireError(why)
        import parsl.providers
        from parsl.launchers import SimpleLauncher

        particular: dict[str, Any] = {"exclusive": False} if self.kind == "slurm" else {}
        provider: ClusterProvider = getattr(parsl.providers, self._scheduler.provider)(
            walltime=_clock(wish.time_s),
            scheduler_options=self.directives(wish),
            launcher=SimpleLauncher(),
            **particular,
        )
        provider.script_dir = directory or self._directory
        return provider

    def directives(self, wish: Wish) -> str:
        """Return the lines of a script that say what is wished, but for the time."""
        scheduler = self._scheduler
        wished = (
            (scheduler.queue, wish.queue, "a queue"),
            (scheduler.account, wish.account, "an account"),
            (scheduler.cpus, wish.cpus, "cpus"),
            (scheduler.gpus, wish.gpus, "gpus"),
            (scheduler.memory, wish.memory_bytes >> 20, "memory"),
        )
        missing = [what for option, value, what in wished if value and not option]
        if missing:
            raise UsageError(f"how {self.kind} is asked for {' and '.join(missing)} is not known here; use --option")
        lines = [option.format(value) for option, value, _ in wished if value] + list(wish.options)
        return "".join(f"{scheduler.directive} {line}".strip() + "\n" for line in lines)


def _state(status: Any) -> State:
    from parsl.jobs.states import JobState

    if status.terminal:
        return State.ENDED
    known = {JobState.RUNNING: State.RUNNING, JobState.PENDING: State.PENDING, JobState.HELD: State.PENDING}
    return known.get(status.state, State.UNKNOWN)


def _clock(seconds: float) -> str:
    """Return a time as ``HH:MM:SS``, as all of them take it."""
    minutes, rest = divmod(max(60, round(seconds)), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"


def _words(error: Exception) -> str:
    """Return what the scheduler said, in one line."""
    said = getattr(error, "stderr", None) or str(error) or type(error).__name__
    lines = [line.strip() for line in str(said).splitlines()]
    return next((line for line in reversed(lines) if line), "it did not say why")


def parse_wish(time: str, **values: Any) -> Wish:
    """Return the wish of a command line; raise `UsageError` for a time that is none."""
    try:
        return Wish(time_s=quantity.parse_duration(time), **values)
    except ValueError as error:
        raise UsageError(f"--time: {error}") from None
