"""What a long queue costs: the start, the reading, each job, memory, and doing nothing.

For each length a spool is filled and a dispatcher started on it with two workers, for the time to the first start. Then
one without workers reads all that waits; when it is done with that, it is measured doing nothing; and then two workers
come, and it is measured for each of the first jobs that end, which pay for a whole listing of the queue, and for each
of the many that follow.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench import spools
from tests.bench.figures import Better, Figure
from tests.bench.processes import cpu_s, peak_mb
from tests.crew import Crew, until

_WORKERS = 2
_IDLE_S = 20.0
_READ_AT_MOST_S = 1800.0
_FIRST_ENDS = 4000
_LEFT = 50
"""So many jobs at least wait to the end of what is measured."""
_LEAST = 0.02
"""A dispatcher that uses a smaller part of a core has read all."""


def measure(lengths: list[int], ends: int, say: Callable[[str], None]) -> list[Figure]:
    """Return the figures of each length, and how the cost of a job at the longest stands to that at 10,000.

    After the first jobs up to ``ends`` more are measured.
    """
    figures: list[Figure] = []
    costs: dict[int, float] = {}
    for length in lengths:
        with spools.crew() as crew:
            spools.fill(crew.root, length)
            figures.append(_first_start(crew, length))
            costs[length] = _costs(crew, length, ends, figures)
            figures.append(_status(crew, length))
        say("\n".join(f"{figure.name}: {figure.median:.3g} {figure.unit}" for figure in figures[-7:]))
    if 10_000 in costs and len(costs) > 1:
        ratio = costs[lengths[-1]] / costs[10_000]
        figures.append(Figure(f"CPU for a job, {lengths[-1]:,} waiting : 10,000", (ratio,), "", 1.2, Better.LESS))
    return figures


def _figure(what: str, length: int, value: float, unit: str, targets: dict[int, float]) -> Figure:
    return Figure(f"{what}, {length:,} waiting", (value,), unit, targets.get(length), Better.LESS)


def _first_start(crew: Crew, length: int) -> Figure:
    workers = crew.workers(_WORKERS)
    began_s = time.time()
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: crew.journal("start"), timeout_s=600)
    first_s = min(line["t"] for line in crew.journal("start")) - began_s
    crew.kill(dispatcher, 15)
    for worker in workers:
        crew.kill(worker, 15)
    return _figure("first start", length, first_s, "s", {1_000_000: 3.0})


def _costs(crew: Crew, length: int, ends: int, figures: list[Figure]) -> float:
    """Add what reading, waiting, jobs and memory cost; return the CPU seconds for a job after the first ones."""
    left = len(os.listdir(crew.root / "jobqueue"))
    dispatcher = crew.dispatcher("--keep-going")
    read_s = _idle_from(dispatcher)
    figures.append(_figure("reading, CPU", length, 1e6 * read_s / left, "µs a file", {}))
    before_s = cpu_s(dispatcher.pid)
    time.sleep(_IDLE_S)
    idle = (cpu_s(dispatcher.pid) - before_s) / _IDLE_S
    figures.append(_figure("doing nothing", length, 100 * idle, "% of a core", {1_000_000: 1.0}))
    first_s, each_s = _for_each_job(crew, dispatcher, ends)
    figures.append(_figure(f"dispatcher, CPU, first {_FIRST_ENDS:,} jobs", length, 1e6 * first_s, "µs a job", {}))
    figures.append(_figure("dispatcher, CPU, jobs after them", length, 1e6 * each_s, "µs a job", {}))
    figures.append(_figure("dispatcher, memory", length, peak_mb(dispatcher.pid), "MB", {1_000_000: 250.0}))
    crew.kill(dispatcher, 15)
    return each_s


def _idle_from(dispatcher: "subprocess.Popen[str]") -> float:
    """Wait until it uses little of a core; return what it had used by then."""
    deadline_s = time.monotonic() + _READ_AT_MOST_S
    while time.monotonic() < deadline_s:
        before_s = cpu_s(dispatcher.pid)
        time.sleep(2.0)
        if (now_s := cpu_s(dispatcher.pid)) - before_s < 2.0 * _LEAST:
            return now_s
    raise TimeoutError("the dispatcher is not done with reading")


def _for_each_job(crew: Crew, dispatcher: "subprocess.Popen[str]", ends: int) -> tuple[float, float]:
    """Return the CPU seconds for each of the first jobs, and for each of those that come after them."""
    done = crew.root / "done"
    waiting = len(os.listdir(crew.root / "jobqueue"))
    seen = [(len(os.listdir(done)), cpu_s(dispatcher.pid))]
    workers = crew.workers(_WORKERS)
    for more in (_FIRST_ENDS, _FIRST_ENDS + ends):
        wanted = seen[0][0] + min(more, waiting - _LEFT)
        until(partial(_stood, done, wanted), timeout_s=3600)
        seen.append((len(os.listdir(done)), cpu_s(dispatcher.pid)))
    for worker in workers:
        crew.kill(worker, 15)
    (begun, begun_s), (first, first_s), (last, last_s) = seen
    if last == first:
        return ((first_s - begun_s) / max(1, first - begun),) * 2
    return (first_s - begun_s) / (first - begun), (last_s - first_s) / (last - first)


def _stood(directory: Path, count: int) -> bool:
    """Look seldom: what is measured is a neighbour of ours."""
    time.sleep(0.5)
    return len(os.listdir(directory)) >= count


def _status(crew: Crew, length: int) -> Figure:
    """The second of two looks, as a user's later ones: the first reads the directories from the disk."""
    command = [str(Path(sys.executable).parent / "fjd"), "status"]
    for _ in range(2):
        began_s = time.perf_counter()
        subprocess.run(command, env=crew.environment, stdout=subprocess.DEVNULL, check=True)
        took_s = time.perf_counter() - began_s
    return _figure("fjd status", length, took_s, "s", {1_000_000: 0.5})
