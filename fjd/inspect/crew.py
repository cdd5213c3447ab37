"""The workers as whoever does not dispatch can see them: what they announce, hold and run, and whether they live."""

from collections.abc import Iterable
from dataclasses import dataclass

from fjd.inspect import runs
from fjd.inspect.runs import End
from fjd.settings import Timings
from fjd.snapshot import WorkerState
from fjd.spool import fsio
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from fjd.spool.members import Member, members


@dataclass(frozen=True, slots=True)
class Worker:
    """One announced worker. ``since_s`` are seconds since the epoch, on the worker's clock."""

    said: Announcement
    state: WorkerState
    running: tuple[str, ...]
    handed: int
    """How many more jobs lie in its pod."""
    is_frozen: bool
    job_since_s: float | None = None
    """When it began the job that it runs."""
    silent_s: float | None = None
    """How long ago, on the disk's clock, it showed the last sign of life; of this host the process is asked instead."""

    @property
    def id(self) -> str:
        return self.said.id


def workers(layout: Layout, timings: Timings | None = None, *, is_dated: bool = True) -> list[Worker]:
    """Return the crew by host and number; ``is_dated`` looks up in the journals since when they run what they run."""
    crew = members(layout)
    lease_s = (timings or Timings()).lease_s
    beats = {member.id: fsio.heartbeat(layout.announcement(member.id)) for member in crew}
    newest_ns = max((beat for beat in beats.values() if beat is not None), default=0)
    since = _begun(layout, crew) if is_dated else {}
    return [_worker(layout, member, beats[member.id], newest_ns, lease_s, since.get(member.id)) for member in crew]


def _worker(
    layout: Layout, member: Member, beat_ns: int | None, newest_ns: int, lease_s: float, since_s: float | None
) -> Worker:
    said = member.announcement
    # Two times that the same disk has written: no clock of a host is in it (rule 5).
    silent_s = None if said.is_here() or beat_ns is None else (newest_ns - beat_ns) / 1e9
    is_lost = not said.process_lives() if said.is_here() else silent_s is not None and silent_s > lease_s
    return Worker(
        said,
        WorkerState.LOST if is_lost else _state(member),
        member.running,
        len(member.handed),
        fsio.stamp(layout.order(said.id, "freeze")) is not None,
        since_s,
        silent_s,
    )


def _state(member: Member) -> WorkerState:
    if member.is_leaving:
        return WorkerState.DRAINING
    return WorkerState.BUSY if member.running else WorkerState.IDLE


def _begun(layout: Layout, crew: Iterable[Member]) -> dict[str, float | None]:
    """Return since when each runs what it runs, from the end of its journal."""
    found: dict[str, float | None] = {}
    for member in crew:
        run = runs.newest_of(layout, member.id) if member.running else None
        if run is not None and run.end is End.RUNNING:
            found[member.id] = run.began_s
    return found
