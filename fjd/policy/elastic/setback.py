"""What hiring that failed leads to: a short delay, and after several failures in a row a pause with its reason.

Whatever goes wrong with a scheduler, an autoscaler that hammers it makes it worse. So the pause doubles each time, and
the first try after it is one worker.
"""

from dataclasses import dataclass
from typing import Final

FIRST_DELAY_S: Final = 5.0
LONGEST_PAUSE_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Setback:
    """How hiring at one place stands."""

    failures: int = 0
    """In a row."""
    reason: str = ""
    """Of the last one; it may hold foreign text."""
    until_s: float = 0.0
    """Before this nobody is hired there, on the clock of whoever decides."""
    pause_s: float = 0.0
    """How long the pause is or was; 0 when there was none since hiring last went well."""

    @property
    def is_pause(self) -> bool:
        """Whether it is more than a delay."""
        return self.pause_s > 0

    def holds(self, now_s: float) -> bool:
        """Tell whether nobody is to be hired there now."""
        return now_s < self.until_s


NO_SETBACK: Final = Setback()


def failed(before: Setback, reason: str, now_s: float, *, failures: int, pause_s: float) -> Setback:
    """Return how things stand after one more failure; the ``failures``-th in a row, and each after it, is a pause."""
    count = before.failures + 1
    if count < failures:
        return Setback(count, reason, now_s + FIRST_DELAY_S * 2 ** min(count - 1, 16))
    pause_s = min(2 * before.pause_s or pause_s, max(LONGEST_PAUSE_S, pause_s))
    return Setback(count, reason, now_s + pause_s, pause_s)
