"""What the results say, as tables in Markdown and as a JSON file."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench.figures import machine
from tests.simulate.scenario import Result

_HEAD = (
    "storage", "workers", "jobs", "length", "busy", "first job", "over bound", "over list", "CPU a job", "calls a job",
    "round trips a job", "dispatcher busy",
)  # fmt: skip


def table(results: Iterable[Result]) -> str:
    """Return a line for each run."""
    lines = [f"| {' | '.join(_HEAD)} |", "| --- " + "| ---: " * (len(_HEAD) - 1) + "|"]
    return "\n".join([*lines, *map(line, results)])


def line(result: Result) -> str:
    """Return that of one run."""
    return f"| {' | '.join(_cells(result))} |"


def _cells(result: Result) -> tuple[str, ...]:
    scenario = result.scenario
    is_whole = result.done == scenario.jobs
    return (
        result.storage,
        f"{scenario.workers:,}",
        f"{scenario.jobs:,}" if is_whole else f"{result.done:,} of {scenario.jobs:,}",
        f"{scenario.mean_s:g} s, {scenario.kind}",
        f"{result.busy:.0%}",
        f"{result.startup_s:.1f} s",
        f"{result.over_bound:.3f}" if is_whole else "",
        f"{result.over_list:.3f}" if is_whole else "",
        f"{result.cpu_us:,.0f} µs",
        f"{sum(result.calls.values()):.1f}",
        f"{result.trips:.1f}",
        f"{result.load:.0%}",
    )


def crews(found: dict[tuple[str, float], Result | None], means_s: Sequence[float]) -> str:
    """Return the largest crews that are carried: a line for each storage, a column for each length."""
    lines = [f"| storage | {' | '.join(f'jobs of {mean_s:g} s' for mean_s in means_s)} |"]
    lines.append("| --- " + "| ---: " * len(means_s) + "|")
    for name in dict.fromkeys(name for name, _ in found):
        cells = [found.get((name, mean_s)) for mean_s in means_s]
        lines.append(f"| {name} | {' | '.join(f'{one.scenario.workers:,}' if one else 'none' for one in cells)} |")
    return "\n".join(lines)


def write_json(path: Path, results: Iterable[Result]) -> None:
    """Write all results, with what they were made on."""
    record = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "runs": [asdict(result) for result in results]}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
