"""How long a job waits for us: from its file to its start where a worker is idle, and from an end to the next start."""

import statistics
import time
from collections.abc import Callable
from itertools import pairwise

from tests.bench import spools
from tests.bench.figures import Better, Figure
from tests.crew import until

_PAUSE_S = 0.05


def measure(drops: int, say: Callable[[str], None]) -> list[Figure]:
    """Return the figures of ``drops`` files, and of as many jobs in a row."""
    figures = [*_drops(drops), *_in_a_row(drops)]
    say("\n".join(f"{figure.name}: {figure.median:.3g} {figure.unit}" for figure in figures))
    return figures


def _drops(count: int) -> list[Figure]:
    """Move a file into the queue when the last one's job has ended and all is at rest; and look when it has begun."""
    dropped_s: dict[str, float] = {}
    with spools.crew() as crew:
        crew.workers(1)
        crew.dispatcher("--keep-going")
        for number in range(count):
            time.sleep(_PAUSE_S * (1 + number % 7))
            name = f"job{number}"
            dropped_s[name] = time.time()
            crew.submit(name, "/bin/true")
            until(lambda name=name: (crew.root / "done" / name).exists())  # type: ignore[misc]
        started_s = {line["job"]: line["t"] for line in crew.journal("start")}
    waits_ms = [1000 * (started_s[name] - at_s) for name, at_s in dropped_s.items()]
    return [
        Figure("file dropped to job started, median", (statistics.median(waits_ms),), "ms", 30.0, Better.LESS),
        Figure("file dropped to job started, p99", (_p99(waits_ms),), "ms", 100.0, Better.LESS),
    ]


def _in_a_row(count: int) -> list[Figure]:
    """Jobs of ten milliseconds for one worker: times in the journal are to the millisecond."""
    with spools.crew() as crew:
        for number in range(count):
            crew.submit(f"job{number}", "sh -c 'sleep 0.01'")
        crew.workers(1)
        status, _, errors = crew.finish(crew.dispatcher(), timeout_s=600)
        assert status == 0, errors
        told = sorted(
            (line["t"], line["event"] == "start") for event in ("start", "end") for line in crew.journal(event)
        )
    gaps_ms = [
        1000 * (start_s - end_s)
        for (end_s, was_start), (start_s, is_start) in pairwise(told)
        if is_start and not was_start
    ]
    return [Figure("job ended to next job started, median", (statistics.median(gaps_ms),), "ms", 2.0, Better.LESS)]


def _p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]
