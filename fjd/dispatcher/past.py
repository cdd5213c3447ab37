"""What the journals tell of the time before we came: what has ended, and how far the rest has got."""

from dataclasses import dataclass, field, replace

from fjd.dispatcher import lines
from fjd.snapshot import JobView
from fjd.spool.journal import Record


@dataclass(frozen=True, slots=True)
class Story:
    """The newest line of a job that has not ended for good, with its time."""

    t: float
    attempt: int = 0
    """The last that was begun; 0 when it has ended for good."""
    failed: JobView | None = None
    """How that one failed, where another is to follow and nobody has said that it does."""
    waits_s: float = 0.0
    """How long the next was to wait, from this line on."""


@dataclass(slots=True)
class Past:
    """All of it. Lines are told journal by journal, and so not in the order of events: the newest of a job counts."""

    ended: list[tuple[float, JobView]] = field(default_factory=list)
    stories: dict[str, Story] = field(default_factory=dict)
    crashed: dict[str, tuple[float, int]] = field(default_factory=dict)

    def tell(self, writer: str, record: Record) -> None:
        """Note what a line says."""
        job, t = lines.name(record, "job"), lines.number(record, "t") or 0.0
        if job is None:
            return
        if record["event"] == "start":
            self._note(job, Story(t, lines.whole(record, "attempt") or 1))
        elif record["event"] == "retry":
            until = lines.number(record, "not_before") or t
            attempt = lines.whole(record, "attempt") or 1
            self._note(lines.name(record, "name") or job, Story(t, attempt, waits_s=max(0.0, until - t)))
        elif view := lines.view_of(writer, record, job):
            self._tell_ended(job, t, view, record)
        elif record["event"] == "requeued" and (crashes := lines.whole(record, "crashes")):
            self._note_crashes(lines.name(record, "name") or job, t, crashes)

    def _tell_ended(self, job: str, t: float, view: JobView, record: Record) -> None:
        attempt = lines.whole(record, "attempt")
        if record.get("again") is True and attempt:
            self._note(job, Story(t, attempt, replace(view, attempt=attempt)))
            return
        self.ended.append((t, view))
        self._note(job, Story(t))

    def _note(self, job: str, story: Story) -> None:
        known = self.stories.get(job)
        if known is None or story.t >= known.t:
            self.stories[job] = story

    def _note_crashes(self, job: str, t: float, crashes: int) -> None:
        if t >= self.crashed.get(job, (0.0, 0))[0]:
            self.crashed[job] = t, crashes

    def unfinished(self) -> dict[str, Story]:
        """Return the stories of what has not ended for good."""
        return {job: story for job, story in self.stories.items() if story.attempt}

    def crashes(self) -> dict[str, int]:
        """Return how many workers were lost over each job that has not ended since."""
        ended_t = {job: story.t for job, story in self.stories.items() if not story.attempt}
        return {job: count for job, (t, count) in self.crashed.items() if t > ended_t.get(job, -1.0)}
