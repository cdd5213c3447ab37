"""Virtual time: it passes by what the disk takes, by waiting, and by the processor time that the real code takes."""

import itertools
import statistics
import time
from typing import Final

BEGIN_S: Final = 1000.0
_WALL_S: Final = 1_700_000_000.0
"""What the wall clock shows more."""


def _asking_s() -> float:
    """Return how much of the processor's time it takes to ask for it."""
    asked = [time.process_time() for _ in range(2000)]
    return statistics.median(later - earlier for earlier, later in itertools.pairwise(asked))


class Clock:
    """Read by the dispatcher as its monotonic clock.

    Processor time is measured as it runs, or else each system call stands for ``call_s`` of it, by which a run is the
    same each time. While the simulator itself works, between `pause` and `resume`, none is counted.
    """

    def __init__(self, call_s: float | None = None) -> None:
        self.now_s = BEGIN_S
        """As of the last pause."""
        self.cpu_s = 0.0
        self._call_s = call_s
        self._asking_s = 0.0 if call_s is not None else _asking_s()
        self._mark_s: float | None = None
        """When the real code was let go on, by the processor's time; None while it does not run."""

    def __call__(self) -> float:
        if self._call_s is not None or self._mark_s is None:
            return self.now_s
        return self.now_s + time.process_time() - self._mark_s

    def pause(self) -> None:
        """The real code has called us: count what it took so far."""
        if self._call_s is not None:
            took_s = self._call_s
        elif self._mark_s is not None:
            took_s = max(0.0, time.process_time() - self._mark_s - self._asking_s)
        else:
            took_s = 0.0
        self._mark_s = None
        self.cpu_s += took_s
        self.now_s += took_s

    def resume(self) -> None:
        """It goes on."""
        if self._call_s is None:
            self._mark_s = time.process_time()

    # ---- the module ``time``, as far as the dispatcher asks it

    monotonic = __call__

    def time(self) -> float:
        """Return the wall clock."""
        return self() + _WALL_S

    def time_ns(self) -> int:
        """Return the wall clock in ns."""
        return int(self.time() * 1e9)

    @property
    def disk_ns(self) -> int:
        """What the disk's clock shows at this moment of the simulation."""
        return int((self.now_s + _WALL_S) * 1e9)
