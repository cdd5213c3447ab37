"""How long it will still take, as a range: one figure would promise more than is known. Pure.

Where jobs end often, the speeds over several stretches of the last minute tell, and their spread is the range. Where
they are long, the mean length of a run tells, how much runs differ, and how many have been seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STRETCHES = (10, 30, 60)
_OFTEN = 10
"""So many ends in the last minute make a speed that can be trusted."""
_WEIGHT = 9
"""What is learnt of runs is the mean of about so many of the last ones."""
_SIGMA = 1.25
"""From the mean distance to the mean to a standard deviation, as of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What is known of the length of runs: their mean, their mean distance from it, and how many were seen."""

    mean_s: float
    distance_s: float
    seen: int


def forecast(unfinished: int, history: Sequence[float], runs: Runs | None, crew: int) -> tuple[float, float] | None:
    """Return the shortest and the longest time that it may take, in seconds; None where that would be a guess.

    ``history`` has the ends in each of the last seconds, oldest first; ``crew`` is the number of workers.
    """
    if not unfinished:
        return None
    if sum(history) >= _OFTEN:
        return _by_speed(unfinished, history)
    return _by_length(unfinished, runs, crew) if runs is not None and runs.seen >= 3 and crew else None


def _by_speed(unfinished: int, history: Sequence[float]) -> tuple[float, float]:
    began = next((second for second, ends in enumerate(history) if ends), 0)
    known = history[began:]
    speeds = [sum(part) / len(part) for stretch in _STRETCHES if any(part := known[-stretch:])]
    return unfinished / max(speeds), unfinished / min(speeds)


def _by_length(unfinished: int, runs: Runs, crew: int) -> tuple[float, float]:
    lanes = min(crew, unfinished)
    middle = unfinished * runs.mean_s / lanes
    sigma = _SIGMA * runs.distance_s
    doubt = sigma * (math.sqrt(unfinished) + unfinished / math.sqrt(min(runs.seen, _WEIGHT))) / lanes
    return max(0.0, middle - doubt), middle + doubt
