"""The picture in memory of what the directories show: who waits, who runs what, what has ended.

It is fed by increments and asked by the policy and by the fronts; it never touches the disk and has no clock of its own
(times are handed in, seconds on the monotonic clock of this process). What a change costs does not grow with the length
of the queue.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sortedcontainers import SortedKeyList

from fjd import retry
from fjd.jobfile import NO_TERMS, Terms
from fjd.ledger.queue import Queue
from fjd.ledger.rates import Rates
from fjd.ledger.records import Active, Crew, Readiness, Retrying, Waiting
from fjd.order import natural_key
from fjd.settings import Timings
from fjd.snapshot import Counts, Event, EventKind, JobState, JobView
from fjd.spool.announce import Announcement
from fjd.spool.fsio import Stamp

HISTORY_MAX = 10_000
"""How many ended jobs of each kind are remembered by name."""
EVENTS_MAX = 10_000
LOST_MAX = 50
_SMOOTHING = 0.2


class Ledger:
    """The whole picture."""

    def __init__(self, timings: Timings | None = None) -> None:
        self.timings = timings or Timings()
        self.version = 0
        self.is_paused = False
        self.queue = Queue()
        self.waiting = self.queue.waiting
        self.order = self.queue.order
        self.unread = self.queue.unread
        self.held: SortedKeyList = SortedKeyList(key=natural_key)
        """The names of the jobs that their owner keeps out of the queue."""
        self.retrying: dict[str, Retrying] = {}
        """What stands in ``failed/`` and is tried again, until it is moved back."""
        self.active: dict[str, Active] = {}
        self.workers: dict[str, Crew] = {}
        self.lost: deque[Crew] = deque(maxlen=LOST_MAX)
        """The workers that were lost lately, oldest first; ``looked_s`` of each is when."""
        self.done: dict[str, JobView] = {}
        self.failed: dict[str, JobView] = {}
        self.done_count = 0
        self.failed_count = 0
        self.failed_here = 0
        """How many jobs failed since this ledger began to follow."""
        self.ended_here = 0
        self.attempts: dict[str, int] = {}
        self.crashes: dict[str, int] = {}
        self.mean_run_s: float | None = None
        self.run_distance_s = 0.0
        """The mean distance of runs from their mean."""
        self.round_trip_s = 0.05
        self.events: deque[Event] = deque(maxlen=EVENTS_MAX)
        self.wall_s = 0.0
        """Wall clock of the present step, for the events."""
        self.rates = Rates()

    # ---- the queue

    def job_appeared(self, name: str) -> None:
        """A file stands in ``jobqueue/`` that was not known."""
        self.version += self.queue.add(name)

    def job_read(self, name: str, stamp: Stamp, command: str, logfile: str, terms: Terms = NO_TERMS) -> None:
        """The waiting job was read and may be handed out, when nothing that it asks for holds it."""
        self.version += self.queue.read(name, stamp, command, logfile, terms)

    def job_changed(self, name: str, readiness: Readiness) -> None:
        """The waiting job is being written, or was changed since it was read and is to be read again."""
        self.version += self.queue.change(name, readiness)

    def job_left_queue(self, name: str) -> Waiting | None:
        """The file stands in ``jobqueue/`` no more."""
        waiting = self.queue.discard(name)
        self.version += waiting is not None
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
        self.held.update(now - known)
        self.version += known != now

    # ---- what is handed out and runs

    def job_handed(self, name: str, worker: str, now_s: float) -> None:
        """The job was moved from the queue into the pod of ``worker``."""
        waiting = self.waiting.get(name)
        self.job_seen_handed(name, worker, now_s)
        self.active[name].terms = waiting.terms if waiting else None
        self.job_left_queue(name)

    def job_seen_handed(self, name: str, worker: str, now_s: float) -> None:
        """The job lies in the pod of ``worker``; a file in the queue may be another job of that name (rule 13)."""
        known = self.waiting.get(name)
        command, logfile = (known.command, known.logfile) if known else ("", "")
        self._let_go(name)
        attempt = self.attempts.get(name, 0) + 1
        self.active[name] = Active(name, worker, now_s, command=command, logfile=logfile, attempt=attempt)
        if crew := self.workers.get(worker):
            crew.pod.add(name)
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
        active.is_running, active.since_s, active.attempt = True, now_s, attempt
        self.version += 1

    def job_taken_back(self, name: str, worker: str, now_s: float) -> None:
        """The job was moved from the pod it lay in to that of ``worker``."""
        active = self.active[name]
        self._let_go(name)
        self.active[name] = replace(active, worker=worker, since_s=now_s, missing_since_s=None)
        if crew := self.workers.get(worker):
            crew.pod.add(name)
        self.version += 1

    def job_lost_track(self, name: str) -> None:
        """The job is neither in its pod nor running any more; where it is now will be seen."""
        self._let_go(name)
        self.version += 1

    def _let_go(self, name: str) -> None:
        active = self.active.pop(name, None)
        crew = self.workers.get(active.worker) if active else None
        if crew is not None:
            crew.pod.discard(name)
            if crew.running == name:
                crew.running = ""

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
        view = replace(view, since_s=now_s, command=said[0], logfile=said[1], attempt=said[2])
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
        self.version += self.retrying.pop(name, None) is not None

    def remember(self, view: JobView) -> None:
        """Keep an ended job by name, the newest of a name (rule 13), and no more than the bound."""
        other = self.failed if view.state is JobState.DONE else self.done
        if view.state is JobState.DONE:
            other.pop(view.name, None)
        history = self.done if view.state is JobState.DONE else self.failed
        history.pop(view.name, None)
        history[view.name] = view
        if len(history) > HISTORY_MAX:
            del history[next(iter(history))]

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

    def worker_came(self, announcement: Announcement, *, is_local: bool, now_s: float) -> None:
        """A worker has announced itself."""
        self.workers[announcement.id] = Crew(announcement, is_local, now_s, beat_seen_s=now_s, looked_s=now_s)
        self.note(EventKind.WORKER_CAME, f"{announcement.id} came", worker=announcement.id)

    def worker_beat(self, worker: str, beat_ns: int, now_s: float) -> None:
        """Its announcement has this mtime; only a change counts, never the time it names (rule 5).

        ``now_s`` is from before the look. Where we have not looked for long (we were stopped, or the disk let nobody
        work) at most half a lease of that counts as the worker's silence, so that it has the time to be heard again.
        """
        crew = self.workers[worker]
        if crew.beat_ns != beat_ns:
            crew.beat_ns, crew.beat_seen_s = beat_ns, now_s
        else:
            crew.beat_seen_s += max(0.0, now_s - crew.looked_s - self.timings.lease_s / 2)
        crew.looked_s = now_s

    def worker_died(self, worker: str) -> None:
        """Its process is gone."""
        self.workers[worker].is_dead = True
        self.version += 1

    def worker_drains(self, worker: str) -> None:
        """It was told to take no more."""
        crew = self.workers[worker]
        if not crew.is_draining:
            crew.is_draining = True
            self.version += 1

    def worker_left(self, worker: str, kind: EventKind, text: str) -> list[Active]:
        """It is gone; return what it held, which is now to be looked for."""
        crew = self.workers.pop(worker)
        if kind is EventKind.WORKER_LOST:
            crew.lost_why = text
            self.lost.append(crew)
        held = [active for active in self.active.values() if active.worker == worker]
        self.note(kind, text, worker=worker)
        return held

    def job_renamed(self, name: str, new_name: str) -> None:
        """The job came back under another name; what was counted of it goes with it."""
        for counted in (self.attempts, self.crashes):
            if name != new_name and name in counted:
                counted[new_name] = counted.pop(name)

    def job_crashed_worker(self, name: str) -> int:
        """The job was running when its worker was lost; return how often that has happened."""
        self.crashes[name] = self.crashes.get(name, 0) + 1
        return self.crashes[name]

    # ---- what is said, and what is learnt

    def note(self, kind: EventKind, text: str, *, job: str = "", worker: str = "") -> None:
        """Add an event."""
        seq = self.events[-1].seq + 1 if self.events else 1
        self.events.append(Event(seq, self.wall_s, kind, text, job, worker))
        self.version += 1

    def events_since(self, seq: int) -> list[Event]:
        """Return the events after the one numbered ``seq``, oldest first."""
        new: list[Event] = []
        for event in reversed(self.events):
            if event.seq <= seq:
                break
            new.append(event)
        return new[::-1]

    @property
    def counts(self) -> Counts:
        running = sum(1 for crew in self.workers.values() if crew.running)
        waiting = len(self.waiting) + len(self.retrying)
        return Counts(
            waiting, len(self.active) - running, running, self.done_count, self.failed_count, held=len(self.held)
        )

    def _learn_run(self, seconds: float) -> None:
        old = self.mean_run_s
        if old is not None:
            self.run_distance_s += _SMOOTHING * (abs(seconds - old) - self.run_distance_s)
        self.mean_run_s = seconds if old is None else old + _SMOOTHING * (seconds - old)

    def _learn_round_trip(self, seconds: float) -> None:
        if 0 < seconds < 1:
            self.round_trip_s += _SMOOTHING * (seconds - self.round_trip_s)
