"""The journals as the dispatcher follows them: lines become changes of the ledger."""

from fjd.dispatcher import lines
from fjd.dispatcher.history import History
from fjd.dispatcher.past import Story
from fjd.dispatcher.terms import TermsReader
from fjd.errors import FileRefused
from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.snapshot import EventKind, JobState, JobView
from fjd.spool import fsio, journal
from fjd.spool.journal import Record, Tail
from fjd.spool.layout import Layout


class Stories:
    """Tails of the workers' journals. ``started`` holds, by job, who began it and was not seen to end it."""

    def __init__(self, layout: Layout, ledger: Ledger, terms: TermsReader) -> None:
        self._layout = layout
        self._terms = terms
        self._ledger = ledger
        self._tails: dict[str, Tail] = {}
        self._unreadable: set[str] = set()
        self.unwritten = 0
        """How many lines of the past had to be read since it was last written down."""

    def read_history(self, live: set[str], now_s: float = 0.0) -> None:
        """Read all that was written before we came; what ended is remembered, and neither counted nor told."""
        history = History(self._layout, self._say_unreadable)
        history.read()
        self.unwritten = history.news
        for writer in journal.writers(self._layout):
            if writer in live or writer.startswith(journal.USER):
                self._tails[writer] = Tail(self._layout.journal(writer), history.offset(writer))
        past = history.past
        for view in past.views():
            self._ledger.remember(view)
        unfinished = past.unfinished()
        self._ledger.attempts = {job: story.attempt for job, story in unfinished.items()}
        self._ledger.crashes = past.crashes()
        for job, story in unfinished.items():
            self._go_on(job, story, now_s)

    def _go_on(self, job: str, story: Story, now_s: float) -> None:
        """Let a job wait for its retry as long as it still has to; take one up of which nobody got round to it.

        The wall clock may be another host's: it never makes it wait for longer than it was to wait at first.
        """
        if story.waits_s and (left_s := story.t + story.waits_s - self._ledger.wall_s) > 0:
            self._ledger.queue.hold_until(job, now_s + min(left_s, story.waits_s))
        path = self._layout.failed(job)
        if story.failed is not None and job not in self._ledger.active and fsio.stamp(path) is not None:
            self._ledger.judge(story.failed, self._terms.at_path(path))

    def follow(self, worker: str, now_s: float) -> None:
        """Read what the worker has written since, and tell the ledger."""
        tail = self._tails.get(worker)
        if tail is None:
            tail = self._tails[worker] = Tail(self._layout.journal(worker))
        for record in self._read(tail, worker):
            self._tell(worker, record, now_s)

    def cancelled(self) -> list[JobView]:
        """Return what users have told since of jobs that they took out of the queue."""
        told = []
        for writer in journal.writers(self._layout):
            if writer.startswith(journal.USER):
                tail = self._tails.setdefault(writer, Tail(self._layout.journal(writer)))
                for record in self._read(tail, writer):
                    job = lines.name(record, "job")
                    if job is not None and (view := lines.view_of(writer, record, job)):
                        told.append(view)
        return told

    def _read(self, tail: Tail, writer: str) -> list[Record]:
        """Return what is new; of a file that the disk refuses that is said once, and all others are followed."""
        try:
            records = tail.read()
        except FileRefused as error:
            self._say_unreadable(writer, error)
            return []
        self._unreadable.discard(writer)
        return records

    def _say_unreadable(self, writer: str, error: FileRefused) -> None:
        if writer not in self._unreadable:
            self._unreadable.add(writer)
            self._ledger.note(EventKind.TROUBLE, f"what {writer} tells cannot be read: {error}")

    def let_go(self, worker: str) -> None:
        """Follow it no more."""
        self._tails.pop(worker, None)

    def _tell(self, worker: str, record: Record, now_s: float) -> None:
        job = lines.name(record, "job")
        if job is None:
            return
        if record["event"] == "start":
            self._ledger.job_started(job, worker, now_s, lines.whole(record, "attempt") or 1)
        elif record["event"] == "refused":
            if self._ledger.job_passed_by(job, worker):
                text = f"{worker} passes {job} by for now: {lines.text(record, 'reason')}"
                self._ledger.note(EventKind.TROUBLE, text, job=job, worker=worker)
        elif view := lines.view_of(worker, record, job):
            self._ledger.job_ended(view, now_s, terms=self._terms_of(view))
        elif record["event"] == "end":
            self._tell_unfinished(worker, record, job)

    def _terms_of(self, view: JobView) -> Terms | None:
        """Return the terms of a job that has failed, where the ledger does not know them."""
        active = self._ledger.active.get(view.name)
        is_known = active is not None and active.worker == view.worker and active.terms is not None
        if view.state is not JobState.FAILED or is_known:
            return None
        return self._terms.at_path(self._layout.failed(view.name))

    def _tell_unfinished(self, worker: str, record: Record, job: str) -> None:
        """It was given back, or its result came too late to count."""
        active = self._ledger.active.get(job)
        if active is not None and active.worker == worker:
            self._ledger.job_lost_track(job)
        if record.get("outcome") == "superseded":
            text = f"{job}: the result of {worker} came too late and is discarded"
            self._ledger.note(EventKind.SUPERSEDED, text, job=job, worker=worker)
        else:
            text = f"{job} was given back by {worker}"
            self._ledger.note(EventKind.REQUEUED, text, job=job, worker=worker)
