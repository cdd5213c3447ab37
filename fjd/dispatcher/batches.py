"""Goes on with batches whose submitter has died: committed, and not wholly in the queue (`fjd.spool.batches`).

A submitter that lives needs no help. That it does is seen by its batch growing smaller, on our own clock (rule 5); one
that is frozen and wakes again finds its jobs moved, and that is all.
"""

import time
from collections.abc import Callable

from fjd.dispatcher.pace import Pace
from fjd.spool import batches, fsio
from fjd.spool.layout import Layout

_BUDGET_S = 0.02
"""No step of the dispatcher is to wait for a batch of a hundred thousand."""


class Batches:
    """Watches the batches of the spool at ``layout``; one that stands still for ``patience_s`` is finished."""

    def __init__(
        self, layout: Layout, look_s: float, patience_s: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._layout = layout
        self._patience_s = patience_s
        self._clock = clock
        self._pace = Pace(look_s, clock=clock)
        self._seen: dict[str, tuple[int | None, float]] = {}
        self._orphans: list[str] = []

    def go_on(self) -> None:
        """Move some jobs of a batch that nobody else is at; look for one when it is time."""
        if self._pace.due():
            with self._pace:
                self._orphans = [batch for batch in batches.pending(self._layout) if self._stands_still(batch)]
        if self._orphans:
            until_s = self._clock() + _BUDGET_S
            batches.finish(self._layout, self._orphans[0], is_enough=lambda: self._clock() >= until_s)
            if fsio.dir_stamp(self._layout.batch(self._orphans[0])) is None:
                self._seen.pop(self._orphans.pop(0), None)

    def are_pending(self) -> bool:
        """Tell whether jobs are still to come out of batches."""
        return bool(batches.pending(self._layout))

    def _stands_still(self, batch: str) -> bool:
        stamp, now_s = fsio.dir_stamp(self._layout.batch(batch)), self._clock()
        seen = self._seen.get(batch)
        if seen is None or (seen[0] != stamp and batch not in self._orphans):
            self._seen[batch] = seen = (stamp, now_s)
        return now_s - seen[1] >= self._patience_s
