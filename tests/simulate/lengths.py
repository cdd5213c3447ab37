"""How long jobs take, and how soon they could all be done."""

import heapq
import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Final

_LONGEST: Final = 100.0
"""Of very unequal ones the longest takes so many times the mean."""
_ALPHA: Final = 1.2
"""The smaller the fewer jobs are most of the work (Pareto's exponent)."""


def _equal(_source: random.Random) -> float:
    return 1.0


def _exponential(source: random.Random) -> float:
    return source.expovariate(1.0)


def _unequal(source: random.Random) -> float:
    return source.paretovariate(_ALPHA)


KINDS: Final[dict[str, Callable[[random.Random], float]]] = {
    "equal": _equal,
    "exponential": _exponential,
    "unequal": _unequal,
}


def made(kind: str, count: int, mean_s: float, seed: int) -> "array[float]":
    """Return the lengths of so many jobs, in seconds, the same for the same ``seed``."""
    source, draw = random.Random(seed), KINDS[kind]
    drawn = array("d", (draw(source) for _ in range(count)))
    unit = sum(drawn) / count
    drawn = array("d", (min(one, _LONGEST * unit) for one in drawn))
    scale = mean_s * count / sum(drawn)
    return array("d", (max(1e-4, one * scale) for one in drawn))


def bound_s(lengths: Sequence[float], workers: int) -> float:
    """Return Graham's bound: so long at most do they take if nobody is idle while any job waits, in whatever order."""
    return sum(lengths) / workers + (1 - 1 / workers) * max(lengths)


def list_schedule_s(lengths: Iterable[float], workers: int) -> float:
    """Return how long they take when each next one goes at once to whoever is free first, at no cost."""
    free_s = [0.0] * workers
    last_s = 0.0
    for length in lengths:
        end_s = free_s[0] + length
        last_s = max(last_s, end_s)
        heapq.heapreplace(free_s, end_s)
    return last_s
