"""How fast trivial jobs go through, as a ratio to ``xargs`` of the same width in the same run.

``python -m tests.bench.throughput [--jobs N] [--workers N] [--rounds N]``. These machines are noisy, so the rounds of
the two alternate, and the medians are told. Each round of fjd is one dispatcher from its start to its end, with the
jobs in the queue and the workers hired before; ``xargs`` starts the same processes and keeps no books at all.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.crew import Crew

_COMMAND = "/bin/true"


def main() -> None:
    """Measure, and print a line for each round and the medians."""
    options = _options()
    ratios: list[float] = []
    for number in range(1, options.rounds + 1):
        plain_s = _time(lambda: _xargs(options.jobs, options.workers))
        ours_s, inner_s = _fjd(options.jobs, options.workers)
        ratios.append(plain_s / ours_s)
        print(
            f"round {number}: xargs {options.jobs / plain_s:7.0f} jobs/s   fjd {options.jobs / ours_s:7.0f} jobs/s"
            f"   ratio {ratios[-1]:.2f}   (first start to last end: {options.jobs / inner_s:.0f} jobs/s)",
            flush=True,
        )
    print(f"median ratio to xargs -P{options.workers}: {statistics.median(ratios):.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _time(action: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    action()
    return time.perf_counter() - began_s


def _xargs(jobs: int, width: int) -> None:
    lines = "".join(f"{number}\n" for number in range(jobs))
    subprocess.run(["xargs", f"-P{width}", "-n1", _COMMAND], input=lines, text=True, check=True)


def _fjd(jobs: int, workers: int) -> tuple[float, float]:
    """Return the seconds from the dispatcher's start to its end, and those from the first start to the last end."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "spool"
        root.mkdir(mode=0o700)
        crew = Crew(root)
        try:
            for number in range(jobs):
                crew.submit(f"job{number}", _COMMAND)
            crew.workers(workers)
            seconds = _time(lambda: _dispatch(crew))
            times = [line["t"] for event in ("start", "end") for line in crew.journal(event)]
        finally:
            crew.close()
    return seconds, max(times) - min(times)


def _dispatch(crew: Crew) -> None:
    status, _, errors = crew.finish(crew.dispatcher(), timeout_s=600)
    if status:
        sys.exit(f"the dispatcher ended with {status}: {errors}")


if __name__ == "__main__":
    main()
