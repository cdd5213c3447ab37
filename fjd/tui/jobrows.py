"""The jobs of a snapshot as rows of a table: grouped, filtered, found again. Pure, and lazy where jobs wait.

A million may wait. Their names are looked at only to filter them, which belongs into a thread, and to find a selected
one that is not where it was.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from fjd import display
from fjd.order import natural_key
from fjd.snapshot import JobState, JobView, Snapshot
from fjd.tui.columns import Column
from fjd.tui.table import Cell
from fjd.tui.tones import JOB_SIGNS, JOB_TONES, Tone

TEXT_MAX = 300
"""No cell shows more of a text than this, however wide the screen."""
_NEAR = 500

COLUMNS = (
    Column("job", min=14, flex=2, max=44, middle=True),
    Column("state", min=12),
    Column("worker", min=8, flex=1, max=12, drop=2, middle=True),
    Column("time", min=6, drop=3, right=True),
    Column("what", min=8, flex=7, drop=1),
)


class Group(Enum):
    """Which jobs the pane shows; the value is the word in its title."""

    ALL = "all"
    RUNNING = "running"
    FAILED = "failed"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class JobKey:
    """What stays the same of a job's row. One name may stand in the queue, in failed/ and in done/ at once."""

    name: str
    place: JobState
    """WAITING for all that has not ended."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of rows: jobs of one kind in their order, without a view being made of any."""

    place: JobState
    length: int
    view: Callable[[int], JobView]
    name: Callable[[int], str]
    is_sorted: bool = False
    """Whether the names are in natural order; then one is found among a million at once."""

    def index(self, name: str, near: int) -> int | None:
        """Return where ``name`` is: first around ``near``, where it nearly always is, then everywhere."""
        if not self.length:
            return None
        near = min(max(near, 0), self.length - 1)
        around = (index for index in _outward(near, self.length, _NEAR) if self.name(index) == name)
        found = next(around, None)
        if found is not None or self.length <= _NEAR:
            return found
        return self._sorted_index(name) if self.is_sorted else self._any_index(name)

    def _sorted_index(self, name: str) -> int | None:
        key = natural_key(name)
        index = bisect_left(range(self.length), key, key=lambda index: natural_key(self.name(index)))
        return index if index < self.length and self.name(index) == name else None

    def _any_index(self, name: str) -> int | None:
        return next((index for index in range(self.length) if self.name(index) == name), None)


class JobRows:
    """Rows made of segments; it keeps the snapshot that they came from."""

    def __init__(self, segments: Sequence[Segment], now_s: float) -> None:
        self._segments = [segment for segment in segments if segment.length]
        self._now_s = now_s
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
        """Return the job in a row."""
        segment, index = self._at(index)
        return segment.view(index)

    def key(self, index: int) -> JobKey:
        """Return the job's name and where it is."""
        segment, index = self._at(index)
        return JobKey(segment.name(index), segment.place)

    def cells(self, index: int) -> tuple[Cell, ...]:
        """Return what the columns show."""
        return job_cells(self.job(index), self._now_s)

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


def all_rows(snapshot: Snapshot, group: Group, now_s: float) -> JobRows:
    """Return the rows of a group, unfiltered, at a cost that does not depend on their number."""
    return JobRows(_segments(snapshot, group), now_s)


def matching_rows(snapshot: Snapshot, group: Group, wanted: str, now_s: float) -> JobRows:
    """Return those of which the name, as it is shown, holds ``wanted``; the cost grows with the number of jobs."""
    return JobRows([_matching(segment, wanted) for segment in _segments(snapshot, group)], now_s)


def _segments(snapshot: Snapshot, group: Group) -> list[Segment]:
    running = tuple(job for job in snapshot.active if job.state is JobState.RUNNING)
    handed = tuple(job for job in snapshot.active if job.state is not JobState.RUNNING)
    waiting = snapshot.waiting
    names = waiting.names
    queue = Segment(
        JobState.WAITING, len(waiting), waiting.__getitem__, names.__getitem__, is_sorted=waiting.is_natural
    )
    segments = {
        Group.ALL: [
            _ended_or_active(JobState.WAITING, snapshot.active),
            _ended_or_active(JobState.FAILED, snapshot.failed),
            queue,
            _ended_or_active(JobState.DONE, snapshot.done),
        ],
        Group.RUNNING: [_ended_or_active(JobState.WAITING, running)],
        Group.FAILED: [_ended_or_active(JobState.FAILED, snapshot.failed)],
        Group.WAITING: [
            _ended_or_active(JobState.WAITING, handed),
            queue,
        ],
        Group.DONE: [_ended_or_active(JobState.DONE, snapshot.done)],
    }
    return segments[group]


def _ended_or_active(place: JobState, jobs: Sequence[JobView]) -> Segment:
    return Segment(place, len(jobs), jobs.__getitem__, lambda index: jobs[index].name)


def _matching(segment: Segment, wanted: str) -> Segment:
    wanted = wanted.casefold()
    picked = array("L", (index for index in range(segment.length) if _holds(segment.name(index), wanted)))
    return Segment(
        segment.place,
        len(picked),
        lambda index: segment.view(picked[index]),
        lambda index: segment.name(picked[index]),
        segment.is_sorted,
    )


def _holds(name: str, wanted: str) -> bool:
    return wanted in name.casefold() or (not name.isprintable() and wanted in display.clean(name).casefold())


# ---- from jobs to cells


def job_cells(job: JobView, now_s: float) -> tuple[Cell, ...]:
    """Return what the columns show of a job."""
    tone = JOB_TONES[job.state]
    ended = job.state in (JobState.DONE, JobState.FAILED)
    return (
        Cell(display.clean(job.name, max_len=TEXT_MAX), Tone.DIM if job.state is JobState.DONE else Tone.PLAIN),
        Cell(f"{JOB_SIGNS[job.state]} {job.state.value}", tone),
        Cell(display.clean(_short(job.worker), max_len=TEXT_MAX), Tone.DIM),
        Cell(_time(job, now_s), Tone.DIM if ended else Tone.PLAIN),
        Cell(*_what(job)),
    )


def _what(job: JobView) -> tuple[str, Tone]:
    command = display.clean(job.command, max_len=TEXT_MAX)
    reason = display.clean(job.reason, max_len=TEXT_MAX)
    if job.attempt > 1:
        reason = f"attempt {job.attempt}" + (f", {reason}" if reason else "")
    text = " · ".join(filter(None, (reason, command)))
    return text, Tone.BAD if job.state is JobState.FAILED else Tone.DIM


def _short(worker: str) -> str:
    return worker.rpartition("-")[0] or worker


def _time(job: JobView, now_s: float) -> str:
    if job.seconds is not None:
        return display.duration(job.seconds)
    if job.state is JobState.RUNNING and job.since_s is not None:
        return display.duration(now_s - job.since_s)
    return ""


def tally(snapshot: Snapshot) -> Iterator[tuple[Group, int]]:
    """Yield each group with how many jobs it has, as the counts say."""
    counts = snapshot.counts
    yield Group.RUNNING, counts.running
    yield Group.FAILED, counts.failed
    yield Group.WAITING, counts.waiting + counts.handed
    yield Group.DONE, counts.done
