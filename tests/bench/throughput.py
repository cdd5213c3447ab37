"""How fast trivial jobs go through, beside others of the same width in the same rounds.

Machines are noisy, so the rounds of all alternate, and ratios are taken within a round. fjd is measured from the first
start to the last end, and the start of the dispatcher by itself.
"""

from collections import defaultdict
from collections.abc import Callable

from tests.bench import rivals
from tests.bench.figures import Figure

_SLOW = 4
"""Those that are slow get so many times fewer jobs."""
_TARGETS = {"xargs": 0.93, "GNU parallel": 4.0, "task-spooler": 1.8}
_POLLS_PER_S = 10
"""A worker of the original looks for its next job so often, and runs one job a look."""


def measure(jobs: int, width: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Return jobs a second of each, and the ratios of fjd to each."""
    found = rivals.found()
    rates: dict[str, list[float]] = defaultdict(list)
    for number in range(1, rounds + 1):
        whole_s, steady_s = rivals.fjd(jobs, width)
        rates["fjd"].append(jobs / steady_s)
        rates["fjd, with the dispatcher's start"].append(jobs / whole_s)
        for name, rival in found.items():
            some = jobs if name == "xargs" else jobs // _SLOW
            rates[name].append(some / rival(some, width))
        say(
            f"round {number}, {width} workers: " + ", ".join(f"{name} {rate[-1]:.0f}/s" for name, rate in rates.items())
        )
    figures = [Figure(f"{name}, {width} wide", tuple(rate), "jobs/s") for name, rate in rates.items()]
    for name in found:
        ratios = tuple(ours / theirs for ours, theirs in zip(rates["fjd"], rates[name], strict=True))
        figures.append(Figure(f"fjd : {name}, {width} wide", ratios, "", _TARGETS[name] if width == 2 else None))
    original = tuple(rate / (_POLLS_PER_S * width) for rate in rates["fjd"])
    figures.append(Figure(f"fjd : the original's bound, {width} wide", original, "", 50.0 if width == 2 else None))
    return figures
