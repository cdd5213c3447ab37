"""The picture in memory of what the directories show: who waits, who runs what, what has ended.

It is fed by increments and asked by the policy and by the fronts; it never touches the disk and has no clock of its own
(times are handed in, seconds on the monotonic clock of this process). What a change costs does not grow with the length
of the queue.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from fjd import retry
from fjd.jobfile import NO_TERMS, Terms
from fjd.ledger.bonds import Bonds
from fjd.ledger.names import SortedNames
from fjd.ledger.outcomes import Outcomes
from fjd.ledger.queue import Queue
from fjd.ledger.records import Active, Readiness, Retrying, Waiting
from fjd.ledger.rules import NO_RULES, Rules
from fjd.order import in_natural_order, queue_key
from fjd.settings import Timings
from fjd.snapshot import Counts, CrewView, EventKind, JobState, JobView
from fjd.spool.fsio import Stamp


class Ledger(Outcomes):
    """The whole picture."""

    def __init__(self, timings: Timings | None = None) -> None:
        super().__init__(timings)
        self.is_paused = False
        self.rules: Rules = NO_RULES
        self.halted = ""
        """Why nothing more is handed out, empty while it is."""
        self.load = 0.0
        """Of this host."""
        self.available_bytes: int | None = None
        """How much memory of this host is free; None where that cannot be told."""
        self.crew: CrewView | None = None
        """The elastic crew, where there is one."""
        self.strays: frozenset[str] = frozenset()
        """Jobs that are with workers whom nobody announces."""
        self.queue = Queue()
        self.waiting = self.queue.waiting
        self.order = self.queue.order
        self.unread = self.queue.unread
        self.held = SortedNames(lambda name: queue_key(name, 0), in_natural_order)
        """The names of the jobs that their owner keeps out of the queue."""
        self.retrying: dict[str, Retrying] = {}
        """What stands in ``failed/`` and is tried again, until it is moved back."""
        self.active: dict[str, Active] = {}
        self._holdings: dict[str, dict[str, None]] = {}
        """The active by their workers."""
        self.bonds = Bonds(self.is_unfinished, self._unfinished)

    # ---- the queue

    def job_appeared(self, name: str) -> None:
        """A file stands in ``jobqueue/`` that was not known."""
        self.version += self.queue.add(name)
        self.bonds.touch(name)

    def jobs_appeared(self, names: list[str]) -> None:
        """Files stand in ``jobqueue/``, of which many may be new."""
        new = self.queue.add_all(names)
        self.version += bool(new)
        for name in new if self.bonds.wants else ():
            self.bonds.touch(name)

    def job_read(
        self, name: str, stamp: Stamp, command: str, logfile: str, terms: Terms = NO_TERMS, *, is_next: bool = False
    ) -> None:
        """The waiting job was read and may be handed out, when nothing that it asks for holds it.

        One that ``is_next`` is to be handed out at once.
        """
        if name in self.waiting:
            self.bonds.bind(name, terms)
            self.queue.block(name, is_blocked=name in self.bonds.wants)
        self.version += self.queue.read(name, stamp, command, logfile, terms, is_next=is_next)

    def job_changed(self, name: str, readiness: Readiness) -> None:
        """The waiting job is being written, or was changed since it was read and is to be read again."""
        self.version += self.queue.change(name, readiness)

    def job_left_queue(self, name: str) -> Waiting | None:
        """The file stands in ``jobqueue/`` no more."""
        waiting = self.queue.discard(name)
        if waiting is not None:
            self.version += 1
            self.bonds.unbind(name)
            self.bonds.touch(name)
        return waiting

    def ready(self) -> Iterator[Waiting]:
        """Yield the jobs that may be handed out, in their order; one whose name is in use waits (rule 13)."""
        return (waiting for waiting in self.queue.ready() if waiting.name not in self.active)

    def time_passes(self, now_s: float) -> None:
        """Let those go that wait for a time which has come."""
        self.version += self.queue.time_passes(now_s, self.wall_s)

    def hold(self, names: Iterable[str]) -> None:
        """Note what stands in ``held/``."""
        now = set(names)
        known = set(self.held)
        for name in known - now:
            self.held.remove(name)
        self.held.update(list(now - known))
        for name in known ^ now:
            self.bonds.touch(name)
        self.version += known != now

    def stray(self, names: Iterable[str]) -> None:
        """Note what is with workers whom nobody announces."""
        before, self.strays = self.strays, frozenset(names)
        for name in before ^ self.strays:
            self.bonds.touch(name)

    def job_passed_over(self, name: str, now_s: float) -> None:
        """Its turn has come, and no host had room for it."""
        if name in self.waiting:
            self.queue.passed_over[name] = now_s
            self.version += 1

    # ---- what waits for what

    def is_unfinished(self, name: str) -> bool:
        """Tell whether a job of that name has not ended, by all we know."""
        return (
            name in self.waiting
            or name in self.active
            or name in self.retrying
            or name in self.held
            or name in self.strays
        )

    def _unfinished(self) -> Iterator[str]:
        return chain(self.waiting, self.active, self.retrying, self.held, self.strays)

    def settle(self) -> None:
        """Let those go that waited for others that have ended now; to be called before each plan."""
        for name, is_blocked in self.bonds.settle():
            self.queue.block(name, is_blocked=is_blocked)
            self.version += 1

    # ---- what is handed out and runs

    def job_handed(self, name: str, worker: str, now_s: float) -> None:
        """The job was moved from the queue into the pod of ``worker``."""
        waiting = self.waiting.get(name)
        self.job_seen_handed(name, worker, now_s, waiting.terms if waiting else None)
        self.job_left_queue(name)

    def job_seen_handed(self, name: str, worker: str, now_s: float, terms: Terms | None = None) -> None:
        """The job lies in the pod of ``worker``; a file in the queue may be another job of that name (rule 13)."""
        known = self.waiting.get(name)
        command, logfile = (known.command, known.logfile) if known else ("", "")
        self._let_go(name)
        attempt = self.attempts.get(name, 0) + 1
        self._put(Active(name, worker, now_s, command=command, logfile=logfile, attempt=attempt, terms=terms))
        self.bonds.touch(name)
        self.version += 1

    def job_started(self, name: str, worker: str, now_s: float, attempt: int) -> None:
        """The worker runs it."""
        self.attempts[name] = attempt
        active = self.active.get(name)
        if active is None or active.worker != worker:
            self.job_seen_handed(name, worker, now_s)
            active = self.active[name]
        crew = self.workers.get(worker)
        if crew is not None:
            if not crew.running:
                self._learn_round_trip(now_s - max(active.since_s, crew.since_s))
            crew.pod.discard(name)
            crew.running, crew.since_s = name, now_s
            self.loads.note(worker, crew)
        active.is_running, active.since_s, active.attempt = True, now_s, attempt
        active.is_passed_by = False
        self.version += 1

    def job_taken_back(self, name: str, worker: str, now_s: float) -> None:
        """The job was moved from the pod it lay in to that of ``worker``."""
        active = self.active[name]
        self._let_go(name)
        self._put(replace(active, worker=worker, since_s=now_s, missing_since_s=None))
        self.version += 1

    def job_passed_by(self, name: str, worker: str) -> bool:
        """The worker holds the job, cannot do with it for now, and takes others; tell whether that is news."""
        active = self.active.get(name)
        if active is None or active.worker != worker:
            return False
        if crew := self.workers.get(worker):
            crew.pod.discard(name)
            crew.running = "" if crew.running == name else crew.running
            self.loads.note(worker, crew)
        is_news, active.is_passed_by = not active.is_passed_by, True
        self.version += 1
        return is_news

    def job_lost_track(self, name: str) -> None:
        """The job is neither in its pod nor running any more; where it is now will be seen."""
        self._let_go(name)
        self.version += 1

    def _put(self, active: Active) -> None:
        """It lies in the pod of its worker."""
        self.active[active.name] = active
        self._holdings.setdefault(active.worker, {})[active.name] = None
        if crew := self.workers.get(active.worker):
            crew.pod.add(active.name)
            self.loads.note(active.worker, crew)

    def _let_go(self, name: str) -> None:
        active = self.active.pop(name, None)
        if active is None:
            return
        self.bonds.touch(name)
        held = self._holdings[active.worker]
        del held[name]
        if not held:
            del self._holdings[active.worker]
        if crew := self.workers.get(active.worker):
            crew.pod.discard(name)
            crew.running = "" if crew.running == name else crew.running
            self.loads.note(active.worker, crew)

    # ---- what ended

    def job_ended(self, view: JobView, now_s: float, *, status: int | None = None, terms: Terms | None = None) -> None:
        """The job stands in ``done/`` or ``failed/``; ``view`` tells how it ended.

        Where a failed one is tried again by its ``terms``, it has not ended yet: it is in `retrying`. ``status`` stands
        in for an exit status that is not known.
        """
        active = self.active.get(view.name)
        if active is not None and active.worker == view.worker:
            said = (active.command, active.logfile, active.attempt)
            terms = active.terms or terms
            self._let_go(view.name)
        else:
            said = (view.command, view.logfile, max(view.attempt, self.attempts.get(view.name, 1)))
        if (crew := self.workers.get(view.worker)) and not crew.running:
            crew.since_s = now_s
        if view.seconds is not None:
            self._learn_run(view.seconds)
        view = view.ended(now_s, *said)
        self.version += 1
        if not self._is_to_retry(view, view.exit if status is None else status, terms or NO_TERMS):
            self._end(view, now_s)

    def judge(self, view: JobView, terms: Terms | None) -> None:
        """The job stands in ``failed/`` from before we came, and its last run may be one that is tried again."""
        if not self._is_to_retry(view, view.exit, terms or NO_TERMS):
            self.attempts.pop(view.name, None)
            self.remember(view)

    def _is_to_retry(self, view: JobView, status: int | None, terms: Terms) -> bool:
        """Tell whether this is a failed run, and not the last; then it is noted as that."""
        if view.state is not JobState.FAILED or not view.worker:
            return False
        if not retry.is_tried_again(terms, status, view.attempt, view.reason):
            return False
        self.attempts[view.name] = view.attempt
        self.retrying[view.name] = Retrying(view, terms)
        return True

    def _end(self, view: JobView, now_s: float) -> None:
        """It has ended for good."""
        self.bonds.ended(view.name, is_done=view.state is JobState.DONE)
        self.attempts.pop(view.name, None)
        self.crashes.pop(view.name, None)
        self.ended_here += 1
        self.rates.ended(now_s)
        self.remember(view)
        if view.state is JobState.DONE:
            self.done_count += 1
            return
        self.failed_count += 1
        self.failed_here += 1
        kind = EventKind.FAILED if view.worker else EventKind.REJECTED
        self.note(kind, f"{view.name} failed: {view.reason}", job=view.name, worker=view.worker)

    def job_tried_again(self, name: str, new_name: str, due_s: float, text: str) -> None:
        """The failed job was moved back into the queue, as ``new_name``, and waits until ``due_s`` (monotonic)."""
        self.retrying.pop(name, None)
        self.job_renamed(name, new_name)
        self.queue.hold_until(new_name, due_s)
        self.job_appeared(new_name)
        self.note(EventKind.RETRIED, text, job=new_name)

    def job_left_failed(self, name: str) -> None:
        """The job that was to be tried again stands in ``failed/`` no more: somebody else has moved it."""
        if self.retrying.pop(name, None) is not None:
            self.version += 1
            self.bonds.touch(name)

    def count_ended(self, state: JobState, count: int, names: frozenset[str] | None = None) -> None:
        """Set a count to what a listing showed; with ``names``, forget the remembered that stand there no more."""
        if state is JobState.DONE:
            changed, self.done_count = self.done_count != count, count
        else:
            changed, self.failed_count = self.failed_count != count, count
        if names is not None:
            if state is JobState.FAILED:
                for name in self.retrying.keys() - names:
                    self.job_left_failed(name)
            history = self.done if state is JobState.DONE else self.failed
            for name in [name for name in history if name not in names]:
                del history[name]
                changed = True
        self.version += changed

    # ---- workers

    def worker_left(self, worker: str, kind: EventKind, text: str) -> list[Active]:
        """It is gone; return what it held, which is now to be looked for."""
        crew = self.workers.pop(worker)
        self.loads.forget(worker)
        self.suspects.pop(worker, None)
        if kind is EventKind.WORKER_LOST:
            crew.lost_why = text
            self.lost.append(crew)
        held = [self.active[name] for name in self._holdings.get(worker, ())]
        self.note(kind, text, worker=worker)
        return held

    # ---- figures

    @property
    def counts(self) -> Counts:
        running = len(self.loads.busy)
        waiting = len(self.waiting) + len(self.retrying)
        return Counts(
            waiting, len(self.active) - running, running, self.done_count, self.failed_count, held=len(self.held)
        )
