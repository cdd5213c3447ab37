"""A virtual time in which an elastic crew is decided on: jobs come, workers start slowly, hiring may fail."""

from collections import deque
from dataclasses import dataclass, field

from fjd.ledger import Demand
from fjd.policy import Offer, elastic
from fjd.policy.elastic import (
    RATE_WINDOW_S,
    CallOff,
    Coming,
    Decision,
    Kind,
    Member,
    Place,
    Queue,
    Rules,
    Setback,
    Staff,
    failed,
)

ENDLESS = float("inf")
OFFER = Offer(frozenset(), 8, 1 << 30, ENDLESS)


@dataclass
class Worker:
    """One that was asked for at ``asked_s``; it comes when the virtual scheduler lets it."""

    name: str
    comes_s: float
    asked_s: float
    group: str
    until_s: float | None = None
    """When what it runs ends."""
    idle_since_s: float = 0.0
    is_leaving: bool = False


@dataclass
class Run:
    """One crew at one place, and jobs that all take ``job_s``."""

    rules: Rules
    start_s: float = 1.0
    job_s: float = 10.0
    is_broken: bool = False
    offer: Offer = OFFER
    now_s: float = 1000.0
    demand: Demand = field(default_factory=Demand)
    waiting: deque[float] = field(default_factory=deque)
    workers: dict[str, Worker] = field(default_factory=dict)
    setbacks: dict[str, Setback] = field(default_factory=dict)
    recent: list[tuple[float, int]] = field(default_factory=list)
    asked: list[tuple[float, int]] = field(default_factory=list)
    """Each time hiring was tried: when, and how many."""
    hired: int = 0
    fired: int = 0
    called_off: int = 0
    done: int = 0
    starts_s: dict[str, float] = field(default_factory=dict)
    mean_s: float | None = None
    waited_s: list[float] = field(default_factory=list)
    last: Decision = field(default_factory=Decision)

    def submit(self, count: int) -> None:
        self.waiting.extend([self.now_s] * count)

    # ---- what is seen

    @property
    def there(self) -> list[Worker]:
        return [worker for worker in self.workers.values() if worker.comes_s <= self.now_s]

    @property
    def staying(self) -> int:
        return sum(not worker.is_leaving for worker in self.there)

    @property
    def size(self) -> int:
        return len(self.workers)

    def queue(self) -> Queue:
        kinds: tuple[Kind, ...] = ()
        if self.waiting:
            kinds = (Kind(self.demand, len(self.waiting), self.now_s - self.waiting[0], 0.0),)
        return Queue(kinds, self.mean_s)

    def staff(self) -> Staff:
        place = self.rules.places[0].name
        members = tuple(
            Member(
                worker.name,
                place,
                self.offer,
                None if worker.until_s else self.now_s - worker.idle_since_s,
                is_leaving=worker.is_leaving,
                is_ours=True,
            )
            for worker in self.there
        )
        groups: dict[str, list[Worker]] = {}
        for worker in self.workers.values():
            if worker.comes_s > self.now_s:
                groups.setdefault(worker.group, []).append(worker)
        coming = tuple(Coming(place, len(some), self.now_s - some[0].asked_s, key) for key, some in groups.items())
        return Staff(members, coming, dict(self.starts_s))

    # ---- time

    def step(self, seconds: float = 0.5) -> None:
        self.now_s += seconds
        for worker in list(self.there):
            self._work(worker)
        before = self.size
        staying = self.staying
        self.last = decision = elastic.decide(
            self.rules, self.queue(), self.staff(), self.now_s, recent=self.recent, setbacks=self.setbacks
        )
        self._fire(decision, staying)
        for one in decision.called_off:
            self._call_off(one)
        self._hire(decision, before)

    def play(self, seconds: float, step_s: float = 0.5) -> None:
        for _ in range(round(seconds / step_s)):
            self.step(step_s)

    def _work(self, worker: Worker) -> None:
        self.starts_s[self.rules.places[0].name] = self.start_s
        if worker.until_s is not None and self.now_s >= worker.until_s:
            worker.until_s, worker.idle_since_s = None, self.now_s
            self.done += 1
            self.mean_s = self.job_s
        if worker.until_s is None and worker.is_leaving:
            del self.workers[worker.name]
        elif worker.until_s is None and self.waiting:
            self.waited_s.append(self.now_s - self.waiting.popleft())
            worker.until_s = self.now_s + self.job_s

    def _fire(self, decision: Decision, staying: int) -> None:
        for fire in decision.fires:
            worker = self.workers[fire.worker]
            assert worker.until_s is None, "a busy worker is never fired"
            assert not worker.is_leaving
            worker.is_leaving = True
            self.fired += 1
        if decision.fires:
            assert staying - len(decision.fires) >= self.rules.least

    def _call_off(self, one: CallOff) -> None:
        gone = [worker.name for worker in self.workers.values() if worker.group == one.key]
        assert len(gone) == one.count
        for name in gone:
            del self.workers[name]
        self.called_off += len(gone)

    def _hire(self, decision: Decision, before: int) -> None:
        count = sum(hire.count for hire in decision.hires)
        assert all(hire.count > 0 for hire in decision.hires)
        if not count:
            return
        assert before + count <= self.rules.most
        self.asked.append((self.now_s, count))
        self.recent.append((self.now_s, count))
        assert sum(n for when_s, n in self.recent if self.now_s - when_s < RATE_WINDOW_S) <= self.rules.rate
        (place,) = {hire.place for hire in decision.hires}
        if self.is_broken:
            before_it = self.setbacks.get(place, elastic.NO_SETBACK)
            self.setbacks[place] = failed(
                before_it, "it is down", self.now_s, failures=self.rules.failures, pause_s=self.rules.pause_s
            )
            return
        self.setbacks.pop(place, None)
        group = f"g{len(self.asked)}"
        for _ in range(count):
            self.hired += 1
            comes_s = self.now_s + self.start_s
            name = f"w{self.hired}"
            self.workers[name] = Worker(name, comes_s, self.now_s, group, idle_since_s=comes_s)


def rules(least: int = 0, most: int = 10, **changes: object) -> Rules:
    """Rules for one place that takes whatever comes."""
    place = Place("here", cpus=8, memory_bytes=1 << 30)
    return Rules(least, most, (place,), **changes)  # type: ignore[arg-type]
