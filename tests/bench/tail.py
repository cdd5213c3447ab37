"""What is lost at the end of a run: jobs of very unequal length, and how long the crew takes beside what it must.

The bound is that of list scheduling: each job goes, in the order of the queue, to whoever is free first, and it costs
nothing to give it to them.
"""

import heapq
import random
from collections.abc import Callable

from tests.bench import spools
from tests.bench.figures import Better, Figure

_WIDTH = 8
_JOBS = 400
_LONGEST_S = 6.0


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Return how the makespan stands to the bound, for other lengths in each round."""
    ratios = tuple(_ratio(random.Random(seed)) for seed in range(rounds))
    figure = Figure(f"makespan : list scheduling, {_WIDTH} workers", ratios, "", 1.05, Better.LESS)
    say(f"{figure.name}: {figure.median:.3f}")
    return [figure]


def _ratio(chance: random.Random) -> float:
    lengths_s = [min(chance.lognormvariate(-3.0, 1.8), _LONGEST_S) for _ in range(_JOBS)]
    with spools.crew() as crew:
        for number, length_s in enumerate(lengths_s):
            crew.submit(f"job{number}", f"sh -c 'sleep {length_s:.4f}'")
        crew.workers(_WIDTH)
        status, _, errors = crew.finish(crew.dispatcher(), timeout_s=600)
        assert status == 0, errors
        took = {line["job"]: line["seconds"] for line in crew.journal("end")}
        times: list[float] = [line["t"] for event in ("start", "end") for line in crew.journal(event)]
    return (max(times) - min(times)) / bound_s([took[f"job{number}"] for number in range(_JOBS)], _WIDTH)


def bound_s(lengths_s: list[float], width: int) -> float:
    """Return the makespan of list scheduling, in seconds; lengths as they were measured, so that starting counts."""
    free_s = [0.0] * width
    for length_s in lengths_s:
        heapq.heapreplace(free_s, free_s[0] + length_s)
    return max(free_s)
