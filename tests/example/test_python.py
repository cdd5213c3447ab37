"""The examples in Python, run as a newcomer runs them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.crew import until

EXAMPLE = Path(__file__).parents[2] / "example"


def run(program: str, directory: Path) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FJD_")}
    command = [sys.executable, str(EXAMPLE / program), str(directory)]
    done = subprocess.run(
        command, env=environment, cwd=directory.parent, capture_output=True, text=True, timeout=110, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    until(lambda: not os.listdir(directory / "workerqueue"))
    return done.stdout.splitlines()


def test_the_sweep(tmp_path: Path) -> None:
    directory = tmp_path / "a place"
    first, *rest = run("sweep.py", directory)
    assert first == f"6 jobs wait in {directory}/jobqueue"
    assert [line.split() for line in rest] == [
        [f"{base}-to-the-{power}", "done", str(base**power)] for base in (2, 3) for power in (1, 2, 3)
    ]


def test_the_executor_also_when_it_is_run_again(tmp_path: Path) -> None:
    directory = tmp_path / "a place"
    first, second = run("executor.py", directory), run("executor.py", directory)
    assert first[0] == second[0] == "[3.042, 3.132, 3.141]"
    assert sorted(first[1:]) == sorted(second[1:]) == ["pi-10000 is 3.141493", "pi-100000 is 3.141583"]
    calls = [name for name in os.listdir(directory / "done") if name.startswith("call-")]
    assert len(calls) == 6, "the calls without a name were made twice, and those with one once"
