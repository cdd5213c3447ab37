"""Giving jobs back: what a worker that leaves does for itself, and what is done for one that was lost (rule 6)."""

import os
from dataclasses import dataclass

from fjd import identity, leftovers
from fjd.errors import DiskError, FileRefused
from fjd.leftovers import Mark
from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.journal import Record, Tail
from fjd.spool.layout import Layout, is_job_name, numbered

_TRIES = 1000


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


class PartlyBuried(FileRefused):
    """Of what a lost worker held one file could not be given back."""

    def __init__(self, error: FileRefused, returned: list[GivenBack]) -> None:
        super().__init__(str(error))
        self.returned = tuple(returned)
        """What was given back all the same."""


def give_back(layout: Layout, source: str, job: str, *, was_running: bool) -> GivenBack | None:
    """Move ``source`` to ``jobqueue/``, under a numbered name where its own is taken (rule 13); None if it was gone."""
    name = job
    for number in range(2, _TRIES):
        moved = fsio.move_new(source, layout.queued(name))
        if moved is Moved.ASTRAY:
            raise DiskError(f"cannot give {job} back: {layout.jobqueue} is not there")
        if moved is not Moved.TAKEN:
            return GivenBack(job, name, was_running) if moved is Moved.YES else None
        name = numbered(job, number)
    raise DiskError(f"cannot give {job} back: {_TRIES} jobs of that name wait already")


def bury(layout: Layout, worker: str) -> tuple[GivenBack, ...]:
    """Give back all that ``worker`` holds, and remove its pod, its running directory and its announcement.

    The pod goes first, so that a worker which is not dead after all can claim nothing more; then what was running, and
    its finishing rename finds nothing; the announcement goes last, so that a burial which is itself cut short is begun
    anew by whoever sees the announcement. Raises `PartlyBuried` when a single file is refused.
    """
    returned: list[GivenBack] = []
    _empty(layout, layout.pod(worker), returned, was_running=False)
    _empty(layout, layout.running_dir(worker), returned, was_running=True)
    fsio.remove(layout.announcement(worker))
    return tuple(returned)


def end_leftovers(layout: Layout, worker: str, *, is_here: bool = True) -> int:
    """Kill every process of this host that goes on with a job which ``worker`` was running; return how many.

    Only for a worker that is known to be dead: its job must not go on beside its second run. What jobs that ended by
    themselves have left behind is let be. ``is_here`` says that the worker lived on this host, so that pids which it
    noted mean something here.
    """
    begun = _last_begun(layout, worker)
    jobs = {name for name in fsio.names(layout.running_dir(worker), fresh=True) or () if is_job_name(name)}
    session = _session_of(begun) if is_here and begun.get("job") in jobs else None
    return leftovers.end(Mark(worker, jobs, session)) if jobs else 0


def _last_begun(layout: Layout, worker: str) -> Record:
    """Return the last line of its journal when that tells of a start."""
    records = Tail(layout.journal(worker)).read()
    return records[-1] if records and records[-1]["event"] == "start" else {}


def _session_of(begun: Record) -> int | None:
    """Return the session of a job that was begun, while its leader lives: later its number may be another's."""
    pid, started = begun.get("pid"), begun.get("started")
    started_by = begun.get("started_by", started)
    if not (type(pid) is int and type(started) is int and type(started_by) is int):
        return None
    return pid if 1 < pid < 1 << 31 and identity.is_alive(pid, started, started_by) else None


def _empty(layout: Layout, directory: str, returned: list[GivenBack], *, was_running: bool) -> None:
    """Give back what is in there, adding it to ``returned``, and remove the directory."""
    for _ in range(_TRIES):
        refused: FileRefused | None = None
        for name in fsio.names(directory, fresh=True) or ():
            try:
                _clear(layout, os.path.join(directory, name), returned, was_running=was_running)
            except FileRefused as error:
                refused = refused or error
        if refused is not None:
            raise PartlyBuried(refused, returned)
        if fsio.remove_dir(directory):
            return
    raise DiskError(f"cannot empty {directory}: something is put into it all the time")


def _clear(layout: Layout, path: str, returned: list[GivenBack], *, was_running: bool) -> None:
    name = os.path.basename(path)
    if name.startswith("."):
        fsio.remove(path)
    elif back := give_back(layout, path, name, was_running=was_running):
        returned.append(back)
