"""What the journals tell of runs: all of them in the order in which they ended, or the last one of each job.

The only reader of journals that is no dispatcher; how they are kept is `fjd.spool.journal`'s matter. Times are those of
the writers' clocks, and are for people.
"""

import heapq
import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from fjd.snapshot import JobState
from fjd.spool import fsio, journal, lines
from fjd.spool.journal import Record
from fjd.spool.layout import Layout

_TAIL = 1 << 15
"""So much of a journal's end tells what its writer does at the moment."""
_BEGUN = b'"event":"start"'
_FIRST = b'"attempt":1,'
"""Both stand in most lines that tell of a start, as `Journal.write` spells them; in a job's name a quote is escaped."""


class End(Enum):
    """What became of a run; the value is the word that a user reads."""

    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    """It was never run: its file was not valid, or it was given up."""
    CANCELLED = "cancelled"
    """Its owner took it out of the queue."""
    REQUEUED = "given back"
    SUPERSEDED = "superseded"
    LOST = "lost"
    """Its worker told nothing more of it."""
    RUNNING = "running"

    __hash__ = object.__hash__  # there is one of each, and Enum's own, by name, is ten times as slow


_ENDS = {
    "done": End.DONE,
    "failed": End.FAILED,
    "requeued": End.REQUEUED,
    "superseded": End.SUPERSEDED,
    "rejected": End.REJECTED,
    "cancelled": End.CANCELLED,
}
STATES: Final = {
    End.DONE: JobState.DONE,
    End.FAILED: JobState.FAILED,
    End.REJECTED: JobState.FAILED,
    End.CANCELLED: JobState.FAILED,
    End.RUNNING: JobState.RUNNING,
}
"""In which state a job is whose last run ended so; after the others it waits, or is with somebody else."""


class Run(NamedTuple):
    """One run of a job, or what ended it without one. ``_s`` are seconds since the epoch, on its writer's clock.

    A tuple, since it is made in a third of the time that a frozen dataclass takes, and a journal tells of a million.
    """

    job: str
    end: End
    worker: str = ""
    attempt: int = 1
    began_s: float | None = None
    ended_s: float | None = None
    seconds: float | None = None
    exit: int | None = None
    """As a shell tells it: 128 + N for an end by signal N."""
    signal: int | None = None
    reason: str = ""
    rss_kb: int | None = None
    pid: int | None = None
    again: bool = False
    """It failed, and is to be tried again."""

    @property
    def how(self) -> str:
        """How it ended, in words. A reason that says so itself (``cancelled by ada``) stands alone."""
        if self.reason.startswith(self.end.value):
            return self.reason
        return f"{self.end.value}: {self.reason}" if self.reason else self.end.value

    @property
    def when_s(self) -> float:
        """When it ended, or began where it has not ended."""
        return self.ended_s or self.began_s or 0.0


def history(layout: Layout) -> Iterator[Run]:
    """Yield all runs in the order in which they ended, at last those that go on; no more than one a writer is held."""
    found = _found(layout)
    streams = [_runs_of(layout, writer, found) for writer in sorted(journal.writers(layout))]
    yield from heapq.merge(*streams, key=lambda run: math.inf if run.end is End.RUNNING else run.when_s)


def runs_of_job(layout: Layout, job: str) -> Iterator[Run]:
    """Yield the runs of one job in their order; lines without its name are passed over unread."""
    found = _found(layout)
    streams = [_runs_of(layout, writer, found, job) for writer in sorted(journal.writers(layout))]
    yield from heapq.merge(*streams, key=lambda run: math.inf if run.end is End.RUNNING else run.when_s)


class Retry(NamedTuple):
    """A job that was moved back to the queue since a run of it had failed."""

    attempt: int
    """The one that failed."""
    due_s: float
    """Before this it does not start, on the clock of the dispatcher's host."""


def last_retry(layout: Layout, job: str) -> Retry | None:
    """Return the last time that the job was moved back to be tried again, None when that never was."""
    found: Retry | None = None
    spelt = json.dumps(job).encode()
    for writer in journal.writers(layout):
        if not writer.startswith(journal.DISPATCHER):
            continue
        for line in journal.lines(layout.journal(writer)):
            if b'"retry"' not in line or spelt not in line or (record := journal.parse(line)) is None:
                continue
            due_s = lines.number(record, "not_before") or 0.0
            if record["event"] == "retry" and record.get("name", job) == job and (not found or due_s >= found.due_s):
                found = Retry(lines.whole(record, "attempt") or 1, due_s)
    return found


def last_runs(layout: Layout, jobs: Collection[str] | None = None) -> dict[str, Run]:
    """Return the newest run of each job, or of each of ``jobs``."""
    newest: dict[str, Run] = {}
    for writer in journal.writers(layout):
        for run in _last_of(layout, writer):
            known = newest.get(run.job)
            if (jobs is None or run.job in jobs) and (known is None or run.when_s >= known.when_s):
                newest[run.job] = run
    return newest


def newest_of(layout: Layout, writer: str) -> Run | None:
    """Return what the last line of a worker's journal that tells of a run says, without reading the rest."""
    begun: Record | None = None
    for line in reversed(journal.last_lines(layout.journal(writer), _TAIL)):
        record = journal.parse(line)
        if record is not None and record["event"] == "start":
            begun = record
            break
        if record is not None and (run := _run_of(writer, record, None)):
            return run
    return _unended(layout, writer, begun, {}) if begun is not None else None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a worker ends jobs."""

    ends: int
    over_s: float


def pace_of(layout: Layout, writer: str, since_s: float, window_s: float, silent_s: float) -> Pace:
    """Return how many runs a worker that came at ``since_s`` has ended within the last ``window_s`` of its own time.

    ``silent_s`` is how long ago it wrote its last line. The time is shorter for a worker that has not been there as
    long, and where jobs end so fast that what is read of its journal does not reach back as far.
    """
    tail = journal.last_lines(layout.journal(writer), _TAIL)
    told = [record for line in tail if (record := journal.parse(line)) is not None]
    timed = [(t, record) for record in told if (t := lines.number(record, "t")) is not None]
    if not timed:
        return Pace(0, window_s)
    now_s, first_s = timed[-1][0] + silent_s, timed[0][0]
    is_cut = sum(map(len, tail)) > _TAIL // 2
    from_s = max(now_s - window_s, first_s if is_cut else since_s)
    return Pace(sum(t >= from_s and _is_ended(record) for t, record in timed), max(1.0, now_s - from_s))


def _is_ended(record: Record) -> bool:
    return record["event"] == "end" and record.get("outcome") in ("done", "failed") and record.get("again") is not True


def _last_of(layout: Layout, writer: str) -> Iterator[Run]:
    """Yield what a journal tells of ends, and at last of what was begun and has not ended.

    Most lines that tell of a start are passed over unread, since the line of its end has what matters of them too: a
    hundred thousand runs are to be looked through in a second.
    """
    begun, unread = None, b""
    for line in journal.lines(layout.journal(writer)):
        if _BEGUN in line and _FIRST in line:
            begun, unread = None, line
        elif (record := journal.parse(line)) is None:
            continue
        elif record["event"] == "start":
            begun, unread = record, b""
        elif run := _run_of(writer, record, begun):
            if record["event"] == "end":
                begun, unread = None, b""
            yield run
    begun = begun or (journal.parse(unread) if unread else None)
    if begun is not None and (run := _unended(layout, writer, begun, {})):
        yield run


def _runs_of(layout: Layout, writer: str, found: dict[tuple[str, str], Run], job: str = "") -> Iterator[Run]:
    """Yield the runs that a journal tells of, or those of ``job``, each with its begin and its end."""
    begun: Record | None = None
    spelt = json.dumps(job).encode() if job else b""
    for line in journal.lines(layout.journal(writer)):
        if spelt not in line:
            continue
        record = journal.parse(line)
        if record is None:
            continue
        if record["event"] == "start":
            if begun is not None and (run := _unended(layout, writer, begun, found, is_last=False)):
                yield run
            begun = record
        elif run := _run_of(writer, record, begun):
            if record["event"] == "found":
                continue  # told at its worker's
            begun = None if record["event"] == "end" else begun
            yield run
    if begun is not None and (run := _unended(layout, writer, begun, found)):
        yield run


def _run_of(writer: str, record: Record, begun: Record | None) -> Run | None:
    """Return the run whose end a line tells, None when it tells something else."""
    job = lines.name(record, "job")
    outcome = record.get("outcome") if record["event"] in ("end", "found") else record["event"]
    end = _ENDS.get(outcome) if isinstance(outcome, str) else None
    if job is None or end is None:
        return None
    if begun is not None and begun.get("job") != job:
        begun = None
    ended_s, seconds = lines.number(record, "t"), lines.number(record, "seconds")
    began_s = lines.number(begun, "t") if begun else None
    if began_s is None and ended_s is not None:
        began_s = ended_s - (seconds or 0.0)
    return Run(
        job,
        end,
        writer if record["event"] == "end" else lines.text(record, "worker"),
        lines.whole(record, "attempt") or (lines.whole(begun, "attempt") if begun else None) or 1,
        began_s,
        ended_s,
        seconds,
        lines.status(record),
        lines.whole(record, "signal"),
        lines.text(record, "reason"),
        lines.whole(record, "rss_kb"),
        lines.whole(begun, "pid") if begun else None,
        record.get("again") is True,
    )


def _unended(
    layout: Layout, writer: str, begun: Record, found: dict[tuple[str, str], Run], *, is_last: bool = True
) -> Run | None:
    """Return what became of a run of which its worker tells no end: it goes on, or the worker was lost over it."""
    job = lines.name(begun, "job")
    if job is None:
        return None
    began_s, attempt, pid = lines.number(begun, "t"), lines.whole(begun, "attempt") or 1, lines.whole(begun, "pid")
    if known := found.get((writer, job)):
        return Run(job, known.end, writer, attempt, began_s, known.ended_s, reason=known.reason, pid=pid)
    is_running = is_last and fsio.stamp(layout.running(writer, job)) is not None
    end = End.RUNNING if is_running else End.LOST
    return Run(job, end, writer, attempt, began_s, pid=pid)


def _found(layout: Layout) -> dict[tuple[str, str], Run]:
    """Return what dispatchers have found of runs whose workers died before they could tell."""
    found: dict[tuple[str, str], Run] = {}
    for writer in journal.writers(layout):
        if writer.startswith(journal.DISPATCHER):
            for line in journal.lines(layout.journal(writer)):
                if b'"found"' in line and (record := journal.parse(line)) and (run := _run_of(writer, record, None)):
                    found[run.worker, run.job] = run
    return found
