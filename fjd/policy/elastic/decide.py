"""The decision: whom to hire, whom to fire, whom to call off, and what keeps from it."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from fjd.policy.elastic import reasons
from fjd.policy.elastic.pool import Pool
from fjd.policy.elastic.prospect import Prospect
from fjd.policy.elastic.rules import RATE_WINDOW_S, Place, Rules
from fjd.policy.elastic.setback import NO_SETBACK, Setback
from fjd.policy.elastic.sight import Coming, Kind, Member, Queue, Staff

SETTLE_S = 1.0
"""What waits for less may be handed out at the next step, to somebody who is about to end a job."""
WORTH_S = 10.0
"""Nobody is hired for work that those who are there, or fewer, do within so long."""


@dataclass(frozen=True, slots=True)
class Hire:
    """Hire ``count`` workers at a place."""

    place: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Fire:
    """Let an idle worker leave."""

    worker: str
    why: str


@dataclass(frozen=True, slots=True)
class CallOff:
    """Call off those who were asked for together and have not come."""

    key: str
    count: int
    why: str


class Keeps(Enum):
    """What keeps from hiring."""

    NOBODY_MAY = "no worker there may run the jobs"
    CLOSED = "workers there get nothing"
    SETBACK = "it failed"
    FULL = "there is no room"
    RATE = "so many were hired lately"


@dataclass(frozen=True, slots=True)
class Remark:
    """Somebody is wanted, and nobody is hired."""

    keeps: Keeps
    about: Hashable
    """The place, or what the jobs demand."""
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All of it."""

    hires: tuple[Hire, ...] = ()
    fires: tuple[Fire, ...] = ()
    called_off: tuple[CallOff, ...] = ()
    remarks: tuple[Remark, ...] = ()


def decide(
    rules: Rules,
    queue: Queue,
    staff: Staff,
    now_s: float,
    *,
    recent: Sequence[tuple[float, int]] = (),
    setbacks: Mapping[str, Setback] | None = None,
) -> Decision:
    """Return what is to be done now.

    ``recent`` are the last hirings: when, and how many; ``setbacks`` is by place how hiring stands there.
    """
    hiring = _Hiring(rules, queue, staff, now_s, recent, setbacks or {})
    hiring.plan()
    fires = tuple(_fires(rules, queue, staff))
    called_off = tuple(_called_off(rules, queue, staff))
    return Decision(tuple(hiring.hires), fires, called_off, tuple(hiring.remarks.values()))


class _Hiring:
    """One decision on whom to hire."""

    def __init__(
        self,
        rules: Rules,
        queue: Queue,
        staff: Staff,
        now_s: float,
        recent: Sequence[tuple[float, int]],
        setbacks: Mapping[str, Setback],
    ) -> None:
        self.hires: list[Hire] = []
        self.remarks: dict[tuple[Keeps, Hashable], Remark] = {}
        self._rules = rules
        self._queue = queue
        self._staff = staff
        self._now_s = now_s
        self._setbacks = setbacks
        self._prospects = {place.name: Prospect(place, staff) for place in rules.places}
        self._pool = Pool(staff, self._prospects)
        self._room = max(0, rules.most - staff.total)
        self._rate = max(0, rules.rate - sum(n for when_s, n in recent if now_s - when_s < RATE_WINDOW_S))

    def plan(self) -> None:
        """Hire for what waits, then up to the least. The most demanding come first: others may do with theirs."""
        if not self._queue.held:
            for kind in sorted(self._queue.kinds, key=_demanding):
                self._hire_for(kind)
        self._hire_the_least()

    def _hire_the_least(self) -> None:
        staying = sum(not member.is_leaving for member in self._staff.members)
        there = staying + sum(one.count for one in self._staff.coming) + sum(hire.count for hire in self.hires)
        missing = self._rules.least - there
        if missing > 0:
            self._place(list(self._rules.places), missing, reasons.least(self._rules.least, there))

    def _hire_for(self, kind: Kind) -> None:
        waiting = kind.count - self._pool.take_idle(kind, kind.count)
        places = [place for place in self._rules.places if self._prospects[place.name].may_run(kind)]
        if not waiting or not places:
            if waiting and kind.waited_s >= SETTLE_S and not self._pool.anybody(kind):
                text = reasons.nobody_may(kind, waiting, self._prospects.values(), self._rules.where)
                self._remark(Keeps.NOBODY_MAY, kind.demand, text)
            return
        start_s = self._prospects[places[0].name].start_s
        wanted = self._wanted(kind, waiting, start_s)
        wanted -= self._pool.take_coming(kind, wanted)
        if wanted > 0 and kind.waited_s >= SETTLE_S:
            why = reasons.waits(kind, waiting, start_s, self._queue.mean_run_s)
            self._place(self._open(places, kind), wanted, why, kind)

    def _wanted(self, kind: Kind, waiting: int, start_s: float) -> int:
        """Return how many more are to serve them, so that they do not wait longer than it takes somebody to come."""
        mean_s = self._queue.mean_run_s
        if mean_s is None:
            is_long = kind.waited_s > start_s or not self._pool.anybody(kind)
            return waiting if is_long else 0
        each = max(start_s, WORTH_S) / max(mean_s, 1e-6)
        left = waiting - self._pool.take_busy(kind, waiting, each)
        return math.ceil(left / max(1.0, each) - 1e-9)

    def _open(self, places: Sequence[Place], kind: Kind) -> list[Place]:
        """Return where hiring helps now: not where the workers get nothing, and where nobody is to show first."""
        found = []
        for place in places:
            prospect = self._prospects[place.name]
            if place.name in self._queue.closed:
                self._remark(Keeps.CLOSED, place.name, reasons.closed(place.name))
            elif prospect.is_certain_of(kind) or not prospect.coming:
                found.append(place)
        return found

    def _place(self, places: Sequence[Place], wanted: int, why: str, kind: Kind | None = None) -> None:
        """Share ``wanted`` among the places, as far as each has room and may be asked."""
        for place in places:
            setback = self._setbacks.get(place.name, NO_SETBACK)
            if setback.holds(self._now_s):
                self._remark(Keeps.SETBACK, place.name, reasons.setback(place.name, setback, self._now_s))
                continue
            prospect = self._prospects[place.name]
            is_trial = setback.is_pause or (kind is not None and not prospect.is_certain_of(kind))
            count = min(self._whole_jobs(place, 1 if is_trial else wanted), prospect.room, self._room, self._rate)
            if count <= 0:
                self._say_what_is_full(wanted, why, prospect)
                continue
            self._note(place, count, why)
            wanted -= count
            if wanted <= 0:
                return

    @staticmethod
    def _whole_jobs(place: Place, count: int) -> int:
        """Those that live in one job of a scheduler come all together."""
        return math.ceil(count / place.step) * place.step

    def _note(self, place: Place, count: int, why: str) -> None:
        self.hires.append(Hire(place.name, count, why))
        self._room -= count
        self._rate -= count
        self._prospects[place.name].asked(count)

    def _say_what_is_full(self, wanted: int, why: str, prospect: Prospect) -> None:
        if not self._room:
            self._remark(Keeps.FULL, "", reasons.full(wanted, why, self._rules.most))
        elif not prospect.room:
            self._remark(Keeps.FULL, prospect.place.name, reasons.place_full(wanted, why, prospect.place.name))
        elif not self._rate:
            self._remark(Keeps.RATE, "", reasons.rate(wanted, why, self._rules.rate))

    def _remark(self, keeps: Keeps, about: Hashable, text: str) -> None:
        self.remarks.setdefault((keeps, about), Remark(keeps, about, text))


def _demanding(kind: Kind) -> tuple[int, int, int]:
    return -len(kind.demand.tags), -kind.demand.cpus, -kind.demand.memory_bytes


def _fires(rules: Rules, queue: Queue, staff: Staff) -> Iterator[Fire]:
    """Let those go that have been idle for too long, the longest idle first, and none that has something to do.

    Somebody who took ten minutes to come is not sent away after five: he would be missed as soon as he is gone.
    """
    staying = [member for member in staff.members if not member.is_leaving]
    spare = len(staying) - rules.least
    too_many = len(staying) + sum(one.count for one in staff.coming) - rules.most
    mine = [member for member in staying if member.is_ours and member.idle_s is not None]
    for member in sorted(mine, key=lambda one: -(one.idle_s or 0.0)):
        idle_s = member.idle_s or 0.0
        timeout_s = max(rules.idle_timeout_s, staff.starts_s.get(member.place, 0.0))
        if spare <= 0:
            return
        if too_many > 0:
            yield Fire(member.id, reasons.too_many(rules.most))
        elif idle_s < timeout_s or _is_wanted(member, queue):
            continue
        else:
            yield Fire(member.id, reasons.idle(idle_s, timeout_s))
        spare, too_many = spare - 1, too_many - 1


def _is_wanted(member: Member, queue: Queue) -> bool:
    return not queue.held and any(kind.may_run_on(member.offer) for kind in queue.kinds)


def _called_off(rules: Rules, queue: Queue, staff: Staff) -> Iterator[CallOff]:
    """Call those off for whom nothing waits any more; they would come, be idle, and be fired."""
    prospects = {place.name: Prospect(place, staff) for place in rules.places}
    there = sum(not member.is_leaving for member in staff.members) + sum(one.count for one in staff.coming)
    for one in sorted(staff.coming, key=lambda one: one.age_s):
        if not one.key:
            continue
        if there > rules.most:
            yield CallOff(one.key, one.count, reasons.too_many(rules.most))
        elif one.age_s < rules.idle_timeout_s or there - one.count < rules.least or _is_awaited(one, queue, prospects):
            continue
        else:
            yield CallOff(one.key, one.count, reasons.nothing_waits(one.age_s))
        there -= one.count


def _is_awaited(one: Coming, queue: Queue, prospects: Mapping[str, Prospect]) -> bool:
    prospect = prospects.get(one.place)
    return prospect is not None and not queue.held and any(prospect.may_run(kind) for kind in queue.kinds)
