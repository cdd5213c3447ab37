"""``python -m tests.bench [PART...]``: measures, and prints each figure beside its target; JSON and a plot too."""

import argparse
from collections.abc import Callable
from pathlib import Path

from tests.bench import figures, latency, past, scale, screen, startup, svg, tail, throughput
from tests.bench.figures import Figure

Say = Callable[[str], None]

PARTS: dict[str, Callable[[argparse.Namespace, Say], list[Figure]]] = {
    "throughput": lambda options, say: [
        figure for width in options.widths for figure in throughput.measure(options.jobs, width, options.rounds, say)
    ],
    "latency": lambda options, say: latency.measure(100 * options.rounds, say),
    "tail": lambda options, say: tail.measure(options.rounds, say),
    "startup": lambda options, say: startup.measure(options.rounds, say),
    "screen": lambda options, say: screen.measure(60 * options.rounds, say),
    "past": lambda options, say: past.measure(max(options.lengths), options.rounds, say),
    "scale": lambda options, say: scale.measure(options.lengths, options.ends, say),
}


def main() -> None:
    """Measure what the options ask for."""
    options = _options()
    found: list[Figure] = []
    for part in options.parts or PARTS:
        found += PARTS[part](options, lambda line: print(line, flush=True))
    print(f"\n{figures.machine()}\n\n{figures.table(found)}")
    figures.write_json(options.json, found)
    if options.plot:
        first = f", {options.widths[0]} wide"
        rows = [(one.name.removesuffix(first), one.median) for one in found if one.unit and one.name.endswith(first)]
        svg.bars(
            options.plot,
            f"Trivial jobs a second, {options.widths[0]} workers",
            sorted(rows, key=lambda row: -row[1]),
            "fjd",
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} [all of them]")
    parser.add_argument("--lengths", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], help="of queues")
    parser.add_argument("--ends", type=int, default=100_000, help="of a long queue so many jobs end [%(default)s]")
    parser.add_argument("--jobs", type=int, default=4000, help="trivial jobs a round [%(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="[%(default)s]")
    parser.add_argument("--widths", type=int, nargs="+", default=[2, 8, 64], help="how many workers [2 8 64]")
    parser.add_argument(
        "--json", type=Path, default=Path("bench.json"), help="where to write the figures [%(default)s]"
    )
    parser.add_argument("--plot", type=Path, help="where to write the plot, such as example/bench.svg")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}: it is one of {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
