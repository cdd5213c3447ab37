"""Why a job that waits does not start, by all that the dispatcher knows."""

import time
from collections.abc import Callable

from fjd import policy, why
from fjd.ledger import Ledger, Readiness, Waiting
from fjd.policy import Offer


class Reasons:
    """Looks them up in ``ledger``."""

    def __init__(self, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._offers: frozenset[Offer] = frozenset()
        """What the workers who are here have for a job, as of the last look."""
        self._is_overloaded = False

    def look(self) -> None:
        """See what the workers have who are here."""
        ledger, now_s = self._ledger, self._clock()
        crew = [one for one in ledger.workers.values() if not one.is_dead and not one.is_draining]
        self._offers = frozenset(policy.offer(ledger, one, now_s) for one in crew)
        self._is_overloaded = policy.is_overloaded(ledger) and all(one.is_local for one in crew)

    def of(self, waiting: Waiting) -> str:
        """Return why it is not handed out, nothing when it only waits for its turn. Other threads may ask."""
        queue, name = self._ledger.queue, waiting.name
        if name in self._ledger.active:
            return why.NAME_IN_USE
        if waiting.readiness is Readiness.WRITTEN:
            return why.BEING_WRITTEN
        if waiting.readiness is Readiness.REFUSED:
            return why.REFUSED
        if (due_s := queue.retries.get(name)) is not None:
            return why.retry(self._ledger.attempts.get(name, 1), waiting.terms.retries, due_s - self._clock())
        if (moment_s := queue.moments.get(name)) is not None:
            return why.not_before(moment_s)
        if waiting.readiness is not Readiness.READY:
            return ""
        return self._ledger.bonds.reason(name) or self._reason_of_turn(waiting)

    def _reason_of_turn(self, waiting: Waiting) -> str:
        """Return why it is not its turn, or why nobody takes it."""
        ledger, demand = self._ledger, waiting.demand
        if ledger.halted:
            return why.HALTED
        if lack := policy.misfit(demand, policy.length_s(ledger, demand), self._offers):
            return lack
        if waiting.name in ledger.queue.passed_over:
            return why.waits_for_room(demand.cpus, demand.memory_bytes)
        return why.OVERLOADED if self._is_overloaded else ""
