"""``python -m tests.bench.where [JOBS]``: where the microseconds of a trivial job go, in the worker and the dispatcher.

Each is run twice: as it is, for what it costs, and under cProfile, for how that is shared out. What a built-in function
takes is counted for the module that called it; waiting is left out.
"""

import contextlib
import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fjd.dispatcher import Dispatcher, Until
from fjd.settings import Timings
from fjd.spool import create
from tests.bench import spools
from tests.bench.processes import cpu_s
from tests.crew import Crew, until

Areas = tuple[tuple[str, tuple[str, ...]], ...]

WORKER: Areas = (
    (
        "starting its process and taking in its end",
        ("fjd/spawn.py", "fjd/child.py", "fjd/leftovers.py", "subprocess.py"),
    ),
    ("reading the job file", ("fjd/jobfile/", "fjd/worker/run.py", "fsio/looking.py", "freshness.py", "wholeness.py")),
    ("renames", ("fsio/moving.py", "fjd/spool/obstacles.py", "fjd/spool/syscalls.py")),
    ("its output file", ("fjd/spool/output.py", "fsio/writing.py")),
    ("the journal", ("fjd/spool/journal.py", "/json/")),
    ("a line on the terminal", ("fjd/cli/", "fjd/display.py", "click")),
)
DISPATCHER: Areas = (
    ("reading files, asking whether they are whole", ("fjd/jobfile/", "admission.py", "terms.py", "fsio/looking.py",
                                                      "freshness.py", "wholeness.py")),
    ("handing out: the rename, the nudge", ("act.py", "noreplace.py", "fsio/moving.py", "wakeup.py", "syscalls.py")),
    ("reading journals", ("stories.py", "journal.py", "/json/", "lines.py")),
    ("the picture in memory", ("fjd/ledger/", "fjd/order.py", "dataclasses.py")),
    ("the plan", ("fjd/policy/",)),
)  # fmt: skip
_REST = "all else: the loop, names of paths"
_SPAWN = "posix_spawn(3) of its process, in the kernel"
_WAITING = ("method 'poll'", "method 'acquire'", "method 'watch'", "time.sleep", "posix_spawnp")
"""Who starts a process is asleep until that has begun its own program."""


def main(jobs: int) -> None:
    """Print a table for each."""
    with tempfile.TemporaryDirectory() as directory:
        profile = Path(directory, "profile")
        _print(
            "the worker",
            _worker(jobs, None),
            _shares(_profiled_worker(jobs, profile), WORKER),
            {_SPAWN: _spawn_s(jobs)},
        )
    _print("the dispatcher", _dispatcher(jobs, None), _shares(_profiled_dispatcher(jobs), DISPATCHER), {})


def _worker(jobs: int, profile: Path | None) -> float:
    """Return the CPU seconds of a worker for a job."""
    with spools.crew() as crew:
        spools.fill(crew.root, jobs)
        prefix = (sys.executable, *(("-m", "cProfile", "-o", str(profile)) if profile else ()))
        with open(os.devnull, "w") as nowhere:
            worker = crew.start("fjd-worker", prefix=prefix, stdout=nowhere, stderr=nowhere)
        until(lambda: crew.id_of(worker))
        begun_s = cpu_s(worker.pid)
        _dispatch(crew)
        each_s = (cpu_s(worker.pid) - begun_s) / jobs
        crew.kill(worker, 15)
    return each_s


def _dispatch(crew: Crew) -> None:
    status, _, errors = crew.finish(crew.dispatcher(), timeout_s=600)
    assert status == 0, errors


def _profiled_worker(jobs: int, profile: Path) -> pstats.Stats:
    _worker(jobs, profile)
    return pstats.Stats(str(profile))


def _dispatcher(jobs: int, profile: cProfile.Profile | None) -> float:
    """Return the CPU seconds of a dispatcher for a job. It runs in this process, so that its start does not count."""
    with spools.crew() as crew:
        spools.fill(crew.root, jobs)
        crew.workers(1)
        dispatcher = Dispatcher(create.open_spool(str(crew.root)), Timings())
        begun_s = time.process_time()
        with profile or contextlib.nullcontext():
            dispatcher.run(until=Until.EMPTY, paints=False)
        return (time.process_time() - begun_s) / jobs


def _profiled_dispatcher(jobs: int) -> pstats.Stats:
    profile = cProfile.Profile()
    _dispatcher(jobs, profile)
    return pstats.Stats(profile)


def _shares(stats: pstats.Stats, areas: Areas) -> dict[str, float]:
    """Return the part of each area in the whole."""
    spent: Counter[str] = Counter()
    table: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, own_s, _, callers) in table.items():
        if any(word in name for word in _WAITING):
            continue
        if file == "~":
            for (caller, _, _), (_, _, for_it_s, _) in callers.items():
                spent[_area(caller, areas)] += for_it_s
        else:
            spent[_area(file, areas)] += own_s
    return {area: seconds / spent.total() for area, seconds in spent.most_common()}


def _area(file: str, areas: Areas) -> str:
    return next((area for area, parts in areas if any(part in file for part in parts)), _REST)


def _spawn_s(count: int) -> float:
    """Return the CPU seconds that it takes to start a process, without those of the process."""
    spent_s = 0.0
    for _ in range(count):
        begun_s = time.process_time()
        pid = os.posix_spawn("/bin/true", ["/bin/true"], os.environ)
        spent_s += time.process_time() - begun_s
        os.waitpid(pid, 0)
    return spent_s / count


def _print(who: str, each_s: float, shares: dict[str, float], known_s: dict[str, float]) -> None:
    print(f"\n| {who} | µs a job |\n| --- | ---: |")
    rest_s = each_s - sum(known_s.values())
    for area, seconds in (*known_s.items(), *((area, rest_s * share) for area, share in shares.items())):
        print(f"| {area} | {1e6 * seconds:.0f} |")
    print(f"| **all** | **{1e6 * each_s:.0f}** |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
