"""What an elastic crew is decided by, as the ledger shows it: what waits, for how long, and who is idle since when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from fjd.ledger import Crew, Demand, Ledger
from fjd.policy import fit, room
from fjd.policy.elastic.rules import Place, Rules, Way
from fjd.policy.fit import Lack, Offer
from fjd.spool.announce import Announcement

BY = "crew"
"""What a worker announces that was hired by these rules."""
_KINDS_MAX = 100
"""So many kinds of jobs are looked at; where there are more, the first ones are."""
_LOCAL_KINDS = ("screen", "process")


@dataclass(frozen=True, slots=True)
class Kind:
    """Jobs that wait, may be handed out, and are alike to whoever hands them out."""

    demand: Demand
    count: int
    waited_s: float
    """How long one of them, at the end of their queue, has been seen to wait."""
    length_s: float
    """How long such a job may take, by which the time that a worker has left is judged."""

    def may_run_on(self, offer: Offer) -> bool:
        """Tell whether a worker with that to offer may have them."""
        return offer.lack(self.demand, self.length_s) is Lack.NOTHING


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that is there."""

    id: str
    place: str
    """The name of the place where it was hired, empty when that is none of the rules'."""
    offer: Offer
    idle_s: float | None
    """For how long it has had nothing to do; None while it has."""
    is_leaving: bool = False
    is_ours: bool = False
    """Whether it was hired by these rules, so that it may be fired by them."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Workers that were asked for and are not there yet."""

    place: str
    count: int
    age_s: float = 0.0
    key: str = ""
    """By which they can be called off all together, empty when they cannot."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, and what is known of runs."""

    kinds: tuple[Kind, ...] = ()
    mean_run_s: float | None = None
    held: str = ""
    """Why nothing is handed out, empty when it is."""
    closed: frozenset[str] = frozenset()
    """Places whose workers get nothing for now."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is there and who is to come."""

    members: tuple[Member, ...] = ()
    coming: tuple[Coming, ...] = ()
    starts_s: Mapping[str, float] = field(default_factory=dict)
    """By place, how long workers took there to come, as far as that was seen."""
    sizes: Mapping[str, frozenset[tuple[int, int]]] = field(default_factory=dict)
    """By place, the processors and the memory of those that have come."""

    @property
    def total(self) -> int:
        """Everybody: those that leave are still there."""
        return len(self.members) + sum(one.count for one in self.coming)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the ledger shows at one moment."""

    taken_s: float
    queue: Queue
    members: tuple[Member, ...]
    dead: frozenset[str] = frozenset()
    """Workers whose process is gone and who are not buried yet."""


class Sights:
    """Takes them. It remembers one job of each kind, by which it sees how long these wait."""

    def __init__(self) -> None:
        self._marked: dict[Demand, tuple[str, float]] = {}
        """By kind the job that was its last when it was marked, and since when that waits."""

    def take(self, ledger: Ledger, rules: Rules, now_s: float) -> Sight:
        """Return what is there."""
        queue = Queue(
            tuple(self._kinds(ledger, now_s)), ledger.mean_run_s, _held(ledger), frozenset(_closed(ledger, rules))
        )
        members = tuple(_member(ledger, crew, rules, now_s) for crew in ledger.workers.values() if not crew.is_dead)
        dead = frozenset(worker for worker, crew in ledger.workers.items() if crew.is_dead)
        return Sight(now_s, queue, members, dead)

    def _kinds(self, ledger: Ledger, now_s: float) -> Iterator[Kind]:
        """A mark stays on a job until that is handed out: who comes late, or has a low priority, waits longest."""
        kinds = ledger.queue.kinds
        self._marked = {demand: mark for demand, mark in self._marked.items() if demand in kinds}
        for demand, names in islice(kinds.items(), _KINDS_MAX):
            name, since_s = self._marked.get(demand, ("", now_s))
            marked = ledger.waiting.get(name)
            if marked is None or not marked.is_ready or marked.demand != demand:
                name, since_s = names.last, now_s
            self._marked[demand] = name, since_s
            yield Kind(demand, len(names), now_s - since_s, fit.length_s(ledger, demand))


def _held(ledger: Ledger) -> str:
    return "the spool is paused" if ledger.is_paused else "the spool is halted" if ledger.halted else ""


def _closed(ledger: Ledger, rules: Rules) -> Iterator[str]:
    """Yield the places whose workers get nothing for now: those of this host, where that has too much to do."""
    if room.is_overloaded(ledger):
        yield from (place.name for place in rules.places if place.way is Way.LOCAL)


def _member(ledger: Ledger, crew: Crew, rules: Rules, now_s: float) -> Member:
    said = crew.announcement
    place = place_of(said, rules, is_local=crew.is_local)
    return Member(
        said.id,
        place.name if place else "",
        fit.offer(ledger, crew, now_s),
        None if crew.load else max(0.0, now_s - crew.since_s),
        is_leaving=not room.takes(crew),
        is_ours=said.by == BY,
    )


def place_of(said: Announcement, rules: Rules, *, is_local: bool) -> Place | None:
    """Return the place at which a worker was hired, by what it says; None for another than the rules name."""
    return next((place for place in rules.places if _is_of(said, place, is_local=is_local)), None)


def _is_of(said: Announcement, place: Place, *, is_local: bool) -> bool:
    if place.way is Way.CLUSTER:
        return said.kind == place.name
    if place.way is Way.SSH:
        return said.via == place.name
    return is_local and not said.via and said.kind in _LOCAL_KINDS
