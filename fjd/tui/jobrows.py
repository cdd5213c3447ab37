"""The jobs of a snapshot as rows of a table: grouped, and found again. Pure, and lazy where jobs wait.

A million may wait. Their names are looked at only to filter or to sort them (`fjd.tui.arrange`), which belongs into a
thread, and to find a selected one that is not where it was.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from fjd.order import natural_key, queue_key
from fjd.snapshot import JobState, JobView, Snapshot, WaitingJobs
from fjd.tui import jobcolumns
from fjd.tui.columns import Column
from fjd.tui.jobcolumns import Look
from fjd.tui.rows import Cell

_NEAR = 500


class Group(Enum):
    """Which jobs the pane shows; the value is the word in its title."""

    ALL = "all"
    RUNNING = "running"
    FAILED = "failed"
    HELD = "held"
    WAITING = "waiting"
    DONE = "done"


class JobKey(NamedTuple):
    """What stays the same of a job's row. One name may stand in the queue, in failed/ and in done/ at once."""

    name: str
    place: JobState
    """WAITING for all that is in the queue or beyond and has not ended."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of rows: jobs of one kind in their order, without a view being made of any."""

    place: JobState
    length: int
    view: Callable[[int], JobView]
    name: Callable[[int], str]
    key: Callable[[str], Any] | None = None
    """The key by which the names are in order, where they are; then one is found among a million at once."""
    only_waits: bool = False
    """Whether these jobs do nothing but wait, and so have no worker, no time and the like."""
    names: Iterable[str] = ()
    """Of those that only wait all names in their order, which is quicker than asking for one after the other."""

    def index(self, name: str, near: int) -> int | None:
        """Return where ``name`` is: first around ``near``, where it nearly always is, then everywhere."""
        if not self.length:
            return None
        near = min(max(near, 0), self.length - 1)
        around = (index for index in _outward(near, self.length, _NEAR) if self.name(index) == name)
        found = next(around, None)
        if found is not None or self.length <= _NEAR:
            return found
        return self._any_index(name) if self.key is None else self._sorted_index(name, self.key)

    def _sorted_index(self, name: str, key: Callable[[str], Any]) -> int | None:
        index = bisect_left(range(self.length), key(name), key=lambda index: key(self.name(index)))
        return index if index < self.length and self.name(index) == name else None

    def _any_index(self, name: str) -> int | None:
        return next((index for index in range(self.length) if self.name(index) == name), None)


class JobRows:
    """Rows made of segments; it keeps the snapshot that they came from. ``look`` may be set anew at any time."""

    def __init__(self, segments: Sequence[Segment], look: Look) -> None:
        self.look = look
        self._segments = [segment for segment in segments if segment.length]
        self._views: dict[int, JobView] = {}
        self._length = sum(segment.length for segment in self._segments)

    def __len__(self) -> int:
        return self._length

    def _at(self, index: int) -> tuple[Segment, int]:
        for segment in self._segments:
            if index < segment.length:
                return segment, index
            index -= segment.length
        raise IndexError(index)

    def job(self, index: int) -> JobView:
        """Return the job in a row. Some are kept, since a paint asks for each several times; other threads ask too."""
        view = self._views.get(index)
        if view is None:
            segment, at = self._at(index)
            view = segment.view(at)
            if len(self._views) >= _NEAR:
                self._views.clear()
            self._views[index] = view
        return view

    def key(self, index: int) -> JobKey:
        """Return the job's name and where it is."""
        segment, index = self._at(index)
        return JobKey(segment.name(index), segment.place)

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return what the columns show."""
        return jobcolumns.cells(self.job(index), columns, self.look)

    def find(self, key: Hashable, near: int) -> int | None:
        """Return where the job is; where it is no more in its old place, in another one."""
        if not isinstance(key, JobKey):
            return None
        elsewhere: int | None = None
        start = 0
        for segment in self._segments:
            if segment.place is key.place or elsewhere is None:
                found = segment.index(key.name, near - start)
                if found is not None and segment.place is key.place:
                    return start + found
                if found is not None:
                    elsewhere = start + found
            start += segment.length
        return elsewhere


def _outward(near: int, length: int, distance: int) -> Iterator[int]:
    """Yield the indexes from ``near`` on outward, ``distance`` to either side."""
    yield near
    for step in range(1, distance):
        if near + step < length:
            yield near + step
        if near >= step:
            yield near - step


# ---- from snapshot to segments


def all_rows(snapshot: Snapshot, group: Group, look: Look) -> JobRows:
    """Return the rows of a group, in the order of the snapshot, at a cost that does not depend on their number."""
    return JobRows(segments_of(snapshot, group), look)


def segments_of(snapshot: Snapshot, group: Group) -> list[Segment]:
    """Return the runs of jobs that a group is made of."""
    running = tuple(job for job in snapshot.active if job.state is JobState.RUNNING)
    handed = tuple(job for job in snapshot.active if job.state is not JobState.RUNNING)
    queue, held = _kept(JobState.WAITING, snapshot.waiting), _kept(JobState.HELD, snapshot.held)
    segments = {
        Group.ALL: [
            _ended_or_active(JobState.WAITING, snapshot.active),
            _ended_or_active(JobState.FAILED, snapshot.failed),
            held,
            queue,
            _ended_or_active(JobState.DONE, snapshot.done),
        ],
        Group.RUNNING: [_ended_or_active(JobState.WAITING, running)],
        Group.FAILED: [_ended_or_active(JobState.FAILED, snapshot.failed)],
        Group.HELD: [held],
        Group.WAITING: [
            _ended_or_active(JobState.WAITING, handed),
            queue,
        ],
        Group.DONE: [_ended_or_active(JobState.DONE, snapshot.done)],
    }
    return segments[group]


def _kept(place: JobState, jobs: WaitingJobs) -> Segment:
    """Return those that only wait. By the priorities of now: a job that changed its own is found a moment later."""
    key = natural_key if jobs.is_natural else lambda name: queue_key(name, jobs.view_of(name).priority)
    return Segment(place, len(jobs), jobs.__getitem__, jobs.names.__getitem__, key, True, jobs.names)


def _ended_or_active(place: JobState, jobs: Sequence[JobView]) -> Segment:
    return Segment(place, len(jobs), jobs.__getitem__, lambda index: jobs[index].name)


def tally(snapshot: Snapshot) -> Iterator[tuple[Group, int]]:
    """Yield each group with how many jobs it has, as the counts say; that of the held where there are some."""
    counts = snapshot.counts
    yield Group.RUNNING, counts.running
    yield Group.FAILED, counts.failed
    if counts.held:
        yield Group.HELD, counts.held
    yield Group.WAITING, counts.waiting + counts.handed
    yield Group.DONE, counts.done
