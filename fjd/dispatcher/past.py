"""What the journals tell of the time before we came: what has ended, and how far the rest has got.

Of a million jobs that have ended few lines still matter. Those are kept as they were written, so that they can be
written down again, and what is known then be told from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from fjd.dispatcher import lines
from fjd.ledger import HISTORY_MAX
from fjd.snapshot import JobState, JobView
from fjd.spool.journal import Record

Line = tuple[str, Record]
"""Who wrote it, and what."""


@dataclass(frozen=True, slots=True)
class Story:
    """How far a job has got that has not ended for good, with the time of its newest line."""

    t: float
    attempt: int
    """The last that was begun."""
    failed: JobView | None = None
    """How that one failed, where another is to follow and nobody has said that it does."""
    waits_s: float = 0.0
    """How long the next was to wait, from this line on."""


@dataclass(slots=True)
class Past:
    """All of it. Lines are told in the order of their times, so that the last of a job counts."""

    ended: dict[JobState, dict[str, Line]] = field(default_factory=lambda: {JobState.DONE: {}, JobState.FAILED: {}})
    """The newest of each outcome, the oldest first."""
    begun: dict[str, Line] = field(default_factory=dict)
    """The last line of each job that has not ended for good."""
    crashed: dict[str, Line] = field(default_factory=dict)
    """The last that says how many workers were lost over a job that has not ended since."""

    def tell(self, writer: str, record: Record) -> None:
        """Note what a line says."""
        job = lines.name(record, "job")
        if job is None:
            return
        event, line = record["event"], (writer, record)
        if event == "start" or _is_tried_again(record):
            self.begun[job] = line
        elif event == "retry":
            self.begun[lines.name(record, "name") or job] = line
        elif state := lines.state_of(record):
            self._tell_ended(job, state, line)
        elif event == "requeued" and lines.whole(record, "crashes"):
            self.crashed[lines.name(record, "name") or job] = line

    def _tell_ended(self, job: str, state: JobState, line: Line) -> None:
        self.begun.pop(job, None)
        self.crashed.pop(job, None)
        for ended in self.ended.values():
            ended.pop(job, None)
        ended = self.ended[state]
        ended[job] = line
        if len(ended) > HISTORY_MAX:
            del ended[next(iter(ended))]

    def lines(self) -> Iterator[Line]:
        """Yield what is kept, in an order in which it can be told to another."""
        for ended in self.ended.values():
            yield from ended.values()
        yield from self.begun.values()
        yield from self.crashed.values()

    def views(self) -> Iterator[JobView]:
        """Yield what has ended, those of each outcome in their order."""
        for ended in self.ended.values():
            for job, (writer, record) in ended.items():
                if view := lines.view_of(writer, record, job):
                    yield view

    def unfinished(self) -> dict[str, Story]:
        """Return the stories of what has not ended for good."""
        return {job: _story(job, *line) for job, line in self.begun.items()}

    def crashes(self) -> dict[str, int]:
        """Return how many workers were lost over each job that has not ended since."""
        return {job: lines.whole(record, "crashes") or 0 for job, (_, record) in self.crashed.items()}


def _is_tried_again(record: Record) -> bool:
    return record.get("again") is True and lines.state_of(record) is not None and bool(lines.whole(record, "attempt"))


def _story(job: str, writer: str, record: Record) -> Story:
    t = lines.number(record, "t") or 0.0
    attempt = lines.whole(record, "attempt") or 1
    if record["event"] == "start":
        return Story(t, attempt)
    if record["event"] == "retry":
        return Story(t, attempt, waits_s=max(0.0, (lines.number(record, "not_before") or t) - t))
    view = lines.view_of(writer, record, job)
    return Story(t, attempt, replace(view, attempt=attempt) if view else None)
