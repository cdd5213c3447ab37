"""Giving jobs back: what a worker that leaves does for itself, and what is done for one that was lost (rule 6)."""

import os
import signal
from dataclasses import dataclass

from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout, numbered

WORKER_VARIABLE = "FJD_WORKER"
"""In the environment of every job; by it the processes that a dead worker left behind are found."""

_TRIES = 1000
_PASSES = 10


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A job that went back to the queue: ``name`` is the one it had, ``new_name`` the one it waits under now."""

    name: str
    new_name: str
    was_running: bool

    @property
    def renaming(self) -> str:
        """What is to be said when it came back under another name, else nothing."""
        return "" if self.name == self.new_name else f" as {self.new_name}, since that name is taken"


def give_back(layout: Layout, source: str, job: str, *, was_running: bool) -> GivenBack | None:
    """Move ``source`` to ``jobqueue/``, under a numbered name where its own is taken (rule 13); None if it was gone."""
    name = job
    for number in range(2, _TRIES):
        moved = fsio.move_new(source, layout.queued(name))
        if moved is not Moved.TAKEN:
            return GivenBack(job, name, was_running) if moved is Moved.YES else None
        name = numbered(job, number)
    raise DiskError(f"cannot give {job} back: {_TRIES} jobs of that name wait already")


def bury(layout: Layout, worker: str) -> tuple[GivenBack, ...]:
    """Give back all that ``worker`` holds, and remove its pod, its running directory and its announcement.

    The pod goes first, so that a worker which is not dead after all can claim nothing more; then what was running, and
    its finishing rename finds nothing; the announcement goes last, so that a burial which is itself cut short is begun
    anew by whoever sees the announcement.
    """
    returned = [
        *_empty(layout, layout.pod(worker), was_running=False),
        *_empty(layout, layout.running_dir(worker), was_running=True),
    ]
    fsio.remove(layout.announcement(worker))
    return tuple(returned)


def end_leftovers(worker: str) -> int:
    """Kill every process of this host that a job of ``worker`` started, in whatever session; return how many.

    Only for a worker that is known to be dead: its job must not go on beside its second run.
    """
    killed: set[int] = set()
    for _ in range(_PASSES):  # a process may have forked between being listed and being killed
        found = _kill_marked(worker)
        if found <= killed:
            break
        killed |= found
    return len(killed)


def _kill_marked(worker: str) -> set[int]:
    import psutil  # 21 ms to import, and wanted only when a worker has died

    killed: set[int] = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get(WORKER_VARIABLE) == worker and process.pid != os.getpid():
                process.send_signal(signal.SIGKILL)
                killed.add(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return killed


def _empty(layout: Layout, directory: str, *, was_running: bool) -> list[GivenBack]:
    returned: list[GivenBack] = []
    for _ in range(_TRIES):
        for name in fsio.names(directory, fresh=True) or ():
            path = os.path.join(directory, name)
            if name.startswith("."):
                fsio.remove(path)
            elif back := give_back(layout, path, name, was_running=was_running):
                returned.append(back)
        if fsio.remove_dir(directory):
            return returned
    raise DiskError(f"cannot empty {directory}: something is put into it all the time")
