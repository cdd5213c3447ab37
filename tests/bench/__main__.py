"""``python -m tests.bench``: measures, prints all figures beside their targets, and writes JSON and a plot."""

import argparse
from pathlib import Path

from tests.bench import figures, svg, throughput
from tests.bench.figures import Figure


def main() -> None:
    """Measure what the options ask for."""
    options = _options()
    found: list[Figure] = []
    for width in options.widths:
        found += throughput.measure(options.jobs, width, options.rounds, lambda line: print(line, flush=True))
    print(f"\n{figures.machine()}\n\n{figures.table(found)}")
    figures.write_json(options.json, found)
    if options.plot:
        first = f", {options.widths[0]} wide"
        rows = [(one.name.removesuffix(first), one.median) for one in found if one.unit and one.name.endswith(first)]
        svg.bars(options.plot, f"Trivial jobs a second{first}", sorted(rows, key=lambda row: -row[1]), "fjd")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--jobs", type=int, default=4000, help="trivial jobs a round [%(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="[%(default)s]")
    parser.add_argument("--widths", type=int, nargs="+", default=[2, 8, 64], help="how many workers [2 8 64]")
    parser.add_argument(
        "--json", type=Path, default=Path("bench.json"), help="where to write the figures [%(default)s]"
    )
    parser.add_argument("--plot", type=Path, help="where to write the plot, such as example/bench.svg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
