"""Who else starts processes, and how fast: each function runs so many trivial jobs and returns the seconds it took."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable

from tests.bench import spools

COMMAND = "/bin/true"

Rival = Callable[[int, int], float]
"""Called with the number of jobs and how many may run at once."""


def xargs(jobs: int, width: int) -> float:
    """The limit: processes, and no books at all."""
    return _timed(["xargs", f"-P{width}", "-n1", COMMAND], _lines(jobs))


def parallel(jobs: int, width: int) -> float:
    """GNU parallel, with a line of its joblog for each."""
    with tempfile.TemporaryDirectory() as directory:
        argv = ["parallel", "--will-cite", f"-j{width}", "--joblog", f"{directory}/log", COMMAND]
        return _timed(argv, _lines(jobs), home=directory)


def task_spooler(jobs: int, width: int) -> float:
    """task-spooler, from the first submission to the last end; submitting is how jobs get to it."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "TS_SOCKET": f"{directory}/socket", "TMPDIR": directory, "TS_MAXFINISHED": "10"}
        program = _spooler()

        def spool(*arguments: str) -> None:
            subprocess.run([program, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)

        spool("-S", str(width))
        try:
            began_s = time.perf_counter()
            for _ in range(jobs):
                spool("-n", COMMAND)
            spool("-w")
            return time.perf_counter() - began_s
        finally:
            spool("-K")


def found() -> dict[str, Rival]:
    """Return those that are installed, by name."""
    rivals: dict[str, Rival] = {"xargs": xargs}
    if shutil.which("parallel"):
        rivals["GNU parallel"] = parallel
    if _spooler():
        rivals["task-spooler"] = task_spooler
    return rivals


def _spooler() -> str:
    return shutil.which("tsp") or ""


def _lines(jobs: int) -> str:
    return "".join(f"{number}\n" for number in range(jobs))


def _timed(argv: list[str], lines: str, home: str | None = None) -> float:
    environment = {**os.environ, "HOME": home} if home else None
    began_s = time.perf_counter()
    subprocess.run(argv, input=lines, text=True, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s


def fjd(jobs: int, width: int) -> tuple[float, float]:
    """Return the seconds from the dispatcher's start to its end, and those from the first start to the last end.

    The jobs are in the queue and the workers hired before.
    """
    with spools.crew() as crew:
        spools.fill(crew.root, jobs, COMMAND)
        crew.workers(width)
        began_s = time.perf_counter()
        status, _, errors = crew.finish(crew.dispatcher(), timeout_s=3600)
        seconds = time.perf_counter() - began_s
        assert status == 0, errors
        times = [line["t"] for event in ("start", "end") for line in crew.journal(event)]
    return seconds, max(times) - min(times)
