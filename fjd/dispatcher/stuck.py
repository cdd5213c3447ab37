"""Says why nothing goes on, when jobs wait and none can start: else a dispatcher without a screen would only wait."""

import time
from collections.abc import Callable, Iterator
from itertools import islice

from fjd.dispatcher.reasons import Reasons
from fjd.ledger import Ledger
from fjd.snapshot import EventKind

_PATIENCE_S = 2.0
"""What is over sooner is not worth a word."""
_NAMED = 3
_LOOKED_AT = 100


class Stuck:
    """Says it once, and again when something has run since."""

    def __init__(self, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._why = Reasons(ledger, clock=clock)
        self._clock = clock
        self._since_s: float | None = None
        self._is_said = False

    def look(self) -> None:
        """See whether anything goes on."""
        if not self._is_stuck():
            self._since_s, self._is_said = None, False
        elif self._since_s is None:
            self._since_s = self._clock()
        elif not self._is_said and self._clock() - self._since_s >= _PATIENCE_S:
            self._is_said = True
            self._say()

    def _is_stuck(self) -> bool:
        """Tell whether jobs wait, for nothing that comes by itself. Without workers it is clear what is missing."""
        ledger, queue = self._ledger, self._ledger.queue
        goes_on = ledger.active or ledger.retrying or queue.unread or queue.retries or queue.moments
        is_stopped = ledger.is_paused or ledger.halted
        return bool(ledger.waiting and ledger.workers) and not goes_on and not is_stopped

    def _say(self) -> None:
        named = list(islice(self._reasons(), _NAMED))
        if named:
            more = len(self._ledger.waiting) - len(named)
            rest = f"; {more:,} more wait" if more > 0 else ""
            self._ledger.note(EventKind.NOTE, f"no job can start: {'; '.join(named)}{rest}")

    def _reasons(self) -> Iterator[str]:
        self._why.look()
        for name in islice(self._ledger.order, _LOOKED_AT):
            if reason := self._why.of(self._ledger.waiting[name]):
                yield f"{name}: {reason}"
