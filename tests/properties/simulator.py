"""A spool without a disk: the ledger and the policy as they are, and workers that do what they are given.

Whatever is decided is checked when it is acted on; what a job asked for must have been kept when its run begins.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fjd import policy
from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.ledger.rules import Rules, parse_halt
from fjd.order import natural_key, queue_key
from fjd.policy import Action, GiveUp, HandOut, Kill, PassOver, Recall, TakeBack, TryAgain
from fjd.settings import Timings
from fjd.snapshot import JobState, JobView
from tests.unit.made import STAMP, announcement

FIRST_S = 1000.0
_QUIET = 5
"""After so many steps in which nothing moves, nothing will."""
WALL_S = 5000.0
"""What the wall clock shows more than the monotonic one."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a job asks for, and how often it fails before it succeeds."""

    name: str
    terms: Terms
    failures: int = 0
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Offer:
    """What a worker has."""

    host: str = "host"
    tags: tuple[str, ...] = ()
    cpus: int = 8
    memory_bytes: int = 1 << 30
    time_limit_s: float = 0.0


class Simulator:
    """One dispatcher and some workers, ``w0``, ``w1`` and so on."""

    def __init__(self, offers: Sequence[Offer] | int, timings: Timings | None = None, *, halt: str = "never") -> None:
        self.ledger = Ledger(timings)
        self.ledger.rules = Rules(halt=parse_halt(halt))
        self.offers = (Offer(),) * offers if isinstance(offers, int) else tuple(offers)
        self.now_s = FIRST_S
        self.jobs: dict[str, Job] = {}
        self.failed: Counter[str] = Counter()
        self.due_s: dict[str, float] = {}
        """Before this no retry may start, by what the job asks for alone."""
        self.runs: list[str] = []
        self.running: dict[str, tuple[str, float]] = {}
        """By worker, the job that it runs and when that ends."""
        self.ended: dict[str, JobState] = {}
        self.begun_s: dict[str, float] = {}
        for number, offer in enumerate(self.offers):
            said = announcement(
                f"w{number}",
                host=offer.host,
                tags=offer.tags,
                cpus=offer.cpus,
                memory_bytes=offer.memory_bytes,
                time_limit_s=offer.time_limit_s,
            )
            self.ledger.worker_came(said, is_local=True, now_s=self.now_s)

    def submit(self, job: Job) -> None:
        self.jobs[job.name] = job
        self.ledger.job_appeared(job.name)
        self._read(job.name)

    def _read(self, name: str) -> None:
        self.ledger.job_read(name, STAMP, "true", "", self.jobs[name].terms)

    def step(self, seconds: float = 0.1) -> None:
        """Let time pass, workers go on, and the policy decide."""
        self.now_s += seconds
        for worker in list(self.ledger.workers):
            self._work(worker)
        self.ledger.wall_s = self.now_s + WALL_S
        self.ledger.time_passes(self.now_s)
        self._settle()
        self.ledger.halted = self.ledger.halted or policy.reached(self.ledger)
        ready = [waiting.name for waiting in self.ledger.ready()]
        actions = policy.plan(self.ledger, self.now_s)
        self._check_order(ready, actions)
        for action in actions:
            self._act(action)

    def _settle(self) -> None:
        """Settle, and answer what is asked of the directories."""
        bonds = self.ledger.bonds
        self.ledger.settle()
        for job in list(bonds.lost):
            bonds.vanished(job)
        for target in bonds.questions():
            done, failed = (
                [name for name, state in self.ended.items() if state is wanted and target.matches(name)]
                for wanted in (JobState.DONE, JobState.FAILED)
            )
            bonds.answer(target, has_done=bool(done), failed=failed)
        self.ledger.settle()

    def play(self, most: int = 3000) -> None:
        """Step until all has ended, but those that wait for what never comes."""
        quiet = 0
        for _ in range(most):
            if len(self.ended) == len(self.jobs):
                return
            self.step()
            queue = self.ledger.queue
            is_moving = self.ledger.active or queue.retries or queue.moments or any(self.ledger.ready())
            quiet = 0 if is_moving else quiet + 1
            if quiet > _QUIET:
                break
        for name in self.jobs.keys() - self.ended.keys():
            assert self._waits_for_ever(name), f"{name} never ended"

    def _waits_for_ever(self, name: str) -> bool:
        """Tell whether it rightly waits, when nothing goes on any more: for what is not there, or for one that does."""
        terms = self.jobs[name].terms
        must_fail = any(self._has_failed(name, pattern) for pattern in terms.after)
        must_fail = must_fail or self.is_in_ring(name, broken_by=self.ended)
        waits = [self.others(name, pattern) for pattern in (*terms.after, *terms.after_any)]
        return not must_fail and any(not others or not all(other in self.ended for other in others) for others in waits)

    def _has_failed(self, name: str, pattern: str) -> bool:
        return any(self.ended.get(other) is JobState.FAILED for other in self.others(name, pattern))

    # ---- what waits for what, as simply as can be said

    def others(self, name: str, pattern: str) -> list[str]:
        """Return the jobs that ``pattern`` means in the job ``name``."""
        return [other for other in self.jobs if other != name and fnmatchcase(other, pattern)]

    def _edges(self, name: str) -> Iterator[str]:
        terms = self.jobs[name].terms
        for pattern in (*terms.after, *terms.after_any):
            yield from self.others(name, pattern)

    def is_in_ring(self, name: str, *, broken_by: Collection[str] = ()) -> bool:
        """Tell whether it waits for itself, by way of others than those that break a ring."""
        if name in (*self.jobs[name].terms.after, *self.jobs[name].terms.after_any):
            return True
        seen = set(broken_by)
        ahead = list(self._edges(name))
        while ahead:
            other = ahead.pop()
            if other == name:
                return True
            if other not in seen:
                seen.add(other)
                ahead += self._edges(other)
        return False

    def _act(self, action: Action) -> None:
        if isinstance(action, HandOut):
            assert not self.ledger.halted
            self._check_time(action)
            self.ledger.job_handed(action.job, action.worker, self.now_s)
            assert action.attempt == self.failed[action.job] + 1
        elif isinstance(action, TakeBack):
            self.ledger.job_taken_back(action.job, action.target, self.now_s)
        elif isinstance(action, TryAgain):
            self.ledger.job_tried_again(action.job, action.job, self.now_s + action.delay_s, "failed")
            self._read(action.job)
        elif isinstance(action, PassOver):
            self.ledger.job_passed_over(action.job, self.now_s)
        elif isinstance(action, GiveUp):
            self._give_up(action)
        elif isinstance(action, Recall):
            self.ledger.job_lost_track(action.job)
            self.ledger.job_appeared(action.job)
            self._read(action.job)
        elif isinstance(action, Kill):
            assert self.running.pop(action.worker)[0] == action.job
            self.ended[action.job] = JobState.FAILED
            view = JobView(action.job, JobState.FAILED, worker=action.worker, reason="killed", exit=143)
            self.ledger.job_ended(view, self.now_s)

    def _check_time(self, action: HandOut) -> None:
        limit_s, timeout_s = self._offer(action.worker).time_limit_s, self.jobs[action.job].terms.timeout_s
        if limit_s and timeout_s:
            assert self.now_s + timeout_s <= FIRST_S + limit_s

    def _offer(self, worker: str) -> Offer:
        return self.offers[int(worker[1:])]

    def _give_up(self, action: GiveUp) -> None:
        """It can never start: since it waits for itself, or for one that has failed."""
        has_failed = any(self._has_failed(action.job, pattern) for pattern in self.jobs[action.job].terms.after)
        assert has_failed or self.is_in_ring(action.job), action
        self.ended[action.job] = JobState.FAILED
        self.ledger.job_left_queue(action.job)
        self.ledger.job_ended(JobView(action.job, JobState.FAILED, reason=action.why), self.now_s)

    def _work(self, worker: str) -> None:
        """End what is over, and begin the next in the pod, by names, as workers do."""
        if worker in self.running:
            job, until_s = self.running[worker]
            if self.now_s < until_s:
                return
            del self.running[worker]
            self._end(self.jobs[job], worker)
        pod = self.ledger.workers[worker].pod
        if pod:
            self._begin(self.jobs[min(pod, key=natural_key)], worker)

    def _begin(self, job: Job, worker: str) -> None:
        terms = job.terms
        assert terms.not_before_s is None or self.now_s + WALL_S >= terms.not_before_s
        assert self.now_s >= self.due_s.get(job.name, 0.0)
        assert self.failed[job.name] <= terms.retries
        assert job.name not in self.ended
        assert not self.ledger.halted
        self._check_bonds(job)
        assert terms.tags <= set(self._offer(worker).tags)
        self.ledger.job_started(job.name, worker, self.now_s, self.failed[job.name] + 1)
        self.running[worker] = job.name, self.now_s + job.seconds
        self.runs.append(job.name)
        self.begun_s.setdefault(job.name, self.now_s)
        self._check_host(self._offer(worker).host)

    def _check_bonds(self, job: Job) -> None:
        for pattern in (*job.terms.after, *job.terms.after_any):
            states = [self.ended.get(name) for name in self.others(job.name, pattern)]
            assert states
            assert None not in states
            assert pattern not in job.terms.after or JobState.FAILED not in states

    def _check_host(self, host: str) -> None:
        """What runs there at once fits, as far as it asks for anything."""
        runs = [self.jobs[job].terms for w, (job, _) in self.running.items() if self._offer(w).host == host]
        offers = [offer for offer in self.offers if offer.host == host]
        assert sum(terms.cpus for terms in runs) <= max(offer.cpus for offer in offers)
        assert sum(terms.memory_bytes for terms in runs) <= max(offer.memory_bytes for offer in offers)

    def _end(self, job: Job, worker: str) -> None:
        fails = self.failed[job.name] < job.failures
        if fails:
            doublings = self.failed[job.name]
            self.failed[job.name] += 1
            self.due_s[job.name] = self.now_s + job.terms.retry_delay_s * 2**doublings
        is_last = self.failed[job.name] > job.terms.retries
        if not fails or is_last:
            self.ended[job.name] = JobState.FAILED if fails else JobState.DONE
        state, code = (JobState.FAILED, 1) if fails else (JobState.DONE, 0)
        view = JobView(job.name, state, worker=worker, seconds=job.seconds, reason=f"exit {code}", exit=code)
        self.ledger.job_ended(view, self.now_s)
        assert (job.name in self.ledger.retrying) == (fails and not is_last)

    def _check_order(self, ready: list[str], actions: list[Action]) -> None:
        """What goes goes in its order, and nothing that is ready is passed over for another that asks for the same."""
        assert ready == sorted(ready, key=lambda name: queue_key(name, self.jobs[name].terms.priority))
        handed = [action.job for action in actions if isinstance(action, HandOut)]
        assert handed == [name for name in ready if name in set(handed)]
        for demand in {self.ledger.waiting[name].demand for name in handed}:
            alike = [name for name in ready if self.ledger.waiting[name].demand == demand]
            went = [name for name in handed if self.ledger.waiting[name].demand == demand]
            given_up = {action.job for action in actions if isinstance(action, GiveUp)}
            assert went == [name for name in alike if name not in given_up][: len(went)]
