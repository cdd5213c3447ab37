"""What the log pane can show: which file, or which text, and what to say while there is nothing. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fjd.snapshot import JobState, JobView, WorkerView
from fjd.tui import detail
from fjd.tui.backend import Backend


class Tab(Enum):
    """What of a job the log pane shows; the value is the word in its title."""

    OUTPUT = "output"
    LOGFILE = "logfile"
    JOBFILE = "job file"
    DETAIL = "detail"
    WORKER = "worker log"


@dataclass(frozen=True, slots=True)
class Source:
    """One text to show."""

    of: str
    """Whose text it is: the name of a job or a worker, foreign text."""
    kind: str
    path: str = ""
    load: Callable[[], str] | None = None
    """Gives the whole text, from a thread, where there is no file to follow."""
    nothing: str = ""
    """What to say while there is no text. It may hold foreign text."""
    tabs: bool = True

    @property
    def identity(self) -> tuple[str, str, str]:
        """What two sources of the same text have in common."""
        return self.of, self.kind, self.path


NO_SOURCE = Source("", "", nothing="The output of the selected job appears here.", tabs=False)


def of_job(backend: Backend, job: JobView, tab: Tab) -> Source:
    """Return what the tab shows of the job."""
    if tab is Tab.JOBFILE:
        return Source(job.name, tab.value, load=lambda: backend.read_job(job), nothing="Reading the job file …")
    if tab is Tab.DETAIL:
        return Source(job.name, tab.value, load=lambda: _detail(backend, job), nothing="Looking it up …")
    if tab is Tab.WORKER:
        nothing = "The log of its worker is empty, or there is none: one started by hand has none."
        nothing = nothing if job.worker else "No worker has it yet."
        return Source(job.name, tab.value, backend.workerlog_path(job), nothing=nothing)
    if tab is Tab.LOGFILE:
        path = backend.logfile_path(job)
        nothing = f"{path} is not there yet." if path else "The job file names no logfile."
        return Source(job.name, tab.value, path, nothing=nothing)
    return Source(job.name, tab.value, backend.output_path(job), nothing=_no_output(job))


def _detail(backend: Backend, job: JobView) -> str:
    return detail.text(job, backend.story(job), backend.find_job(job)[1])


def of_worker(worker: WorkerView) -> Source:
    """Return the log of the worker's terminal."""
    nothing = "Its log is empty." if worker.log else "It was started by hand, and has no log."
    return Source(worker.short, "worker's log", worker.log, nothing=nothing, tabs=False)


def _no_output(job: JobView) -> str:
    reason = f"It failed: {job.reason}. " if job.reason else "It failed. "
    return {
        JobState.WAITING: "It waits" + (f": {job.reason}." if job.reason else ".") + " What it prints appears here.",
        JobState.HELD: "It is held, and waits to be released. What it prints appears here.",
        JobState.HANDED: "It is handed out, and starts soon. What it prints appears here.",
        JobState.RUNNING: "It has printed nothing so far.",
        JobState.DONE: "It is done, and printed nothing.",
        JobState.FAILED: reason + "It printed nothing.",
    }[job.state]
