"""What the README promises under "Security model": who may command a spool, what is followed, what reaches a terminal.

"Somebody else" is user 65534; only root can make files of another, so those tests need root.
"""

import ast
import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from fjd import control, identity, recruiter
from fjd.errors import DiskError, HireError, SpoolError, UnsafeError
from fjd.hiring.screen import ScreenBackend
from fjd.spool import announce, create, fsio, syscalls, wakeup
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from tests import needs
from tests.crew import BIN, Crew, job_text, until

PACKAGE = Path(__file__).parents[2] / "fjd"
OTHER = 65534
W = "planted-1-abc"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make files of somebody else")


@pytest.fixture
def layout(crew: Crew) -> Layout:
    return create.open_spool(str(crew.root))


@pytest.fixture
def precious(tmp_path: Path) -> Iterator[Path]:
    """A file outside of the spool that no test may change."""
    path = tmp_path / "precious"
    path.write_bytes(b"dear")
    os.utime(path, (0, 0))
    yield path
    assert path.read_bytes() == b"dear"
    assert path.stat().st_mtime == 0


@pytest.fixture
def precious_dir(tmp_path: Path) -> Iterator[Path]:
    """A directory outside of the spool in which no test may make, move or remove anything."""
    path = tmp_path / "precious directory"
    path.mkdir(mode=0o700)
    for name in (".profile", "thesis.tex"):
        (path / name).write_bytes(b"dear")
    yield path
    assert set(os.listdir(path)) == {".profile", "thesis.tex"}


def worker(crew: Crew, *arguments: str) -> "subprocess.Popen[str]":
    """Start a worker whose id is known beforehand, and wait until it has announced itself."""
    with (crew.root.parent / "talk").open("a") as talk:
        process = crew.start("fjd-worker", "--id", W, *arguments, stdout=talk, stderr=talk)
    until(lambda: os.path.lexists(crew.root / f"workerqueue/{W}.worker") or process.poll() is not None)
    return process


def talk_of_workers(crew: Crew) -> str:
    return (crew.root.parent / "talk").read_text()


def give(crew: Crew, job: str, executable: str) -> None:
    """Hand a job to the worker W, as a dispatcher would."""
    layout = Layout(str(crew.root))
    hidden = crew.root / ".fjd/tmp" / job
    hidden.write_text(job_text(executable))
    hidden.rename(layout.handed(W, job))
    wakeup.ring(layout.nudge(W))


def ended(crew: Crew, job: str) -> dict[str, object]:
    until(lambda: job in {line["job"] for line in crew.journal("end")})
    (line,) = [line for line in crew.journal("end") if line["job"] == job]
    return line


# ---- no name is ever part of a shell string


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))


UNPICKLES = {
    "call.py": "what the owner of the spool wants to be called; the file is looked at first, as a job file is",
    "api/calls.py": "what came of it, by the same owner",
}
"""Who may read a pickle, which is to run what is in it."""


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_given_to_a_shell(path: Path) -> None:
    for call in calls(path):
        name = ast.unparse(call.func)
        assert name not in {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty.spawn"}
        assert not name.startswith(("os.exec", "os.spawn", "asyncio.create_subprocess_shell"))
        # It takes an argv and knows of no shell; but who may start processes so is one module.
        assert not name.startswith("os.posix_spawn") or path.name == "spawn.py"
        assert name not in {"eval", "exec", "pickle.load", "marshal.loads"}
        assert name != "pickle.loads" or str(path.relative_to(PACKAGE)) in UNPICKLES
        if name.rpartition(".")[2] in {"Popen", "run", "call", "check_call", "check_output"}:
            assert "shell" not in {keyword.arg for keyword in call.keywords}


def test_only_the_users_own_command_is_a_shells_script() -> None:
    """Each ``-c`` of the package stands before a constant, but those that run the user's own commands."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            words = node.elts if isinstance(node, ast.List | ast.Tuple) else []
            for word, script in pairwise(words):
                if isinstance(word, ast.Constant) and word.value == "-c":
                    found.append((str(path.relative_to(PACKAGE)), ast.unparse(script)))
    assert [(where, script) for where, script in found if not re.fullmatch(r"_[A-Z_]+", script)] == [
        ("child.py", "script"),
        ("dispatcher/finish.py", "self.command"),  # on-finish, the user's own command as well
        ("hiring/screen.py", "self._rc"),  # screen's own -c: the path of a file
    ]


# ---- owners and modes


def modes(root: Path) -> dict[str, int]:
    """The mode of everything in a spool but the users' own job files, by path."""
    found = {}
    for directory, _, files in os.walk(root):
        for path in (Path(directory), *(Path(directory, name) for name in files)):
            relative = str(path.relative_to(root))
            if not (relative.startswith(("done/", "failed/", "jobqueue/")) or path.name == "waits"):
                found[relative] = path.lstat().st_mode
    return found


def fill_a_spool(crew: Crew, umask: int) -> None:
    """Let every command make what it makes, under a umask."""
    status, _, talk = crew.finish(crew.start("recruiter.py", "hire", "1", umask=umask))
    assert status == 0, talk
    for name, command in {
        "prints": "echo x; :",
        "fails": "exit 1",
        "waits": "until test -e go; do sleep 0.02; done; :",
    }.items():
        crew.submit(name, command)
    crew.start("dispatcher.py", umask=umask)
    until(lambda: crew.running().get("waits"))
    control.pause(Layout(str(crew.root)))


def end_the_spool(crew: Crew) -> None:
    (crew.root / "go").touch()
    crew.finish(crew.start("recruiter.py", "fire"))


@needs.program("screen")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_what_fjd_makes_is_for_its_owner_alone(crew: Crew, umask: int) -> None:
    """With journals, output, announcements, lease and the log that screen writes."""
    fill_a_spool(crew, umask)
    try:
        found = modes(crew.root)
    finally:
        end_the_spool(crew)
    made = {re.sub(r"(?<=/)[^/]*-\d+-[0-9a-f]{6}", "W", path) for path in found}
    assert made >= {
        ".fjd/dispatcher.lease", ".fjd/version", ".fjd/paused", ".fjd/screenrc", "journal/W.jsonl", "workerlogs/W.log",
        "output/prints.out", "workerqueue/W.worker", "jobpod/W", "jobpod/W/.nudge", "running/W",
    }  # fmt: skip
    for path, mode in found.items():
        assert oct(stat.S_IMODE(mode)) == ("0o700" if stat.S_ISDIR(mode) else "0o600"), path


@needs.program("screen")
def test_a_spool_that_was_opened_to_a_group_stays_open_to_it(crew: Crew) -> None:
    crew.root.chmod(0o2750)
    fill_a_spool(crew, 0o000)
    try:
        found = modes(crew.root)
    finally:
        end_the_spool(crew)
    private = {".fjd/dispatcher.lease"}  # nobody but dispatchers reads it
    private |= {path for path in found if path.endswith("/.nudge")}
    for path, mode in found.items():
        wanted = "0o2750" if stat.S_ISDIR(mode) else "0o600" if path in private else "0o640"
        assert oct(stat.S_IMODE(mode)) == wanted, path


DIRECTORIES = ("", "jobqueue", "jobpod", "running", "output", "journal", "workerqueue", ".fjd", ".fjd/tmp")


@pytest.mark.parametrize("may_create", [True, False])
@pytest.mark.parametrize("inside", DIRECTORIES)
def test_a_directory_that_everybody_can_write_is_refused(layout: Layout, inside: str, may_create: bool) -> None:
    path = Path(layout.root, inside)
    path.chmod(0o1777)
    with pytest.raises(UnsafeError, match=f"everybody can write {re.escape(str(path))}, .*: chmod o-w "):
        create.open_spool(layout.root, create=may_create)


@needs_root
@pytest.mark.parametrize("may_create", [True, False])
@pytest.mark.parametrize("inside", DIRECTORIES)
def test_a_directory_of_somebody_else_is_refused(layout: Layout, inside: str, may_create: bool) -> None:
    path = Path(layout.root, inside)
    os.chown(path, OTHER, -1)
    with pytest.raises(UnsafeError, match=f"{re.escape(str(path))} belongs to user {OTHER}, not to you"):
        create.open_spool(layout.root, create=may_create)


@pytest.mark.parametrize("may_create", [True, False])
@pytest.mark.parametrize("inside", DIRECTORIES[1:])
def test_a_directory_that_is_a_link_is_refused(
    layout: Layout, precious_dir: Path, inside: str, may_create: bool
) -> None:
    path = Path(layout.root, inside)
    shutil.rmtree(path)
    path.symlink_to(precious_dir)
    with pytest.raises(SpoolError, match=r"is a symbolic link and must be a directory|is not a spool"):
        create.open_spool(layout.root, create=may_create)


@pytest.mark.parametrize("target", ["/nowhere", "../outside"])
def test_a_link_that_leads_nowhere_is_refused_before_anything_is_made(crew: Crew, target: str) -> None:
    (crew.root / ".fjd").symlink_to(target)
    with pytest.raises(UnsafeError, match="is a symbolic link"):
        create.open_spool(str(crew.root))
    assert os.listdir(crew.root) == [".fjd"]


@pytest.mark.parametrize(
    "command", [("dispatcher.py",), ("fjd-worker",), ("recruiter.py", "list"), ("recruiter.py", "hire", "1")]
)
def test_every_command_refuses(crew: Crew, layout: Layout, precious_dir: Path, command: tuple[str, ...]) -> None:
    os.rmdir(layout.runnings)
    os.symlink(precious_dir, layout.runnings)
    status, lines, talk = crew.finish(crew.start(*command))
    assert (status, lines) == (1, [])
    assert talk == f"[FJD] {layout.runnings} is a symbolic link and must be a directory: put one in its place\n"


@pytest.mark.parametrize("directory", ["jobpod", "running"])
def test_a_worker_refuses_directories_of_its_own_that_it_did_not_make(
    crew: Crew, layout: Layout, precious_dir: Path, directory: str
) -> None:
    os.symlink(precious_dir, f"{layout.root}/{directory}/{W}")
    assert worker(crew).wait(20) == 1
    assert f"{directory}/{W}" in talk_of_workers(crew)
    assert "Traceback" not in talk_of_workers(crew)


# ---- job files


def world_writable(path: Path, precious: Path) -> None:
    path.write_text(job_text("true"))
    path.chmod(0o602)


def others(path: Path, precious: Path) -> None:
    path.write_text(job_text("true"))
    os.chown(path, OTHER, -1)


def link(path: Path, precious: Path) -> None:
    path.symlink_to(precious)


def fifo(path: Path, precious: Path) -> None:
    os.mkfifo(path)


def device(path: Path, precious: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero


def unreadable(path: Path, precious: Path) -> None:
    path.write_text(job_text("true"))
    os.chown(path, OTHER, -1)
    path.chmod(0o600)


BAD_FILES = [
    pytest.param(world_writable, "everybody can write it: chmod o-w", id="world-writable"),
    pytest.param(others, f"it belongs to user {OTHER}, not to you", id="others", marks=needs_root),
    pytest.param(link, "a symbolic link", id="link"),
    pytest.param(fifo, "a FIFO", id="fifo"),
    pytest.param(device, "a device", id="device", marks=needs_root),
]


@pytest.mark.parametrize(("make", "why"), BAD_FILES)
def test_a_worker_runs_nothing_that_somebody_else_may_have_written(
    crew: Crew, layout: Layout, precious: Path, make: Callable[[Path, Path], None], why: str
) -> None:
    """Also when it gets past the dispatcher: the worker looks for itself, and goes on with the next."""
    worker(crew)
    make(Path(layout.handed(W, "bad")), precious)
    wakeup.ring(layout.nudge(W))
    assert ended(crew, "bad")["reason"] == why
    give(crew, "good", "true")
    assert ended(crew, "good")["outcome"] == "done"
    assert crew.names("failed") == {"bad"}


@needs_root
@needs.program("setpriv")
def test_a_dispatcher_without_roots_powers_refuses_what_it_cannot_read(crew: Crew, layout: Layout) -> None:
    """Root may read everything; without its capabilities it is a user as any other."""
    unreadable(Path(layout.queued("secret")), crew.root)
    others(Path(layout.queued("foreign")), crew.root)
    argv = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", str(BIN / "dispatcher.py"), "--once"]
    run = subprocess.run(argv, env=crew.environment, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 1
    assert "secret failed: it cannot be read with your permissions\n" in run.stderr
    assert f"foreign failed: it belongs to user {OTHER}, not to you\n" in run.stderr
    assert crew.names("failed") == {"secret", "foreign"}


def test_a_huge_job_file_is_refused_and_not_read(crew: Crew, layout: Layout) -> None:
    with open(layout.queued("huge"), "wb") as file:
        file.truncate(1 << 40)
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: crew.journal("rejected"))
    assert "larger than 1,048,576 bytes" in crew.journal("rejected")[0]["reason"]
    counts = dict(line.split(": ") for line in Path(f"/proc/{dispatcher.pid}/io").read_text().splitlines())
    assert int(counts["rchar"]) < 100 << 20, "the libraries that it loads are some of it"
    memory = Path(f"/proc/{dispatcher.pid}/status").read_text()
    assert int(re.findall(r"VmHWM:\s+(\d+)", memory)[0]) < 200 << 10


# ---- planted links, FIFOs and directories


@pytest.mark.parametrize(
    "make", [os.symlink, os.link, lambda _precious, path: os.mkfifo(path)], ids=["link", "hard", "fifo"]
)
def test_output_is_a_new_file_whatever_stands_there(
    crew: Crew, layout: Layout, precious: Path, make: Callable[[Path, str], None]
) -> None:
    worker(crew)
    make(precious, layout.output("job"))
    give(crew, "job", "echo hello; :")
    assert ended(crew, "job")["outcome"] == "done"
    assert fsio.is_plain(layout.output("job"))
    assert crew.output("job") == "hello\n"


def test_a_directory_in_place_of_the_output_fails_the_job_and_nothing_else(crew: Crew, layout: Layout) -> None:
    worker(crew)
    os.mkdir(layout.output("job"))
    give(crew, "job", "touch ran; :")
    give(crew, "next", "true")
    assert ended(crew, "job")["reason"] == f"its output cannot be written: {layout.output('job')} is a directory"
    assert ended(crew, "next")["outcome"] == "done"
    assert not (crew.root / "ran").exists()


@pytest.mark.parametrize("make", [link, fifo])
def test_a_journal_that_cannot_be_written_costs_no_job(
    crew: Crew, layout: Layout, precious: Path, make: Callable[[Path, Path], None]
) -> None:
    make(Path(layout.journal(W)), precious)
    make(Path(layout.journal("another")), precious)
    crew.environment["FJD_TIMINGS"] += " look_s=0.1 reconcile_s=0.1 lease_s=3"
    worker(crew)
    crew.submit("job", "true")
    status, _, talk = crew.finish(crew.dispatcher())
    assert (status, talk) == (0, "")
    assert crew.names("done") == {"job"}


def test_an_announcement_replaces_a_link_and_is_not_read_through_one(
    crew: Crew, layout: Layout, precious: Path
) -> None:
    os.symlink(precious, layout.announcement(W))
    os.symlink(precious, layout.announcement("other-2-abc"))
    with (crew.root.parent / "talk").open("a") as talk:
        crew.start("fjd-worker", "--id", W, stdout=talk, stderr=talk)
    until(lambda: fsio.is_plain(layout.announcement(W)))
    assert list(announce.read_all(layout)) == [W]
    dispatcher = crew.dispatcher("--keep-going")
    crew.submit("job", "true")
    until(lambda: crew.names("done") == {"job"})
    dispatcher.terminate()
    assert "other-2-abc in workerqueue/ is passed by: a symbolic link" in crew.finish(dispatcher)[2]


def test_a_heartbeat_is_not_shown_through_a_link(crew: Crew, layout: Layout, precious: Path) -> None:
    """The worker touches what stands there, and that is the link itself."""
    crew.environment["FJD_TIMINGS"] += " heartbeat_s=0.05"
    worker(crew)
    os.symlink(precious, f"{layout.tmp}/x")
    os.utime(f"{layout.tmp}/x", (0, 0), follow_symlinks=False)
    os.rename(f"{layout.tmp}/x", layout.announcement(W))
    until(lambda: os.lstat(layout.announcement(W)).st_mtime > 0)


@pytest.mark.parametrize("order", ["fire", "drain"])
def test_an_order_is_obeyed_by_its_name_and_a_link_is_not_read(
    crew: Crew, layout: Layout, tmp_path: Path, order: str
) -> None:
    (tmp_path / "cancel").write_bytes(b"cancel")
    process = worker(crew)
    give(crew, "job", "until test -e go; do sleep 0.02; done; :")
    until(lambda: crew.journal("start"))
    os.symlink(tmp_path / "cancel", layout.order(W, order))
    wakeup.ring(layout.nudge(W))
    (crew.root / "go").touch() if order == "drain" else None
    assert process.wait(20) == 0
    assert ended(crew, "job")["outcome"] == {"fire": "requeued", "drain": "done"}[order]
    assert (tmp_path / "cancel").read_bytes() == b"cancel"


def test_an_order_to_kill_that_is_a_link_is_removed_and_its_target_is_not(
    crew: Crew, layout: Layout, precious: Path
) -> None:
    worker(crew)
    give(crew, "job", "exec sleep 1000;")
    until(lambda: crew.journal("start"))
    os.symlink(precious, layout.order_kill(W, "job"))
    wakeup.ring(layout.nudge(W))
    assert ended(crew, "job")["reason"] == "killed"
    until(lambda: not os.path.lexists(layout.order_kill(W, "job")))


def test_a_note_of_the_attempt_is_not_read_through_a_link(crew: Crew, layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "number").write_bytes(b"7")
    worker(crew)
    os.symlink(tmp_path / "number", layout.attempt(W, "job"))
    give(crew, "job", "true")
    assert "7" not in str(ended(crew, "job")["outcome"])
    assert [line["attempt"] for line in crew.journal("start")] in ([], [1])
    give(crew, "next", "true")
    assert ended(crew, "next")["outcome"] == "done"


@pytest.mark.parametrize("directory", ["jobpod", "running"])
def test_a_link_among_the_workers_directories_is_nobodys(
    crew: Crew, layout: Layout, precious_dir: Path, directory: str
) -> None:
    """A worker of that name would be buried after the lease: its jobs go to the queue, its dot files are removed."""
    crew.environment["FJD_TIMINGS"] = "lease_s=0.2 look_s=0.05 reconcile_s=0.05"
    os.symlink(precious_dir, f"{layout.root}/{directory}/old")
    os.mkdir(f"{layout.root}/{directory}/{W}")
    Path(f"{layout.root}/{directory}/{W}/job").write_text(job_text("true"))
    crew.dispatcher("--keep-going")
    until(lambda: not os.path.exists(f"{layout.root}/{directory}/{W}"))  # this one was buried
    crew.submit("job2", "true")
    until(lambda: len(crew.names("jobqueue")) == 2)
    assert os.path.islink(f"{layout.root}/{directory}/old")


def test_private_files_that_are_links_are_replaced_or_refused_and_never_written_through(
    crew: Crew, layout: Layout, precious: Path
) -> None:
    for path in (layout.paused_file, layout.lease_file, layout.clock_file, f"{layout.private}/screenrc"):
        with_link(path, precious)
    crew.worker()
    crew.submit("job", "true")
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: fsio.is_plain(layout.lease_file) or dispatcher.poll() is not None)
    assert "job" in crew.names("jobqueue"), "a link to pause is an order to pause"
    control.resume(layout)
    until(lambda: crew.names("done") == {"job"})
    control.pause(layout)
    assert fsio.is_plain(layout.paused_file)

    with_link(layout.version_file, precious)
    with pytest.raises(UnsafeError, match=r"\.fjd/version cannot be trusted: a symbolic link"):
        create.open_spool(layout.root)


def with_link(path: str, target: Path) -> None:
    fsio.remove(path)
    os.symlink(target, path)


@pytest.mark.parametrize("make", [os.symlink, os.link], ids=["link", "hard"])
def test_a_temporary_file_is_always_a_new_one(
    layout: Layout, precious: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path, str], None]
) -> None:
    """Even where its name, which is random, was guessed."""
    monkeypatch.setattr("fjd.chance.token", lambda _size: "guessed")
    make(precious, f"{layout.tmp}/guessed")
    with pytest.raises(DiskError, match="File exists"):
        fsio.publish(layout.tmp, layout.queued("job"), b"mine")


def test_the_names_of_temporary_files_cannot_be_told(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    monkeypatch.setattr(syscalls, "link", lambda source, _target: names.append(os.path.basename(source)))
    for number in range(100):
        fsio.publish(layout.tmp, layout.queued(str(number)), b"")
    assert len(set(names)) == 100
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


# ---- the terminal


EVIL = "\x1b]2;pwned\x07\x1b[31m\x9b31m[red]x[/red]\u202e\r\n"
EVIL_NAME = EVIL.replace("/", "").replace("\x00", "")
HARMFUL = re.compile(rb"\x1b\]2|\x07|\x1b\[31m|\xc2\x9b|\x9b31m|\xe2\x80\xae")
"""What of it a terminal would obey."""


def on_a_terminal(crew: Crew, *command: str, stop_at: bytes = b"") -> bytes:
    """Run one of the commands on a terminal until it ends, or has shown ``stop_at``; return what that received."""
    master, slave = pty.openpty()
    process = crew.start(*command, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # EIO: it has ended
                break
        if stop_at and stop_at in shown and process.poll() is None:
            process.terminate()
            stop_at = b""
    os.close(master)
    process.wait(10)
    return shown


def hostile(host: str) -> Announcement:
    return Announcement(
        id=f"a{EVIL_NAME}-1-abc", number=1, host=host, boot_id=EVIL, pid_space=EVIL, pid=1, started=1, since=0.0,
        cwd=EVIL, kind="screen", session=f"1.{EVIL}", log=EVIL,
    )  # fmt: skip


def submit_evil(crew: Crew) -> None:
    crew.submit(f"ends {EVIL_NAME}", "true")
    crew.submit(f"fails {EVIL_NAME}", f"echo '{EVIL_NAME.split(chr(13))[0]}'; exit 3")
    Path(crew.root, "jobqueue", f"bad {EVIL_NAME}").write_text(f"[control]\n{EVIL_NAME}\n", newline="")


@pytest.mark.parametrize("where", ["terminal", "pipe"])
def test_the_dispatcher_says_nothing_that_a_terminal_obeys(crew: Crew, layout: Layout, where: str) -> None:
    """On a terminal rich draws the progress line, and is given text that has no markup for it."""
    submit_evil(crew)
    Path(layout.announcement(f"none{EVIL_NAME}")).write_text(f"[worker]\n{EVIL_NAME}\n", newline="")
    announce.publish(layout, hostile(EVIL))
    lines = [{"event": "end", "job": EVIL, "outcome": "failed", "reason": EVIL, "t": 1}]
    Path(layout.journal(hostile(EVIL).id)).write_text("".join(json.dumps(line) + "\n" for line in lines))
    worker(crew)
    crew.environment["FJD_TIMINGS"] += " look_s=0.1 lease_s=1"
    if where == "terminal":
        shown = on_a_terminal(crew, "dispatcher.py")
        assert b"1 done" in shown
    else:
        _, out, err = crew.finish(crew.dispatcher())
        shown = "\n".join([*out, err]).encode()
        assert b"\x1b" not in shown
    assert crew.names("done") == {f"ends {EVIL_NAME}"}
    assert not HARMFUL.search(shown)
    assert b"[red]x[" in shown, "markup is shown as it is"
    assert rb"fails \x1b]2;pwned\x07\x1b[31m\u009b31m[red]x" in shown
    assert not HARMFUL.search(talk_of_workers(crew).encode())


def test_a_worker_says_nothing_that_a_terminal_obeys(crew: Crew, layout: Layout) -> None:
    submit_evil(crew)
    dispatcher = crew.dispatcher()
    shown = on_a_terminal(crew, "fjd-worker", "--id", W, stop_at=b"failed after")
    dispatcher.terminate()
    assert b"ends " in shown
    assert b"\x1b" not in shown
    assert not HARMFUL.search(shown)


@pytest.mark.parametrize("command", [["list"], ["fire"], ["fire", "nobody"], ["hire", "1"]], ids=" ".join)
def test_the_recruiter_says_nothing_that_a_terminal_obeys(crew: Crew, layout: Layout, command: list[str]) -> None:
    crew.environment["FJD_TIMINGS"] = "grace_s=0.1 answer_s=0.1" if command[0] == "fire" else "grace_s=1"
    if command[0] == "hire":
        crew.environment["PATH"] = evil_screen(crew.root.parent)
    evil = hostile(EVIL)
    announce.publish(layout, evil)
    os.mkdir(layout.running_dir(evil.id))
    Path(layout.running(evil.id, f"job {EVIL_NAME}")).write_text(job_text("true"))
    shown = on_a_terminal(crew, "recruiter.py", *command)
    assert b"pwned" in shown
    assert b"\x1b" not in shown
    assert not HARMFUL.search(shown)
    if command[0] == "hire":
        crew.finish(crew.start("recruiter.py", "fire", *(set(crew_ids(layout)) - {evil.id})))


def crew_ids(layout: Layout) -> list[str]:
    return [member.id for member in recruiter.members(layout)]


def evil_screen(where: Path) -> str:
    """A screen that complains in escape sequences."""
    programs = where / "programs"
    programs.mkdir()
    (programs / "screen").write_text("#!/bin/sh\nprintf 'no \\033]2;pwned\\007 \\033[31m'; exit 1\n")
    (programs / "screen").chmod(0o755)
    return f"{programs}:{os.environ['PATH']}"


# ---- sessions


@needs_root
@needs.program("screen")
def test_sessions_of_somebody_else_are_neither_used_nor_attached_to(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """screen itself refuses a directory of sockets that is not ours, or not for us alone; fjd asks it."""
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    (theirs / "1.fjd-x-1").touch()
    os.chown(theirs, OTHER, -1)
    os.chown(theirs / "1.fjd-x-1", OTHER, -1)
    monkeypatch.setenv("SCREENDIR", str(theirs))
    backend = ScreenBackend(layout)
    assert "1.fjd-x-1" not in backend.names()
    assert all(place.directory != str(theirs) for place in [backend._place] if not isinstance(place, str))
    with pytest.raises(HireError, match="there is no screen session"):
        backend.attach_argv("1.fjd-x-1")


@needs.program("screen")
@pytest.mark.parametrize("session", ["1.fjd-x-1", "../../x", "\u00b2.x", "-x", "1.x; touch pwned", "1." + EVIL, ""])
def test_an_announcement_cannot_name_what_is_attached_to(layout: Layout, session: str) -> None:
    """Only a session whose socket is in our directory and whose process was started with that name."""
    here = announce.new_id("here", 1)
    host = identity.this_host()
    me = replace(hostile(host.name), id=here, session=session, boot_id=host.boot_id, pid_space=host.pid_space)
    announce.publish(layout, me)
    with pytest.raises(HireError, match="there is no screen session"):
        recruiter.attach_argv(layout, here)
