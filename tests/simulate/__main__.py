"""``python -m tests.simulate``: how large a crew one dispatcher carries. With ``--workers``, one run of that size."""

import argparse
from pathlib import Path

from fjd.cli import garbage
from tests.bench.figures import machine
from tests.simulate import lengths, report, scenario
from tests.simulate.scenario import Result, Scenario

_MOST = {"local": 1000}
"""No host runs more than so many workers; over a network it is 10,000."""
_MEANS_S = (1.0, 10.0, 60.0)
_TRIPS_MS = (0.2, 0.4, 1, 2)
_FAR_MEAN_S = 600.0


def main() -> None:
    """Simulate what the options ask for."""
    options = _options()
    garbage.look_seldom()  # as the real one does
    call_s = None if options.call_us is None else options.call_us / 1e6
    results = _one(options, call_s) if options.workers else _all(options, call_s)
    print(f"\n{machine()}\n\n{report.table(results)}")
    if options.json:
        report.write_json(options.json, results)


def _tell(result: Result) -> None:
    print(report.line(result), flush=True)


def _one(options: argparse.Namespace, call_s: float | None) -> list[Result]:
    jobs = options.jobs or 8 * options.workers
    return [
        scenario.run(
            Scenario(
                kind,
                options.workers,
                jobs,
                mean_s,
                options.lengths,
                options.seed,
                call_s,
                options.backlog,
                options.limit,
            )
        )
        for kind in options.storage
        for mean_s in options.mean
    ]


def _all(options: argparse.Namespace, call_s: float | None) -> list[Result]:
    results: list[Result] = []
    found: dict[tuple[str, float], Result | None] = {}
    for kind in options.storage:
        for mean_s in options.mean:
            tried = scenario.crew_sizes(kind, mean_s, min(options.most, _MOST.get(kind, options.most)), call_s, _tell)
            found[tried[0].storage, mean_s] = scenario.largest(tried)
            results += tried
    print(f"\nThe largest crew that works for {scenario.ENOUGH:.0%} of its time:\n")
    print(report.crews(found, options.mean), flush=True)
    tails = [scenario.run(Scenario(kind, 16, 6400, 10.0, "unequal", options.seed, call_s)) for kind in options.storage]
    print(f"\nThe tail, with very unequal lengths:\n\n{report.table(tails)}", flush=True)
    print(f"\n{options.most:,} workers, by the distance of the server:\n", flush=True)
    far = scenario.carried_from(_TRIPS_MS, options.most, _FAR_MEAN_S, call_s, _tell)
    return [*results, *tails, *far]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument(
        "--storage",
        nargs="+",
        default=["local", "nfs", "slow"],
        help="local, nfs (0.4 ms a round trip), slow (5 ms), or a round trip in ms [local nfs slow]",
    )
    parser.add_argument("--mean", type=float, nargs="+", default=list(_MEANS_S), help="mean lengths in s [1 10 60]")
    parser.add_argument("--most", type=int, default=10_000, help="the largest crew that is tried [%(default)s]")
    parser.add_argument("--workers", type=int, help="simulate this crew alone")
    parser.add_argument("--jobs", type=int, help="with --workers: so many jobs [8 a worker]")
    parser.add_argument("--lengths", choices=list(lengths.KINDS), default="exponential", help="[%(default)s]")
    parser.add_argument("--backlog", type=int, help="at most so many jobs stand in the queue at a time [all]")
    parser.add_argument(
        "--limit", type=float, help="look no further than so many seconds of its time [5 times the best]"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the lengths [%(default)s]")
    parser.add_argument("--call-us", type=float, help="a system call stands for so much processor time [measured]")
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
