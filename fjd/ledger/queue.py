"""The waiting jobs, kept apart by what may happen to them next, so that nobody walks over those that nothing can.

A job in ``jobqueue/`` is in ``order``, which is what people see. It is among the ready besides when it was read and
nothing holds it; what is held until a time is in a heap by that time. The ready are kept apart by what they demand of a
worker: where one finds none, the next of its kind would not either, and those of another kind go on.

There may be a million, most on the same few terms. Of the first `RECORDS_MAX` all is kept that their files say, of the
others their terms alone, and the file is read again when its turn comes.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from fjd.jobfile import NO_TERMS, Terms
from fjd.ledger.delays import Delays
from fjd.ledger.names import Key, SortedNames
from fjd.ledger.records import Demand, Readiness, Waiting, demand_of
from fjd.order import in_natural_order, queue_key
from fjd.spool.fsio import Stamp

RECORDS_MAX = 50_000


class WaitingByName(Mapping[str, Waiting]):
    """The waiting jobs by name. The record of one of which little is kept is made when it is asked for."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: dict[str, Waiting | Terms | None] = {}
        """None of one that was not read, the terms of one that is ready and of which they are enough."""

    def __getitem__(self, name: str) -> Waiting:
        kept = self.kept[name]
        if isinstance(kept, Waiting):
            return kept
        key = queue_key(name, 0)
        if kept is None:
            return Waiting(name, key)
        return Waiting(name, key, Readiness.READY, terms=kept, demand=demand_of(kept), is_ready=True)

    def get(self, name: str, default: Waiting | None = None) -> Waiting | None:  # type: ignore[override]
        """Do as ``dict.get``; what `Mapping` has for it asks by an exception, and for a default of any type."""
        return self[name] if name in self.kept else default

    def __contains__(self, name: object) -> bool:
        return name in self.kept

    def __iter__(self) -> Iterator[str]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)


class Queue:
    """What stands in ``jobqueue/``."""

    def __init__(self) -> None:
        self.waiting = WaitingByName()
        self._kept = self.waiting.kept
        self._records = 0
        """Of how many all is kept."""
        self.order = SortedNames(self._key, self._in_order)
        """The names of all, the next one first."""
        self.unread: deque[str] = deque()
        self.moments = Delays()
        """Jobs that do not start before a time of the wall clock."""
        self.retries = Delays()
        """Jobs that wait to be tried again, by our monotonic clock; a name may come before its file is seen."""
        self.prioritized = 0
        """How many have a priority; while it is none, `order` is the natural one."""
        self.has_priorities = False
        """Whether any job ever had one."""
        self.blocked: set[str] = set()
        """Jobs that wait for others."""
        self.passed_over: dict[str, float] = {}
        """Jobs whose turn has come and that found no host with room, and since when."""
        self.kinds: dict[Demand, SortedNames] = {}
        """The ready, by what they demand."""

    def _key(self, name: str) -> Key:
        kept = self._kept[name]
        return kept.key if isinstance(kept, Waiting) else queue_key(name, 0)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self._key) if self.prioritized else in_natural_order(names)

    def add(self, name: str) -> bool:
        """A file stands in the queue; False when that was known."""
        if name in self._kept:
            return False
        self._kept[name] = None
        self.order.add(name)
        self.unread.append(name)
        return True

    def compare(self, names: Iterable[str]) -> tuple[list[str], int]:
        """Return which of ``names`` are not known, and how many of the others there are."""
        kept, known = self._kept, 0
        unknown = []
        for name in names:
            if name in kept:
                known += 1
            else:
                unknown.append(name)
        return unknown, known

    def add_all(self, names: list[str]) -> list[str]:
        """Do as `add` for many; return those that were not known, in their natural order, in which they are read."""
        kept = self._kept
        unknown = []
        for name in names:
            if name not in kept:
                kept[name] = None
                unknown.append(name)
        new = in_natural_order(unknown)
        self.order.update(new, are_in_order=not self.prioritized)
        self.unread.extend(new)
        return new

    def discard(self, name: str) -> Waiting | None:
        """The file stands there no more; return what was known of it."""
        waiting = self.waiting.get(name)
        if waiting is not None:
            self.order.remove(name)
            self._set_ready(waiting, is_ready=False)
            self.prioritized -= bool(waiting.terms.priority)
            self.moments.set(name, None)
            self.retries.set(name, None)
            self.blocked.discard(name)
            self._records -= isinstance(self._kept.pop(name), Waiting)
        return waiting

    def _record(self, name: str) -> Waiting | None:
        """Return the record of a waiting job to be changed; None when it does not wait."""
        waiting = self.waiting.get(name)
        if waiting is not None and waiting is not self._kept[name]:
            self._kept[name] = waiting
            self._records += 1
        return waiting

    def read(
        self, name: str, stamp: Stamp, command: str, logfile: str, terms: Terms = NO_TERMS, *, is_next: bool = False
    ) -> bool:
        """The file was read; False when it is there no more. All is kept of one that ``is_next``."""
        if not is_next and self._is_kept_in_brief(name, terms):
            return True
        waiting = self._record(name)
        if waiting is None:
            return False
        self._set_terms(waiting, terms)
        waiting.readiness, waiting.stamp = Readiness.READY, stamp
        waiting.command, waiting.logfile = command, logfile
        self._sort_in(waiting)
        return True

    def _is_kept_in_brief(self, name: str, terms: Terms) -> bool:
        """Note that one was read of which the terms are enough; False when more must be kept."""
        if self._records < RECORDS_MAX or self._kept.get(name, terms) is not None:
            return False
        if terms.priority or terms.not_before_s is not None or self._is_held(name):
            return False
        self._kept[name] = terms
        self._of_kind(demand_of(terms)).add(name)
        return True

    def change(self, name: str, readiness: Readiness) -> bool:
        """It is being written, or is to be read again; False when it is not there."""
        if readiness is Readiness.UNREAD and name in self._kept and not isinstance(self._kept[name], Waiting):
            self._forget_terms(name)
            return True
        waiting = self._record(name)
        if waiting is None:
            return False
        if readiness is Readiness.UNREAD and waiting.readiness is not Readiness.UNREAD:
            self.unread.append(name)
        waiting.readiness = readiness
        self._sort_in(waiting)
        return True

    def _forget_terms(self, name: str) -> None:
        waiting = self.waiting[name]
        if waiting.is_ready:
            self._set_ready(waiting, is_ready=False)
            self._kept[name] = None
            self.unread.append(name)

    def hold_until(self, name: str, due_s: float) -> None:
        """Let a job that is tried again wait until ``due_s`` (monotonic)."""
        self.retries.set(name, due_s)
        if waiting := self._record(name):
            self._sort_in(waiting)

    def time_passes(self, now_s: float, wall_s: float) -> bool:
        """Let those go whose time has come; True when there were some."""
        due = [*self.retries.pop_due(now_s), *self.moments.pop_due(wall_s)]
        for name in due:
            if waiting := self._record(name):
                self._sort_in(waiting)
        return bool(due)

    def block(self, name: str, *, is_blocked: bool) -> None:
        """Let it wait for other jobs, or no more."""
        if (name in self.blocked) is is_blocked:
            return
        (self.blocked.add if is_blocked else self.blocked.discard)(name)
        if waiting := self._record(name):
            self._sort_in(waiting)

    def ready(self) -> Iterator[Waiting]:
        """Yield what nothing holds, in its order."""
        for name in heapq.merge(*self.kinds.values(), key=self._key):
            yield self.waiting[name]

    def _set_terms(self, waiting: Waiting, terms: Terms) -> None:
        if terms is waiting.terms:  # as those of most are, which have none
            return
        demand = demand_of(terms)
        if terms.priority != waiting.terms.priority or demand != waiting.demand:
            self._set_ready(waiting, is_ready=False)
            waiting.demand = demand
        if terms.priority != waiting.terms.priority:
            self.order.remove(waiting.name)
            self.prioritized += bool(terms.priority) - bool(waiting.terms.priority)
            waiting.key = queue_key(waiting.name, terms.priority)
            self.order.add(waiting.name)
            self.has_priorities = True
        waiting.terms = terms
        self.moments.set(waiting.name, terms.not_before_s)

    def _sort_in(self, waiting: Waiting) -> None:
        """Put it among those that are ready, or take it from there."""
        is_ready = waiting.readiness is Readiness.READY and not self._is_held(waiting.name)
        self._set_ready(waiting, is_ready=is_ready)

    def _is_held(self, name: str) -> bool:
        return name in self.blocked or name in self.moments or name in self.retries

    def _set_ready(self, waiting: Waiting, *, is_ready: bool) -> None:
        if is_ready and not waiting.is_ready:
            self._of_kind(waiting.demand).add(waiting.name)
        elif waiting.is_ready and not is_ready:
            kind = self.kinds[waiting.demand]
            kind.remove(waiting.name)
            if not kind:
                del self.kinds[waiting.demand]
            self.passed_over.pop(waiting.name, None)
        waiting.is_ready = is_ready

    def _of_kind(self, demand: Demand) -> SortedNames:
        kind = self.kinds.get(demand)
        if kind is None:
            kind = self.kinds[demand] = SortedNames(self._key, self._in_order)
        return kind
