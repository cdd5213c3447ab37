"""What the disk refuses of single files: each is passed by, and tried again at growing distances. The rest goes on.

Pure: names and times, no disk. That a whole disk refuses is another matter, which those who meet it wait for.
"""

import time
from collections.abc import Callable, Container

FIRST_S, LAST_S = 0.5, 60.0
_SAID_MAX = 8
"""A message for each of a thousand files would say no more than one for each of the first few."""


class Setbacks:
    """The names that were refused, and when each may be tried again."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits: dict[str, tuple[float, float]] = {}
        self._said = 0

    def __len__(self) -> int:
        return len(self._waits)

    def __contains__(self, name: str) -> bool:
        return name in self._waits

    def add(self, name: str) -> bool:
        """Note that it was refused once more; tell whether that is to be said: once a name, and not for too many."""
        _, delay_s = self._waits.get(name, (0.0, 0.0))
        is_news = name not in self._waits and self._said < _SAID_MAX
        self._said += is_news
        delay_s = min(max(FIRST_S, 2 * delay_s), LAST_S)
        self._waits[name] = (self._clock() + delay_s, delay_s)
        return is_news

    def is_due(self, name: str) -> bool:
        """Tell whether it may be tried, as whatever was never refused may."""
        return name not in self._waits or self._waits[name][0] <= self._clock()

    def due(self) -> list[str]:
        """Return what was refused and may be tried again, in the order in which it was first refused."""
        return [name for name in self._waits if self.is_due(name)]

    def forget(self, name: str) -> None:
        """It is refused no more."""
        self._waits.pop(name, None)

    def keep(self, names: Container[str]) -> bool:
        """Forget those that are not among ``names`` any more; tell whether with them it is all over."""
        had_any = bool(self._waits)
        for name in [name for name in self._waits if name not in names]:
            del self._waits[name]
        if had_any and not self._waits:
            self._said = 0
            return True
        return False
