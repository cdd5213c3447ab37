"""Publishing, moving, reading: what a race, a refusal or a hostile file makes of each."""

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fjd.errors import DiskError, JobFileError, NotAJob, UnsafeError
from fjd.spool import fsio, noreplace
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def refuse(monkeypatch: pytest.MonkeyPatch, function: str, code: int) -> None:
    """Let a function of ``os`` fail as it does when the disk refuses."""

    def failing(*_args: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, function, failing)


RACERS = """
import sys, os
from fjd.spool import fsio
me, root, count, act = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
print("ready", flush=True)
sys.stdin.readline()
for turn in range(count):
    if act == "publish":
        won = fsio.publish(f"{root}/.fjd/tmp", f"{root}/jobqueue/{turn}", me.encode() * 1000)
    else:
        won = fsio.move(f"{root}/jobqueue/{turn}", f"{root}/done/{turn}-{me}") is fsio.Moved.YES
    if won:
        print(turn)
"""


def race(layout: Layout, act: str, count: int) -> list[list[str]]:
    """Let three processes act on the same names at the same time; return what each of them won."""
    command = [sys.executable, "-c", RACERS]
    racers = [
        subprocess.Popen(
            [*command, name, layout.root, str(count), act], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in "abc"
    ]
    for racer in racers:
        assert racer.stdout
        racer.stdout.readline()
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return [racer.communicate(timeout=30)[0].split() for racer in racers]


# ---- publishing


def test_what_is_published_is_there_whole_and_nothing_else_is(layout: Layout) -> None:
    target = layout.queued("job")
    assert fsio.publish(layout.tmp, target, b"x" * 300_000)
    assert Path(target).read_bytes() == b"x" * 300_000
    assert os.listdir(layout.tmp) == []


def test_publishing_does_not_replace_unless_told_to(layout: Layout) -> None:
    target = layout.queued("job")
    assert fsio.publish(layout.tmp, target, b"first")
    assert not fsio.publish(layout.tmp, target, b"second")
    assert Path(target).read_bytes() == b"first"
    assert fsio.publish(layout.tmp, target, b"third", replace=True)
    assert Path(target).read_bytes() == b"third"
    assert os.listdir(layout.tmp) == []


def test_of_processes_that_publish_one_name_one_wins(layout: Layout) -> None:
    won = race(layout, "publish", 300)
    assert sorted((turn for turns in won for turn in turns), key=int) == [str(turn) for turn in range(300)]
    for name, turns in zip("abc", won, strict=True):
        assert all(Path(layout.queued(turn)).read_text() == name * 1000 for turn in turns)


def test_a_reader_never_sees_half_of_what_is_replaced(layout: Layout) -> None:
    target = layout.queued("job")
    texts = [b"a" * 100_000, b"b" * 50_000]
    fsio.publish(layout.tmp, target, texts[0])
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            for text in texts:
                fsio.publish(layout.tmp, target, text, replace=True)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            assert Path(target).read_bytes() in texts
    finally:
        over.set()
        writer.join()


@pytest.mark.parametrize("code", ["EPERM", "ENOSYS", "EOPNOTSUPP"])
def test_publishing_works_where_there_are_no_hard_links(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    refuse(monkeypatch, "link", getattr(errno, code))
    target = layout.queued("job")
    assert fsio.publish(layout.tmp, target, b"first")
    assert not fsio.publish(layout.tmp, target, b"second")
    assert Path(target).read_bytes() == b"first"
    assert os.listdir(layout.tmp) == []


def test_publishing_into_a_spool_that_is_gone_says_so(layout: Layout) -> None:
    with pytest.raises(DiskError, match="is the spool still there"):
        fsio.publish(layout.root + "/gone", layout.queued("job"), b"")


def test_what_does_not_fit_on_the_disk_is_not_published(layout: Layout) -> None:
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(DiskError, match=r"cannot write .*File too large"):
            fsio.publish(layout.tmp, layout.queued("job"), b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert os.listdir(layout.tmp) == os.listdir(layout.jobqueue) == []


# ---- modes


def test_what_fjd_makes_is_for_its_owner_alone(layout: Layout, open_umask: None) -> None:
    fsio.publish(layout.tmp, layout.queued("job"), b"")
    os.close(fsio.open_append(layout.journal("w")))
    os.close(fsio.open_output(layout.output("job")))
    fsio.make_dir(layout.pod("w"))
    for path in (layout.queued("job"), layout.journal("w"), layout.output("job")):
        assert mode(path) == 0o600, path
    for path in (*layout.directories, layout.pod("w")):
        assert mode(path) == 0o700, path


@pytest.mark.parametrize(("parent", "directory", "file"), [(0o750, 0o750, 0o640), (0o770, 0o770, 0o660)])
def test_what_fjd_makes_is_as_open_to_the_group_as_its_parent(
    tmp_path: Path, open_umask: None, parent: int, directory: int, file: int
) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(parent)
    made = str(root / "made")
    fsio.make_dir(made)
    assert mode(made) == directory
    fsio.publish(made, f"{made}/file", b"")
    assert mode(f"{made}/file") == file


def test_nothing_is_made_wider_than_its_group_though_its_parent_is(tmp_path: Path, open_umask: None) -> None:
    root = tmp_path / "open"
    root.mkdir()
    root.chmod(0o755)
    fsio.make_dir(str(root / "made"))
    assert mode(root / "made") == 0o750


def test_a_directory_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o711)
    fsio.make_dir(str(tmp_path / "there"))
    assert mode(tmp_path / "there") == 0o711


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"")
    with pytest.raises(UnsafeError, match="there is a file and must be a directory"):
        fsio.make_dir(str(tmp_path / "there"))


def test_the_folder_of_a_users_file_is_made_with_all_above_it(tmp_path: Path) -> None:
    fsio.make_user_dirs(str(tmp_path / "a/b"))
    fsio.make_user_dirs(str(tmp_path / "a/b"))
    assert (tmp_path / "a/b").is_dir()


def test_a_users_folder_that_cannot_be_is_the_jobs_own_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JobFileError, match="folder of its logfile"):
        fsio.make_user_dirs(str(tmp_path / "file/below"))


# ---- moving


def test_of_processes_that_move_one_file_one_wins(layout: Layout) -> None:
    for turn in range(300):
        Path(layout.queued(str(turn))).write_bytes(b"job")
    won = race(layout, "move", 300)
    arrived = {f"{turn}-{name}" for name, turns in zip("abc", won, strict=True) for turn in turns}
    assert sum(map(len, won)) == 300
    assert set(os.listdir(layout.done_dir)) == arrived


def test_a_move_replaces_what_stands_at_its_target(layout: Layout) -> None:
    Path(layout.queued("job")).write_bytes(b"new")
    Path(layout.done("job")).write_bytes(b"old")
    assert fsio.move(layout.queued("job"), layout.done("job")) is Moved.YES
    assert Path(layout.done("job")).read_bytes() == b"new"


def test_whether_a_move_was_done_though_it_reported_nothing_to_move_can_be_looked_up(layout: Layout) -> None:
    target = Path(layout.done("job"))
    target.write_bytes(b"")
    inode = target.stat().st_ino
    assert fsio.move(layout.queued("job"), str(target)) is Moved.GONE
    assert fsio.stands_at(str(target), inode)
    assert not fsio.stands_at(str(target), inode + 1)
    assert not fsio.stands_at(layout.queued("job"), inode)


def test_a_move_into_a_pod_that_is_gone_moves_nothing(layout: Layout) -> None:
    Path(layout.queued("job")).write_bytes(b"")
    assert fsio.move(layout.queued("job"), layout.handed("nobody", "job")) is Moved.ASTRAY
    assert os.listdir(layout.jobqueue) == ["job"]


def test_a_move_that_the_disk_refuses_says_what_and_why(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "rename", errno.EROFS)
    with pytest.raises(DiskError, match=r"cannot move .*jobqueue/job to .*read-only"):
        fsio.move(layout.queued("job"), layout.done("job"))


@pytest.mark.parametrize("has_call", [True, False])
def test_a_careful_move_replaces_nothing(layout: Layout, monkeypatch: pytest.MonkeyPatch, has_call: bool) -> None:
    if not has_call:
        monkeypatch.setattr(noreplace, "rename", lambda _source, _target: False)
    source, target = Path(layout.failed("job")), Path(layout.queued("job"))
    assert fsio.move_new(str(source), str(target)) is Moved.GONE
    source.write_bytes(b"mine")
    target.write_bytes(b"theirs")
    assert fsio.move_new(str(source), str(target)) is Moved.TAKEN
    assert (source.read_bytes(), target.read_bytes()) == (b"mine", b"theirs")
    target.unlink()
    target.symlink_to("nowhere")
    assert fsio.move_new(str(source), str(target)) is Moved.TAKEN
    target.unlink()
    assert fsio.move_new(str(source), str(target)) is Moved.YES
    assert target.read_bytes() == b"mine"


# ---- reading


@pytest.fixture
def job(layout: Layout) -> Path:
    path = Path(layout.queued("job"))
    path.write_bytes(b"0123456789")
    path.chmod(0o600)
    return path


def test_a_plain_file_is_read_with_its_stamp(job: Path) -> None:
    contents = fsio.read_plain(str(job), 100)
    assert contents is not None
    assert contents.data == b"0123456789"
    assert contents.stamp == fsio.stamp(str(job))


def test_of_a_large_file_one_byte_more_than_the_limit_is_read(job: Path) -> None:
    with job.open("r+b") as file:
        file.truncate(1 << 40)  # sparse: whoever read it all would not come back
    contents = fsio.read_plain(str(job), 1000)
    assert contents is not None
    assert len(contents.data) == 1001


def test_a_file_that_is_gone_is_no_error(layout: Layout) -> None:
    assert fsio.read_plain(layout.queued("job"), 10) is None
    assert fsio.read_plain(layout.queued("job") + "/below", 10) is None
    assert fsio.read_new(layout.queued("job"), 0, 10) is None
    assert fsio.stamp(layout.queued("job")) is None
    assert fsio.heartbeat(layout.queued("job")) is None
    assert fsio.names(layout.pod("w")) is None
    assert fsio.dir_stamp(layout.pod("w")) is None
    assert not fsio.touch(layout.queued("job"))
    assert not fsio.remove(layout.queued("job"))


def test_what_is_no_plain_file_is_refused_by_its_kind(tmp_path: Path, job: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "link").symlink_to(job)
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    kinds = {
        "dir": "a directory",
        "link": "a symbolic link",
        "loop": "a symbolic link",
        "fifo": "a FIFO",
        "socket": "a socket",
    }
    for name, kind in kinds.items():
        with pytest.raises(NotAJob, match=f"^{kind}$"):
            fsio.read_plain(str(tmp_path / name), 100)
    with pytest.raises(NotAJob, match=r"^a device$"):
        fsio.read_plain("/dev/null", 100)


def test_a_file_that_everybody_can_write_is_refused(job: Path) -> None:
    job.chmod(0o606)
    with pytest.raises(UnsafeError, match="everybody can write it"):
        fsio.read_plain(str(job), 100)


def test_a_file_of_somebody_else_is_refused(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = job.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(UnsafeError, match=f"belongs to user {owner}"):
        fsio.read_plain(str(job), 100)


def test_a_file_that_may_not_be_read_is_refused(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "open", errno.EACCES)
    with pytest.raises(UnsafeError, match="with your permissions"):
        fsio.read_plain(str(job), 100)


def test_a_directory_must_be_ours_and_closed_to_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    fsio.check_ours(str(directory))
    directory.chmod(0o777)
    with pytest.raises(UnsafeError, match="chmod o-w"):
        fsio.check_ours(str(directory))
    directory.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeError, match="belongs to user"):
        fsio.check_ours(str(directory))


def test_a_growing_file_is_read_from_where_one_was(job: Path) -> None:
    assert fsio.read_new(str(job), 0, 4) == b"0123"
    assert fsio.read_new(str(job), 4, 100) == b"456789"
    assert fsio.read_new(str(job), 10, 100) == b""
    with job.open("ab") as file:
        file.write(b"more")
    assert fsio.read_new(str(job), 10, 100) == b"more"


@pytest.mark.parametrize("make", [os.symlink, lambda _target, path: os.mkfifo(path)])
def test_no_journal_is_written_through_a_link_or_into_a_fifo(
    layout: Layout, job: Path, make: Callable[[Path, str], None]
) -> None:
    make(job, layout.journal("x"))
    with pytest.raises(DiskError, match="cannot open"):
        fsio.open_append(layout.journal("x"))
    assert fsio.read_new(layout.journal("x"), 0, 100) is None
    assert job.read_bytes() == b"0123456789"


def test_a_fifo_with_a_reader_is_no_journal_either(layout: Layout) -> None:
    os.mkfifo(layout.journal("x"))
    reader = os.open(layout.journal("x"), os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(DiskError, match="no plain file"):
            fsio.open_append(layout.journal("x"))
    finally:
        os.close(reader)


def test_what_is_written_to_waits_for_its_disk(layout: Layout) -> None:
    descriptor = fsio.open_append(layout.journal("x"))
    assert os.get_blocking(descriptor)
    os.close(descriptor)


@pytest.mark.parametrize("make", [os.symlink, os.link, lambda _target, path: os.mkfifo(path)])
def test_output_replaces_what_stands_there_and_never_writes_to_it(
    layout: Layout, job: Path, make: Callable[[Path, str], None]
) -> None:
    make(job, layout.output("x"))
    descriptor = fsio.open_output(layout.output("x"))
    os.write(descriptor, b"new")
    os.close(descriptor)
    assert fsio.is_plain(layout.output("x"))
    assert Path(layout.output("x")).read_bytes() == b"new"
    assert job.read_bytes() == b"0123456789"


def test_a_directory_in_place_of_the_output_is_the_jobs_failure(layout: Layout) -> None:
    os.mkdir(layout.output("x"))
    with pytest.raises(JobFileError, match=r"its output cannot be written: .*x\.out is a directory"):
        fsio.open_output(layout.output("x"))


def test_a_link_to_a_directory_is_none(layout: Layout, tmp_path: Path) -> None:
    """Or burying a worker of that name would move and remove what is in the directory."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/.profile").write_bytes(b"")
    os.symlink(tmp_path / "precious", layout.pod("w"))
    assert fsio.names(layout.pod("w")) is fsio.names(layout.pod("w"), fresh=True) is None
    assert fsio.dir_stamp(layout.pod("w")) is None
    for refusing in (fsio.make_dir, fsio.check_ours):
        with pytest.raises(UnsafeError, match="is a symbolic link and must be a directory"):
            refusing(layout.pod("w"))


def test_a_touch_reaches_through_no_link(tmp_path: Path, job: Path) -> None:
    before = job.stat().st_mtime_ns
    (tmp_path / "link").symlink_to(job)
    assert fsio.touch(str(tmp_path / "link"))
    assert job.stat().st_mtime_ns == before


def test_a_heartbeat_changes_with_a_touch(job: Path) -> None:
    os.utime(job, ns=(0, 1))
    assert fsio.heartbeat(str(job)) == 1
    assert fsio.touch(str(job))
    assert (fsio.heartbeat(str(job)) or 0) > 1


def test_a_link_has_no_heartbeat(tmp_path: Path, job: Path) -> None:
    (tmp_path / "link").symlink_to(job)
    assert fsio.heartbeat(str(tmp_path / "link")) is None


def test_a_stamp_tells_every_kind_of_change(job: Path) -> None:
    before = fsio.stamp(str(job))
    os.utime(job, ns=(0, 1))
    touched = fsio.stamp(str(job))
    job.write_bytes(b"0")
    os.utime(job, ns=(0, 1))
    shorter = fsio.stamp(str(job))
    other = job.with_name("other")
    other.write_bytes(b"0")
    os.utime(other, ns=(0, 1))
    other.rename(job)
    assert len({before, touched, shorter, fsio.stamp(str(job))}) == 4


def test_a_look_that_is_to_be_fresh_touches_the_directory_first(layout: Layout) -> None:
    os.utime(layout.jobqueue, ns=(0, 1))
    assert fsio.names(layout.jobqueue) == []
    assert fsio.dir_stamp(layout.jobqueue) == 1
    assert fsio.names(layout.jobqueue, fresh=True) == []
    assert (fsio.dir_stamp(layout.jobqueue) or 0) > 1


def test_names_that_are_not_utf8_come_back_as_they_are(layout: Layout) -> None:
    with open(os.path.join(os.fsencode(layout.jobqueue), b"\xff\n"), "wb"):
        pass
    assert fsio.names(layout.jobqueue) == ["\udcff\n"]
    assert fsio.stamp(layout.queued("\udcff\n"))


def test_a_directory_goes_only_when_nothing_is_in_it(layout: Layout) -> None:
    pod = layout.pod("w")
    fsio.make_dir(pod)
    Path(pod, "job").write_bytes(b"")
    assert not fsio.remove_dir(pod)
    fsio.remove(f"{pod}/job")
    assert fsio.remove_dir(pod)
    assert not os.path.exists(pod)
    assert fsio.remove_dir(pod)


@pytest.mark.parametrize(
    ("code", "advice"),
    [("ENOSPC", "free some space"), ("EDQUOT", "quota"), ("EROFS", "read-only"), ("EACCES", "permissions")],
)
def test_what_the_disk_refuses_is_said_with_what_to_do(code: str, advice: str) -> None:
    with pytest.raises(DiskError, match=f"cannot write /a/b: .*{advice}"), fsio.trouble("write", "/a/b"):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))


def test_looking_needs_no_more_than_the_standard_library() -> None:
    script = "import sys; from fjd.spool import fsio; print('ctypes' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout == "False\n"
