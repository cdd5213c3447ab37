"""A spool without a disk: the ledger and the policy as they are, and workers that do what they are given.

Whatever is decided is checked when it is acted on; what a job asked for must have been kept when its run begins.
"""

from collections import Counter
from dataclasses import dataclass

from fjd import policy
from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.order import natural_key, queue_key
from fjd.policy import Action, HandOut, TakeBack, TryAgain
from fjd.settings import Timings
from fjd.snapshot import JobState, JobView
from tests.unit.made import STAMP, announcement

FIRST_S = 1000.0
WALL_S = 5000.0
"""What the wall clock shows more than the monotonic one."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a job asks for, and how often it fails before it succeeds."""

    name: str
    terms: Terms
    failures: int = 0
    seconds: float = 1.0


class Simulator:
    """One dispatcher and some workers."""

    def __init__(self, workers: int, timings: Timings | None = None) -> None:
        self.ledger = Ledger(timings)
        self.now_s = FIRST_S
        self.jobs: dict[str, Job] = {}
        self.failed: Counter[str] = Counter()
        self.due_s: dict[str, float] = {}
        """Before this no retry may start, by what the job asks for alone."""
        self.runs: list[str] = []
        self.running: dict[str, tuple[str, float]] = {}
        """By worker, the job that it runs and when that ends."""
        self.ended: dict[str, JobState] = {}
        for number in range(workers):
            self.ledger.worker_came(announcement(f"w{number}"), is_local=True, now_s=self.now_s)

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
        ready = [waiting.name for waiting in self.ledger.ready()]
        actions = policy.plan(self.ledger, self.now_s)
        self._check_order(ready, actions)
        for action in actions:
            self._act(action)

    def play(self, most: int = 2000) -> None:
        """Step until all has ended."""
        for _ in range(most):
            if len(self.ended) == len(self.jobs):
                return
            self.step()
        raise AssertionError(f"never ended: {sorted(self.jobs.keys() - self.ended.keys())}")

    def _act(self, action: Action) -> None:
        if isinstance(action, HandOut):
            self.ledger.job_handed(action.job, action.worker, self.now_s)
            assert action.attempt == self.failed[action.job] + 1
        elif isinstance(action, TakeBack):
            self.ledger.job_taken_back(action.job, action.target, self.now_s)
        elif isinstance(action, TryAgain):
            self.ledger.job_tried_again(action.job, action.job, self.now_s + action.delay_s, "failed")
            self._read(action.job)

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
        self.ledger.job_started(job.name, worker, self.now_s, self.failed[job.name] + 1)
        self.running[worker] = job.name, self.now_s + job.seconds
        self.runs.append(job.name)

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
        """What goes goes in its order, and nothing that is ready is passed over."""
        assert ready == sorted(ready, key=lambda name: queue_key(name, self.jobs[name].terms.priority))
        handed = [action.job for action in actions if isinstance(action, HandOut)]
        assert handed == ready[: len(handed)]
