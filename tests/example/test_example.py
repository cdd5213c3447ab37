"""The example, run as a newcomer runs it: from anywhere, in a path with a space, with and without ``screen``."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests import needs

EXAMPLE = Path(__file__).parents[2] / "example"
PROGRAMS = ("create_jobs.py", "ajob.py", "run-example.sh")

STDOUT = re.compile(
    r"\[FJD\] Hired 4 workers on localhost\.\n"
    r"\[FJD\] Dispatcher started\.\n"
    r"(\[FJD\] Found some jobs to dispatch\n)+"
    r"\[FJD\] No more jobs to dispatch\.\n"
    r"\[FJD\] Fired 4 workers on localhost\.\n"
)
JOBS = {f"job{number}" for number in range(10)}
DATA = {f"{job}.dat" for job in JOBS}

RUN_S = 60
"""A run takes about five seconds."""
GONE_S = 10
"""A fired worker has this long until its process, and the session around it, are gone."""


@dataclass(frozen=True)
class Example:
    """A copy of the example and the environment to run it in."""

    directory: Path
    environ: dict[str, str]

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.directory / "run-example.sh"],
            cwd=self.directory.parents[1],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )

    def names(self, directory: str) -> set[str]:
        return set(os.listdir(self.directory / directory))

    def processes(self) -> list[psutil.Process]:
        """Every process that works in the copy or was told of it."""
        found = []
        for process in psutil.process_iter():
            try:
                places = [process.cwd(), *process.cmdline()]
            except psutil.Error:
                continue
            if any(place.startswith(str(self.directory)) for place in places):
                found.append(process)
        return found


def path_without(program: str, path: str, links: Path) -> str:
    """Fill ``links`` with links to every program of ``path`` but one, and return it as a PATH."""
    links.mkdir()
    for directory in path.split(os.pathsep):
        if not os.path.isdir(directory):
            continue
        for entry in os.scandir(directory):
            link = links / entry.name
            if entry.name != program and not link.is_symlink():
                link.symlink_to(os.path.abspath(entry.path))
    return str(links)


@pytest.fixture(params=[pytest.param("screen", marks=needs.program("screen")), "no screen"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Example]:
    """A copy in a directory with a space in its name; at the end no process of it is left."""
    directory = tmp_path / "a place" / "example"
    directory.mkdir(parents=True)
    for program in PROGRAMS:
        shutil.copy(EXAMPLE / program, directory)
    path = os.environ["PATH"]
    if request.param == "no screen":
        path = path_without("screen", path, tmp_path / "programs")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FJD_")}
    environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + path
    copy = Example(directory, environ)
    yield copy
    left = copy.processes()
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=GONE_S)


@pytest.fixture
def talk(request: pytest.FixtureRequest) -> str:
    """A pattern of what stderr may hold: nothing, or the one line that says what stands in for ``screen``."""
    with_screen = request.node.callspec.params["example"] == "screen"
    return "" if with_screen else r"[^\n]*\bscreen\b[^\n]*\bdetached process(es)?\b[^\n]*\n"


def test_four_workers_do_ten_jobs(example: Example, talk: str) -> None:
    run = example.run()

    assert run.returncode == 0, run
    assert STDOUT.fullmatch(run.stdout), run
    assert re.fullmatch(talk, run.stderr), run
    assert example.names("data") == DATA
    assert example.names("done") == JOBS
    assert example.names("jobqueue") == example.names("failed") == set()
    assert (example.directory / "data/job7.dat").read_text() == "value of job 7\n"
    wait_until_nobody_is_left(example)


def test_it_can_be_run_again(example: Example) -> None:
    example.run()
    (example.directory / "data/mine.dat").write_text("not the example's")
    (example.directory / "data/job3.dat").unlink()

    run = example.run()

    assert run.returncode == 0, run
    assert STDOUT.fullmatch(run.stdout), run
    assert example.names("data") == DATA | {"mine.dat"}
    assert example.names("done") == JOBS


def test_another_spool_in_the_environment_is_left_alone(example: Example, tmp_path: Path) -> None:
    example.environ["FJD_DIR"] = str(tmp_path / "another")

    run = example.run()

    assert run.returncode == 0, run
    assert example.names("done") == JOBS
    assert not (tmp_path / "another").exists()


def wait_until_nobody_is_left(example: Example) -> None:
    deadline = time.monotonic() + GONE_S
    while left := example.processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    assert example.names("workerqueue") == set()
