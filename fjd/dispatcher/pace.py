"""How often to do what costs something: at most every so often, and never for more than a small part of the time."""

import time
from collections.abc import Callable

SHARE = 0.02
_LONGEST_S = 300.0


class Pace:
    """``due()`` tells whether it is time again; use ``with pace:`` around the work, so that its cost is known.

    Work that took a second is not done again for fifty, however short the interval: a listing of a million names must
    not become what the dispatcher does all day. It has to be slow twice running for that, and then waits for five
    minutes at most: once is a server that was away, after which nothing should wait for an hour.
    """

    def __init__(self, interval_s: float, *, share: float = SHARE, clock: Callable[[], float] = time.monotonic) -> None:
        self.share = share
        """The part of the time that it may take."""
        self._interval_s = interval_s
        self._clock = clock
        self._next_s = self._began_s = float("-inf")
        self._took_s = _LONGEST_S * share

    def due(self) -> bool:
        """Tell whether the interval is over."""
        return self._clock() >= self._next_s

    def hurry(self) -> None:
        """Make it due now."""
        self._next_s = float("-inf")

    def rest(self) -> None:
        """It was done just now, as a part of something else, and is due again after the interval."""
        self._next_s = self._clock() + self._interval_s

    def __enter__(self) -> None:
        self._began_s = self._clock()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # it was not done: the next try is the one that shows whether the trouble is over
            self.hurry()
            return
        ended_s = self._clock()
        before_s, self._took_s = self._took_s, min(ended_s - self._began_s, _LONGEST_S * self.share)
        self._next_s = ended_s + max(self._interval_s, min(before_s, self._took_s) / self.share)
