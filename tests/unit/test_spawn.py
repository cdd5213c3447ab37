"""How a program is started: by the quick way and by the other, with the same result."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fjd import spawn

SHOW = """
import os, signal, sys
print(os.getcwd(), os.getsid(0) == os.getpid(), os.stat(0).st_rdev == os.stat(os.devnull).st_rdev)
print(sorted(int(name) for name in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + name)))
print([line for line in open('/proc/self/status') if line.startswith('SigBlk')][0].split()[1])
"""


def run(directory: Path, argv: list[str], **changes: str) -> str:
    env = {"PATH": os.environ["PATH"], **changes}
    with (directory / "out").open("wb") as output:
        pid = spawn.spawn(argv, cwd=str(directory), env=env, output=output.fileno())
    os.waitpid(pid, 0)
    return (directory / "out").read_text()


@pytest.mark.parametrize("is_own", [True, False])
def test_both_ways_start_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_own: bool) -> None:
    if is_own:
        monkeypatch.chdir(tmp_path)
    assert spawn._is_own(str(tmp_path)) is is_own
    shown = run(tmp_path, [sys.executable, "-c", SHOW]).splitlines()
    assert shown == [f"{tmp_path} True True", "[0, 1, 2]", "0" * 16]


def test_a_signal_that_python_ignores_ends_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(tmp_path, ["sh", "-c", "sh -c 'kill -PIPE $$'; echo $?"]) == "141\n"


def test_what_the_parent_left_open_goes_no_further(tmp_path: Path) -> None:
    script = (
        "import os\nfrom fjd import spawn\nout = os.open('out', os.O_WRONLY | os.O_CREAT)\n"
        "os.waitpid(spawn.spawn(['ls', '/proc/self/fd'], cwd='.', env=dict(os.environ), output=out), 0)"
    )
    with (tmp_path / "secret").open("w") as secret:
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, pass_fds=[secret.fileno()], check=True)
    assert (tmp_path / "out").read_text().split() == ["0", "1", "2", "3"]


def test_a_search_path_of_its_own_is_gone_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/mine").write_text("#!/bin/sh\necho mine\n")
    (tmp_path / "bin/mine").chmod(0o700)
    with pytest.raises(FileNotFoundError):
        run(tmp_path, ["mine"])
    assert run(tmp_path, ["mine"], PATH=f"{tmp_path}/bin") == "mine\n"


def test_a_directory_that_took_the_place_of_ours_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    work.rename(tmp_path / "moved")
    work.mkdir()
    assert run(work, [sys.executable, "-c", "import os; print(os.stat('.').st_ino)"]) == f"{work.stat().st_ino}\n"
