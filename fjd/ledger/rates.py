"""How fast jobs end."""

from collections import deque


class Rates:
    """How many jobs ended in each of the last seconds."""

    SECONDS = 60
    WINDOW = 10

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int]] = deque(maxlen=self.SECONDS)
        self._first_s: float | None = None

    def ended(self, now_s: float) -> None:
        """One more has ended."""
        self._first_s = now_s if self._first_s is None else self._first_s
        second = int(now_s)
        if self._buckets and self._buckets[-1][0] == second:
            self._buckets[-1] = (second, self._buckets[-1][1] + 1)
        else:
            self._buckets.append((second, 1))

    def history(self, now_s: float) -> tuple[float, ...]:
        """Return the ends in each of the last 60 whole seconds, oldest first."""
        counts = dict(self._buckets)
        last = int(now_s)
        return tuple(float(counts.get(second, 0)) for second in range(last - self.SECONDS, last))

    def per_s(self, now_s: float) -> float:
        """Return the ends a second over the window, or since the first one when that is less long ago."""
        if self._first_s is None:
            return 0.0
        window_s = min(float(self.WINDOW), max(1.0, now_s - self._first_s))
        return sum(count for second, count in self._buckets if second > now_s - window_s - 1) / window_s
