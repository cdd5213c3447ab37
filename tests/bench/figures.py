"""A measured figure beside its target, and what is made of many: a table, and a JSON file."""

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path


class Better(Enum):
    """Which side of the target is the good one."""

    MORE = "≥"
    LESS = "≤"


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of several rounds. ``target`` is None where there is nothing to reach."""

    name: str
    values: tuple[float, ...]
    unit: str
    target: float | None = None
    better: Better = Better.MORE

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing."""
        if self.target is None:
            return ""
        is_met = self.median >= self.target if self.better is Better.MORE else self.median <= self.target
        return "met" if is_met else "missed"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| figure | median | from | to | unit | target | |", "| --- | ---: | ---: | ---: | --- | ---: | --- |"]
    for figure in figures:
        target = "" if figure.target is None else f"{figure.better.value} {_number(figure.target)}"
        cells = (_number(figure.median), _number(min(figure.values)), _number(max(figure.values)), figure.unit, target)
        lines.append(f"| {figure.name} | {' | '.join(cells)} | {figure.verdict} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def write_json(path: Path, figures: Sequence[Figure]) -> None:
    """Write the figures with what they were measured on."""
    record = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "load": os.getloadavg()[0],
        "figures": [
            {**asdict(figure), "better": figure.better.value, "median": figure.median, "verdict": figure.verdict}
            for figure in figures
        ],
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def machine() -> str:
    """Return what kind of machine this is, in general words."""
    return f"{os.cpu_count()} processors, {platform.machine()}, Linux, Python {platform.python_version()}"
