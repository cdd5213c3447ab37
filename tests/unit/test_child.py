"""One job as a process group: how it is started, how it ends, how it is ended."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from fjd import child, identity
from fjd.child import Child, Exit
from tests.crew import until

GRACE_S = 0.3


class Runner:
    """Starts children that write to one file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = str(directory / "job file")
        self._children: list[Child] = []

    def start(self, command: str, **changes: str) -> Child:
        env = {"PATH": os.environ["PATH"], **changes}
        with (self.directory / "out").open("ab") as output:
            started = child.start(command, self.path, cwd=str(self.directory), env=env, output=output.fileno())
        self._children.append(started)
        return started

    def run(self, command: str, **changes: str) -> tuple[Exit, str]:
        started = self.start(command, **changes)
        ended = until(started.reap)
        assert ended is not None
        return ended, self.output

    @property
    def output(self) -> str:
        return (self.directory / "out").read_text(errors="surrogateescape")

    def close(self) -> None:
        for started in self._children:
            started.stop(0, 0)
            until(lambda started=started: started.press(1))  # type: ignore[misc]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    runner.close()


def end(started: Child, grace_s: float = GRACE_S) -> float:
    """Stop it and wait until all of it is gone; return how long that took."""
    began_s = time.monotonic()
    started.stop(began_s, grace_s)
    until(lambda: started.press(time.monotonic()))
    return time.monotonic() - began_s


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


# ---- how it ends


@pytest.mark.parametrize(
    ("command", "code", "number", "reason"),
    [
        ("true", 0, None, ""),
        ("false", 1, None, "exit 1"),
        ("exit 7", 7, None, "exit 7"),
        ("kill -SEGV $$", None, signal.SIGSEGV, "killed by SIGSEGV"),
        ("kill -40 $$", None, 40, "killed by signal 40"),
    ],
)
def test_how_a_job_ended_is_told(
    runner: Runner, command: str, code: int | None, number: int | None, reason: str
) -> None:
    ended, _ = runner.run(command)
    assert (ended.code, ended.signal, ended.reason, ended.is_success) == (code, number, reason, code == 0)


@pytest.mark.parametrize("command", ["no-such-program", "./no-such-program", "no-such-program a > x"])
def test_a_program_that_is_not_there_is_127_and_the_shell_says_so(runner: Runner, command: str) -> None:
    ended, output = runner.run(command)
    assert ended.code == 127
    assert ended.reason == "exit 127 (command not found)"
    assert "no-such-program" in output
    assert "not found" in output or "No such file" in output


def test_a_program_that_cannot_be_executed_is_126_and_the_shell_says_so(runner: Runner) -> None:
    (runner.directory / "text").write_bytes(b"true\n")
    ended, output = runner.run("./text")
    assert ended.code == 126
    assert ended.reason == "exit 126 (command cannot be executed)"
    assert "denied" in output


def test_a_script_whose_interpreter_is_missing_is_told_by_the_shell(runner: Runner) -> None:
    script = runner.directory / "script"
    script.write_bytes(b"#!/no/such/interpreter\n")
    script.chmod(0o700)
    ended, output = runner.run("./script")
    assert ended.code in (126, 127)
    assert "script" in output


def test_a_script_without_a_first_line_runs_as_in_a_shell(runner: Runner) -> None:
    script = runner.directory / "script"
    script.write_bytes(b"echo ran $1\n")
    script.chmod(0o700)
    assert runner.run("./script") == (runner._children[-1].reap(), f"ran {runner.path}\n")


def test_the_memory_of_a_job_is_told(runner: Runner) -> None:
    ended, _ = runner.run("true")
    assert 100 < ended.max_rss_kb < 1_000_000


def test_while_it_runs_there_is_no_end(runner: Runner) -> None:
    started = runner.start("sleep 60; :")
    assert started.reap() is None
    assert not started.press(time.monotonic())


def test_without_its_directory_it_cannot_be_started(runner: Runner, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        child.start("true", "/job", cwd=str(tmp_path / "gone"), env={}, output=1)


# ---- how it starts


@pytest.mark.parametrize(
    ("command", "is_direct"),
    [
        ("true", True),
        ("/bin/true", True),
        ("python3 -c pass", True),
        ("./here", True),
        ("./absent", False),
        ("absent-program", False),
        ("a=1 true", False),
        ("exit 0", False),
        ("true; true", False),
        ("echo $HOME", False),
        ("echo 'a b'", False),
        ("echo *", False),
    ],
)
def test_only_what_needs_no_shell_is_started_without(tmp_path: Path, command: str, is_direct: bool) -> None:
    (tmp_path / "here").write_bytes(b"")
    (tmp_path / "here").chmod(0o700)
    words = child.direct_words(command, str(tmp_path))
    assert words == (command.split() if is_direct else None)


@pytest.mark.parametrize("command", ["python3 show.py a", "python3 show.py 'a'", "true && python3 show.py $A"])
def test_the_job_file_is_the_last_argument(runner: Runner, command: str) -> None:
    (runner.directory / "show.py").write_text("import sys; print(sys.argv[1:])")
    assert runner.run(command, A="a")[1] == f"{['a', runner.path]}\n"


@pytest.mark.parametrize(
    "name", ["a b", "'", '"', "$(touch pwned)", "`touch pwned`", "; touch pwned", "-rf", "\n#", "\\"]
)
@pytest.mark.parametrize("command", ["python3 show.py", "python3 'show.py'", 'python3 show.py "$1"'])
def test_no_path_of_a_job_is_ever_interpreted(runner: Runner, command: str, name: str) -> None:
    (runner.directory / "show.py").write_text("import sys; print(ascii(sys.argv[1:]))")
    runner.path = str(runner.directory / name)
    assert runner.run(command)[1] == f"{[runner.path]!a}\n"
    assert not (runner.directory / "pwned").exists()


def test_a_path_that_is_not_utf8_is_passed_as_it_is(runner: Runner) -> None:
    runner.path = "/job\udcff"
    assert runner.run("printf %s")[1] == "/job\udcff"


@pytest.mark.parametrize("command", ["cat -", "cat < /dev/stdin; true"])
def test_its_input_is_empty(runner: Runner, command: str) -> None:
    Path(runner.path).write_bytes(b"")
    assert runner.run(command)[1] == ""


def test_output_and_errors_go_to_one_file(runner: Runner) -> None:
    assert runner.run("echo out; echo err >&2; exit 0")[1] == "out\nerr\n"


def test_it_is_a_session_and_a_group_of_its_own(runner: Runner) -> None:
    started = runner.start("sleep 60; :")
    assert os.getsid(started.pid) == os.getpgid(started.pid) == started.pid
    assert os.getsid(0) != started.pid


def test_it_sees_only_the_environment_that_it_is_given(runner: Runner) -> None:
    output = runner.run("env; true", FJD_JOB="a\nb\udcff")[1]
    assert "FJD_JOB=a\nb\udcff" in output
    assert "PYTEST_CURRENT_TEST" not in output


def test_it_inherits_no_open_file(runner: Runner, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w"):
        _, output = runner.run("ls -l /proc/self/fd; true")
    assert "secret" not in output


# ---- how it is ended


def ready(runner: Runner) -> Callable[[], bool]:
    return lambda: "ready" in runner.output


def test_who_obeys_is_gone_long_before_the_grace_is_over(runner: Runner) -> None:
    started = runner.start("sleep 60; :")
    assert end(started, 60) < 10
    assert started.reap() == Exit(None, signal.SIGTERM, (started.reap() or Exit(None, None, 0)).max_rss_kb)


def test_who_ignores_the_asking_is_killed_after_the_grace(runner: Runner) -> None:
    started = runner.start("trap '' TERM; echo ready; sleep 60; true")
    until(ready(runner))
    assert end(started) >= GRACE_S
    ended = started.reap()
    assert ended is not None
    assert ended.signal == signal.SIGKILL


def test_a_grandchild_that_ignores_the_asking_is_killed_too(runner: Runner) -> None:
    (runner.directory / "deaf").write_text(
        "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    started = runner.start("python3 deaf & echo pid $!; wait; true")
    until(ready(runner))
    pid = int(runner.output.split()[1])
    assert end(started) >= GRACE_S
    until(lambda: not lives(pid))
    ended = started.reap()
    assert ended is not None
    assert ended.signal == signal.SIGTERM


def test_who_was_stopped_hears_the_asking(runner: Runner) -> None:
    started = runner.start("sleep 60; :")
    os.kill(started.pid, signal.SIGSTOP)
    assert end(started, 60) < 10


def test_asking_twice_does_not_lengthen_the_grace(runner: Runner) -> None:
    started = runner.start("trap '' TERM; echo ready; sleep 60; true")
    until(ready(runner))
    started.stop(100, 5)
    started.stop(104, 5)
    assert started.is_stopping
    assert not started.press(104.9)
    until(lambda: started.press(105) or started.press(106))


def test_the_dead_that_nobody_buries_do_not_hold_it_up(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container whose first process reaps nobody, a group of zombies answers to signals for ever."""
    started = runner.start("true")
    until(started.reap)
    monkeypatch.setattr(os, "killpg", lambda _group, _number: None)
    started.stop(100, 5)
    assert started.press(100)


def test_what_not_even_kill_ends_does_not_hold_it_up(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that waits for a disk (state D) dies when the disk answers, and not before."""
    started = runner.start("true")
    until(started.reap)
    monkeypatch.setattr(identity, "group_lives", lambda _group: True)
    started.stop(100, 5)
    assert not started.press(104)
    assert not started.press(105)
    assert started.press(110)
