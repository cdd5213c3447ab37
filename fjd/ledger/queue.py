"""The waiting jobs, kept apart by what may happen to them next, so that nobody walks over those that nothing can.

A job in ``jobqueue/`` is in ``order``, which is what people see. It is among the ready besides when it was read and
nothing holds it; what is held until a time is in a heap by that time. The ready are kept apart by what they demand of a
worker: where one finds none, the next of its kind would not either, and those of another kind go on.
"""

import heapq
from collections import deque
from collections.abc import Iterator

from sortedcontainers import SortedKeyList

from fjd.jobfile import NO_TERMS, Terms
from fjd.ledger.delays import Delays
from fjd.ledger.records import Demand, Readiness, Waiting, demand_of
from fjd.order import queue_key
from fjd.spool.fsio import Stamp


class Queue:
    """What stands in ``jobqueue/``."""

    def __init__(self) -> None:
        self.waiting: dict[str, Waiting] = {}
        self.order: SortedKeyList = SortedKeyList(key=self._key)
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
        self.kinds: dict[Demand, SortedKeyList] = {}
        """The ready, by what they demand."""

    def _key(self, name: str) -> tuple[int, str, str]:
        return self.waiting[name].key

    def add(self, name: str) -> bool:
        """A file stands in the queue; False when that was known."""
        if name in self.waiting:
            return False
        self.waiting[name] = Waiting(name, queue_key(name, 0))
        self.order.add(name)
        self.unread.append(name)
        return True

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
            del self.waiting[name]
        return waiting

    def read(self, name: str, stamp: Stamp, command: str, logfile: str, terms: Terms = NO_TERMS) -> bool:
        """The file was read; False when it is there no more."""
        waiting = self.waiting.get(name)
        if waiting is None:
            return False
        self._set_terms(waiting, terms)
        waiting.readiness, waiting.stamp = Readiness.READY, stamp
        waiting.command, waiting.logfile = command, logfile
        self._sort_in(waiting)
        return True

    def change(self, name: str, readiness: Readiness) -> bool:
        """It is being written, or is to be read again; False when it is not there."""
        waiting = self.waiting.get(name)
        if waiting is None:
            return False
        if readiness is Readiness.UNREAD and waiting.readiness is not Readiness.UNREAD:
            self.unread.append(name)
        waiting.readiness = readiness
        self._sort_in(waiting)
        return True

    def hold_until(self, name: str, due_s: float) -> None:
        """Let a job that is tried again wait until ``due_s`` (monotonic)."""
        self.retries.set(name, due_s)
        if waiting := self.waiting.get(name):
            self._sort_in(waiting)

    def time_passes(self, now_s: float, wall_s: float) -> bool:
        """Let those go whose time has come; True when there were some."""
        due = [*self.retries.pop_due(now_s), *self.moments.pop_due(wall_s)]
        for name in due:
            if waiting := self.waiting.get(name):
                self._sort_in(waiting)
        return bool(due)

    def block(self, name: str, *, is_blocked: bool) -> None:
        """Let it wait for other jobs, or no more."""
        (self.blocked.add if is_blocked else self.blocked.discard)(name)
        if waiting := self.waiting.get(name):
            self._sort_in(waiting)

    def ready(self) -> Iterator[Waiting]:
        """Yield what nothing holds, in its order."""
        for name in heapq.merge(*self.kinds.values(), key=self._key):
            yield self.waiting[name]

    def _set_terms(self, waiting: Waiting, terms: Terms) -> None:
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
        name = waiting.name
        is_held = name in self.blocked or name in self.moments or name in self.retries
        self._set_ready(waiting, is_ready=waiting.readiness is Readiness.READY and not is_held)

    def _set_ready(self, waiting: Waiting, *, is_ready: bool) -> None:
        if is_ready and not waiting.is_ready:
            kind = self.kinds.get(waiting.demand)
            if kind is None:
                kind = self.kinds[waiting.demand] = SortedKeyList(key=self._key)
            kind.add(waiting.name)
        elif waiting.is_ready and not is_ready:
            kind = self.kinds[waiting.demand]
            kind.remove(waiting.name)
            if not kind:
                del self.kinds[waiting.demand]
            self.passed_over.pop(waiting.name, None)
        waiting.is_ready = is_ready
