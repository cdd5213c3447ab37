"""What every way to hire promises, shown on each of them with real sessions."""

import os
import pty
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import hiring, identity
from fjd.errors import FjdError, HireError
from fjd.hiring import Backend, command, processes
from fjd.hiring.process import ProcessBackend
from fjd.hiring.processes import Process
from fjd.hiring.protocol import NAME_MAX
from fjd.hiring.screen import ScreenBackend
from fjd.spool import create
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from tests import needs

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20
GRACE_S = 0.5
SLEEP = "exec sleep 1000"
DEAF = "trap '' TERM HUP INT; echo deaf; while :; do sleep 0.1; done"


def eventually(condition: Callable[[], object]) -> bool:
    return processes.wait_until(lambda: bool(condition()), DEADLINE_S)


@dataclass
class Site:
    """One way to hire, for one spool; remembers what it started."""

    backend: Backend
    layout: Layout
    cwd: str
    handles: list[str] = field(default_factory=list)
    inside: list[Process] = field(default_factory=list)

    def start(self, script: str, *, name: str = "fjd-test-1", log: str = "one", **environ: str) -> str:
        """Start a shell script whose process id its log begins with; return the handle when it has told that."""
        handle = self.backend.start(
            ["/bin/sh", "-c", f"echo $$; {script}"],
            name=name,
            log=self.layout.workerlog(log),
            cwd=self.cwd,
            env={**os.environ, **environ},
        )
        self.handles.append(handle)
        assert eventually(lambda: self.lines(log)), f"nothing in {self.layout.workerlog(log)}"
        pid = int(self.lines(log)[0])
        self.inside.append(Process(pid, identity.start_time(pid) or -1))
        return handle

    def lines(self, log: str = "one") -> list[str]:
        """The whole lines in a log so far."""
        try:
            text = Path(self.layout.workerlog(log)).read_bytes()
        except FileNotFoundError:
            return []
        return [os.fsdecode(line.rstrip(b"\r")) for line in text.split(b"\n")[:-1]]

    def end_all(self) -> None:
        for handle in self.handles:
            self.backend.end(handle, grace_s=GRACE_S)
        assert not [handle for handle in self.handles if self.backend.is_running(handle)]
        assert not [process for process in self.inside if process.lives()]


def backend_for(kind: str, layout: Layout) -> Backend:
    return ScreenBackend(layout) if kind == "screen" else ProcessBackend()


KINDS = [pytest.param("screen", marks=needs.program("screen")), "process"]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    spool = tmp_path / "spool"
    spool.mkdir()
    return create.open_spool(str(spool))


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, layout: Layout, tmp_path: Path) -> Iterator[Site]:
    cwd = tmp_path / "a 'working' directory"
    cwd.mkdir()
    site = Site(backend_for(request.param, layout), layout, str(cwd))
    assert site.backend.available() == ""
    yield site
    site.end_all()


@pytest.fixture
def screen(layout: Layout, tmp_path: Path) -> Iterator[Site]:
    site = Site(ScreenBackend(layout), layout, str(tmp_path))
    yield site
    site.end_all()


# ---- every backend


def test_what_it_prints_is_in_the_log_at_once(site: Site) -> None:
    site.start(f"echo hello; {SLEEP}")

    assert eventually(lambda: site.lines()[1:] == ["hello"])


def test_it_works_where_and_with_what_it_was_told(site: Site) -> None:
    site.start(f'pwd; echo "$GREETING"; {SLEEP}', GREETING="good 'day' $HOME %n")

    assert eventually(lambda: site.lines()[1:] == [site.cwd, "good 'day' $HOME %n"])


def test_it_runs_until_it_is_ended(site: Site) -> None:
    handle = site.start(SLEEP)
    assert site.backend.is_running(handle)

    site.backend.end(handle, grace_s=GRACE_S)

    assert not site.backend.is_running(handle)
    assert not site.inside[0].lives()
    site.backend.end(handle, grace_s=GRACE_S)


def test_its_own_end_is_seen_and_leaves_no_zombie(site: Site) -> None:
    handle = site.start("exit 3")

    assert eventually(lambda: not site.backend.is_running(handle))
    assert eventually(lambda: not zombies())


def zombies() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_another_backend_object_can_tell_and_end_it(site: Site) -> None:
    """The one who fires is seldom the one who hired."""
    handle = site.start(SLEEP)
    other = backend_for(site.backend.kind, site.layout)
    assert other.is_running(handle)

    other.end(handle, grace_s=GRACE_S)

    assert eventually(lambda: not other.is_running(handle))
    assert not site.inside[0].lives()


def test_a_deaf_one_is_ended_as_well(site: Site) -> None:
    handle = site.start(DEAF)
    assert eventually(lambda: "deaf" in site.lines())

    site.backend.end(handle, grace_s=GRACE_S)

    assert not site.inside[0].lives()


def test_a_stopped_one_is_ended_as_well(site: Site) -> None:
    handle = site.start(SLEEP)
    site.inside[0].signal(signal.SIGSTOP)

    site.backend.end(handle, grace_s=GRACE_S)

    assert not site.inside[0].lives()


def test_it_can_do_a_last_thing_when_it_is_ended(site: Site) -> None:
    handle = site.start("trap 'echo bye; exit' TERM HUP; echo ready; while :; do sleep 0.1; done")
    assert eventually(lambda: "ready" in site.lines())

    site.backend.end(handle, grace_s=DEADLINE_S)

    assert site.lines()[-1] == "bye"


def test_a_program_that_is_not_there_is_told(site: Site) -> None:
    """Either at once, or in the log of a session that has ended."""
    log = site.layout.workerlog("one")
    try:
        handle = site.backend.start(["/no/such"], name="fjd-test-1", log=log, cwd=site.cwd, env=os.environ)
    except FjdError as error:
        said = str(error)
    else:
        assert eventually(lambda: not site.backend.is_running(handle))
        said = "".join(site.lines())
    assert "/no/such" in said


def test_a_directory_that_is_not_there_is_told(site: Site) -> None:
    log, gone = site.layout.workerlog("one"), f"{site.cwd}/gone"
    try:
        handle = site.backend.start(["/bin/true"], name="fjd-test-1", log=log, cwd=gone, env=os.environ)
    except FjdError as error:
        said = str(error)
    else:
        assert eventually(lambda: not site.backend.is_running(handle))
        said = "".join(site.lines())
    assert gone in said


def test_a_name_that_begins_like_another_is_not_taken_for_it(site: Site) -> None:
    """``screen -S fjd-test-1 -X quit`` would end fjd-test-10."""
    one = site.start(SLEEP, name="fjd-test-1", log="one")
    ten = site.start(SLEEP, name="fjd-test-10", log="ten")

    for _ in range(2):
        site.backend.end(one, grace_s=GRACE_S)

    assert not site.inside[0].lives()
    assert site.inside[1].lives()
    assert site.backend.is_running(ten)


def test_two_of_one_name_are_two(site: Site) -> None:
    first = site.start(SLEEP, log="first")
    second = site.start(SLEEP, log="second")
    assert first != second

    site.backend.end(first, grace_s=GRACE_S)

    assert [process.lives() for process in site.inside] == [False, True]
    assert site.backend.is_running(second)


def test_a_handle_of_a_process_of_another_name_is_nobody(site: Site) -> None:
    """Pids are used again."""
    me = os.getpid()
    for handle in (f"{me}.fjd-test-1", f"{me}.1", "999999999.fjd-test-1"):
        if site.backend.kind == "process" and not handle.rpartition(".")[2].isdigit():
            continue
        assert not site.backend.is_running(handle)
        site.backend.end(handle, grace_s=GRACE_S)


def test_the_handle_can_be_told_from_the_announcement(site: Site) -> None:
    handle = site.start(f"echo $STY; {SLEEP}")
    assert eventually(lambda: len(site.lines()) == 2)

    announced = announcement(site.inside[0], site.lines()[1])

    assert site.backend.handle_of(announced) == handle
    backend = hiring.named(site.backend.kind, site.layout)
    assert type(backend) is type(site.backend)


def announcement(process: Process, session: str) -> Announcement:
    host = identity.this_host()
    return Announcement(
        id="a-1-b",
        number=1,
        host=host.name,
        boot_id=host.boot_id,
        pid_space=host.pid_space,
        pid=process.pid,
        started=process.started,
        since=0.0,
        cwd="/",
        kind="",
        session=session,
    )


def test_one_started_from_a_session_is_a_session_of_its_own(site: Site) -> None:
    handle = site.start(f"echo [$STY]; {SLEEP}", STY="1.somebody-elses", WINDOW="0")

    assert eventually(lambda: len(site.lines()) == 2)
    assert "somebody" not in site.lines()[1]
    assert site.backend.is_running(handle)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        "with space",
        "quo'te\"s `$(touch pwned)` \\ $HOME",
        "100%n^a~%",
        "new\nline\t\x1b]2;x\x07\x05",
        os.fsdecode(b"not \xff\xfe utf-8"),
        "Größe ☃ 🙂",
        "-rf",
        "x" * 100,
    ],
)
def test_any_name_of_a_spool(kind: str, name: str, tmp_path: Path) -> None:
    os.makedirs(spool := os.path.join(tmp_path, name))
    layout = create.open_spool(spool)
    site = Site(backend_for(kind, layout), layout, layout.root)
    try:
        handle = site.start(f"touch here; echo hello; {SLEEP}", name=hiring.session_name(layout.name, 1))
        assert eventually(lambda: site.lines()[1:] == ["hello"])
        assert os.path.exists(f"{spool}/here")
        assert site.backend.is_running(handle)
    finally:
        site.end_all()
    assert not os.path.exists(f"{spool}/pwned")


@pytest.mark.parametrize("kind", KINDS)
def test_a_spool_far_down(kind: str, tmp_path: Path) -> None:
    """Screen's own ``-Logfile`` loses the log of a path of 780 characters."""
    os.makedirs(spool := os.path.join(tmp_path, *["deep" * 50] * 8))
    layout = create.open_spool(spool)
    site = Site(backend_for(kind, layout), layout, str(tmp_path))
    try:
        site.start(f"echo hello; {SLEEP}")
        assert eventually(lambda: site.lines()[1:] == ["hello"])
    finally:
        site.end_all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_session_outlives_a_caller_that_warns_of_nothing(kind: str, layout: Layout) -> None:
    """The recruiter ends while its workers live, and that must not look like a leak."""
    script = (
        "import os, sys; from tests.contract.test_hiring import backend_for; from fjd.spool.layout import Layout;"
        "layout = Layout(sys.argv[1]); backend = backend_for(sys.argv[2], layout);"
        "log = layout.workerlog('w');"
        "print(backend.start(['/bin/sleep', '1000'], name='fjd-t-1', log=log, cwd='/', env=os.environ))"
    )
    argv = [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", script, layout.root, kind]
    run = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert (run.returncode, run.stderr) == (0, "")

    backend, handle = backend_for(kind, layout), run.stdout.strip()
    try:
        assert backend.is_running(handle)
    finally:
        backend.end(handle, grace_s=GRACE_S)
    assert not backend.is_running(handle)


# ---- attaching


@needs.program("screen")
def test_attaching_shows_the_session(screen: Site) -> None:
    handle = screen.start(f"echo hello from inside; {SLEEP}")

    shown = on_a_terminal(screen.backend.attach_argv(handle), "hello from inside")

    assert "hello from inside" in shown
    assert screen.backend.is_running(handle), "detaching ended it"


def on_a_terminal(argv: list[str], awaited: str) -> str:
    """Run a command on a terminal of its own until it has shown ``awaited``, then hang up."""
    master, slave = pty.openpty()
    shown = b""
    with subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env={**os.environ, "TERM": "xterm"}
    ) as client:
        os.close(slave)
        while awaited.encode() not in shown:
            try:
                shown += os.read(master, 4096)
            except OSError:  # EIO: the command has ended
                break
        client.terminate()
        client.wait(DEADLINE_S)
    os.close(master)
    return os.fsdecode(shown)


@needs.program("screen")
def test_nobody_attaches_to_a_session_that_is_gone(screen: Site) -> None:
    handle = screen.start(SLEEP)
    screen.backend.end(handle, grace_s=GRACE_S)

    with pytest.raises(HireError, match="no screen session"):
        screen.backend.attach_argv(handle)


def test_nobody_attaches_to_a_process() -> None:
    with pytest.raises(HireError, match="no session"):
        ProcessBackend().attach_argv("1.1")


# ---- screen's own


@needs.program("screen")
def test_the_names_of_sessions_are_known(screen: Site) -> None:
    screen.start(SLEEP, name="fjd-test-names-7")

    assert eventually(lambda: "fjd-test-names-7" in screen.backend.names())


@needs.program("screen")
def test_a_server_that_is_killed_or_stopped_is_no_obstacle(screen: Site) -> None:
    handle = screen.start(DEAF)
    assert eventually(lambda: "deaf" in screen.lines())
    os.kill(int(handle.partition(".")[0]), signal.SIGSTOP)

    screen.backend.end(handle, grace_s=GRACE_S)

    assert not screen.backend.is_running(handle)
    assert not screen.inside[0].lives()


@needs.program("screen")
@pytest.mark.parametrize("trouble", ["too long", "of a wrong mode"])
def test_a_screendir_that_cannot_be_used(
    trouble: str, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Screen says nothing of one that is too long, and nothing runs."""
    directory = tmp_path / ("s" * 120 if trouble == "too long" else "s")
    directory.mkdir(mode=0o755)
    assert_a_private_place_serves(layout, monkeypatch, SCREENDIR=str(directory))


@needs.program("screen")
def test_no_place_for_sockets(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container ``/run/screen`` may be missing; a stand-in says what screen says there."""
    stand_in(tmp_path, "screen", where_run_screen_is_missing())
    assert_a_private_place_serves(layout, monkeypatch, PATH=f"{tmp_path}:{os.environ['PATH']}")


def where_run_screen_is_missing() -> str:
    """A script that is screen with a SCREENDIR, and complains without."""
    real = shlex.quote(next(path for part in os.get_exec_path() if os.access(path := f"{part}/screen", os.X_OK)))
    complaint = "echo \"Cannot make directory '/run/screen': Permission denied\"; exit 1"
    return f'[ -n "$SCREENDIR" ] || {{ {complaint}; }}; exec {real} "$@"'


def stand_in(directory: Path, program: str, script: str) -> None:
    path = directory / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def assert_a_private_place_serves(layout: Layout, monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    home = Path("/tmp", f"fjd-home-{os.getpid()}")  # a short path: it is the home of sockets
    home.mkdir(mode=0o700)
    for key, value in {**environ, "HOME": str(home)}.items():
        monkeypatch.setenv(key, value)
    site = Site(ScreenBackend(layout), layout, "/")
    try:
        assert site.backend.available() == ""
        handle = site.start(f"echo hello; {SLEEP}")
        (place,) = home.iterdir()
        assert (place / handle).is_socket()
        assert f"SCREENDIR={place}" in site.backend.attach_argv(handle)
        monkeypatch.delenv("SCREENDIR", raising=False)
        assert "hello" in on_a_terminal(ScreenBackend(layout).attach_argv(handle), "hello")
    finally:
        site.end_all()
        processes.wait_until(lambda: not any(place.iterdir()), DEADLINE_S)
        place.rmdir()
        home.rmdir()


# ---- the choice


@needs.program("screen")
def test_screen_is_chosen_where_it_works(layout: Layout) -> None:
    choice = hiring.choose(layout)

    assert (choice.backend.kind, choice.note) == ("screen", "")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("", "screen is not installed"),
        ("echo 'Cannot do it.'; exit 1", "screen does not work here (Cannot do it.)"),
        ("exit 0", "screen does not work here (it does not answer)"),
    ],
)
def test_processes_serve_elsewhere_and_one_line_says_so(
    script: str, why: str, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script:
        stand_in(tmp_path, "screen", script)
    monkeypatch.setenv("PATH", str(tmp_path))

    choice = hiring.choose(layout)

    assert choice.backend.kind == "process"
    assert choice.note == f"{why}: workers run as detached processes; their logs are in {layout.workerlogs}"


def test_nobody_hired_one_that_was_started_by_hand(layout: Layout) -> None:
    assert hiring.named("hand", layout) is None


# ---- names, commands, environments


@given(st.text(), st.integers(1, 10**9))
def test_a_session_name_is_plain_and_short(spool: str, number: int) -> None:
    name = hiring.session_name(spool, number)

    assert name.isascii()
    assert not set(name) & set("/ \t\n'\"")
    assert len(name) <= NAME_MAX
    assert name.startswith("fjd-")
    assert name.endswith(f"-{number}")


def test_a_worker_does_not_bear_the_mark_of_the_job_that_hired_it() -> None:
    marked = {"FJD_JOB": "j", "FJD_JOB_FILE": "f", "FJD_LOGFILE": "l", "FJD_WORKER": "w", "FJD_ATTEMPT": "1"}

    env = command.worker_environment({**marked, "FJD_TIMINGS": "grace_s=1", "PATH": "/bin", "PWD": "/"}, "/home")

    assert env == {"FJD_TIMINGS": "grace_s=1", "PATH": "/bin", "PWD": "/home"}


def test_the_worker_is_the_installed_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "fjd-worker", "exit 0")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert command.worker_command() == [str(tmp_path / "fjd-worker")]


def test_without_a_script_nothing_of_the_users_directory_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("queue", "typing", "select", "fjd", "click"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.setattr(command, "_SCRIPT", "there-is-no-such-script")
    argv = [*command.worker_command(), "--help"]

    run = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE_S, check=False)

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Usage: fjd-worker")
