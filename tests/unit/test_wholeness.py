"""Whether somebody still writes a file: asked of the kernel, or told from its standing still."""

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fjd.spool import filesystems, fsio, wholeness
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Wholeness, Writing

FAR_S = 1_000_000


@pytest.fixture
def job(layout: Layout) -> Path:
    path = Path(layout.queued("job"))
    path.write_bytes(b"[control]\n")
    return path


@pytest.fixture
def by_lease(layout: Layout) -> Wholeness:
    answers = Wholeness(layout, settle_s=2)
    if not answers.by_lease:
        pytest.skip("needs a filesystem with leases")
    return answers


@pytest.fixture
def by_time(layout: Layout) -> Wholeness:
    answers = Wholeness(layout, settle_s=2)
    answers.by_lease = False
    return answers


# ---- by the kernel


def test_a_file_is_whole_when_its_writer_has_closed_it(by_lease: Wholeness, job: Path) -> None:
    with job.open("ab"):
        assert not by_lease.is_whole(str(job), 0)
    assert by_lease.is_whole(str(job), 0)


def test_readers_do_not_matter(by_lease: Wholeness, job: Path) -> None:
    with job.open("rb"):
        assert by_lease.is_whole(str(job), 0)


def test_a_file_that_another_process_writes_is_not_whole(by_lease: Wholeness, job: Path) -> None:
    script = "import sys; file = open(sys.argv[1], 'ab'); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script, job], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        assert not by_lease.is_whole(str(job), 0)
    assert by_lease.is_whole(str(job), 0)


def test_a_file_that_is_mapped_for_writing_is_not_whole(by_lease: Wholeness, job: Path) -> None:
    with job.open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    with memory:
        assert not by_lease.is_whole(str(job), 0)
    assert by_lease.is_whole(str(job), 0)


def test_a_name_that_is_not_utf8_is_asked_for_like_any_other(by_lease: Wholeness, layout: Layout) -> None:
    path = layout.queued("\udcff\n")
    with open(path, "wb"):
        assert not by_lease.is_whole(path, 0)
    assert by_lease.is_whole(path, 0)


HAMMER = """
import sys
print(flush=True)
while True:
    open(sys.argv[1], "r+b").close()
"""


def test_a_writer_that_comes_in_between_breaks_nothing(job: Path) -> None:
    """It breaks the lease, and the holder is sent a signal, which must not end it; nor may the writer be blocked."""
    script = (
        "import sys; from fjd.spool.wholeness import writing, Writing\n"
        "answers = {writing(sys.argv[1]) for _ in range(20_000)}\n"
        "print(Writing.NO in answers, Writing.UNKNOWN in answers)"
    )
    with subprocess.Popen([sys.executable, "-c", HAMMER, job], stdout=subprocess.PIPE) as hammer:
        try:
            assert hammer.stdout
            hammer.stdout.readline()
            asker = subprocess.run(
                [sys.executable, "-c", script, job], capture_output=True, text=True, timeout=60, check=False
            )
        finally:
            hammer.kill()
    assert (asker.returncode, asker.stdout) == (0, "True False\n"), asker.stderr


def test_no_lease_is_left_behind(job: Path) -> None:
    for _ in range(100):
        wholeness.writing(str(job))
    # A lease that is held would keep a writer waiting for up to 45 s; this one would not wait (EWOULDBLOCK).
    os.close(os.open(job, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK))


def test_of_what_has_no_leases_it_cannot_be_told(tmp_path: Path, job: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "link").symlink_to(job)
    os.mkfifo(tmp_path / "fifo")
    for name in ("dir", "link", "fifo", "gone"):
        assert wholeness.writing(str(tmp_path / name)) is Writing.UNKNOWN, name


# ---- by time


def test_a_file_is_whole_when_it_has_stood_still_for_the_settle_time(by_time: Wholeness, job: Path) -> None:
    assert not by_time.is_whole(str(job), 100)
    assert not by_time.is_whole(str(job), 101.9)
    assert by_time.is_whole(str(job), 102)


def test_each_change_begins_the_settle_time_anew(by_time: Wholeness, job: Path) -> None:
    assert not by_time.is_whole(str(job), 100)
    with job.open("ab") as file:
        file.write(b"more")
    assert not by_time.is_whole(str(job), 102)
    assert not by_time.is_whole(str(job), 103.9)
    assert by_time.is_whole(str(job), 104)


def test_a_file_that_was_old_when_it_was_first_seen_is_whole_at_once(by_time: Wholeness, job: Path) -> None:
    os.utime(job, (0, time.time() - FAR_S))
    assert by_time.is_whole(str(job), 100)


def test_a_file_from_the_future_is_whole_when_it_has_stood_still(by_time: Wholeness, job: Path) -> None:
    os.utime(job, (0, time.time() + FAR_S))
    assert not by_time.is_whole(str(job), 100)
    assert by_time.is_whole(str(job), 102)


def test_the_age_of_a_file_is_told_by_the_clock_of_its_disk(
    layout: Layout, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_now_s = job.stat().st_mtime
    monkeypatch.setattr(time, "time", lambda: 0.0)  # our own clocks stand still
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    answers = Wholeness(layout, settle_s=2)
    answers.by_lease = False
    assert not answers.is_whole(str(job), 100)
    os.utime(job, (disk_now_s - 10, disk_now_s - 10))  # older than the settle time and a coarse clock's second
    assert answers.is_whole(str(job), 100)


def test_a_file_that_is_gone_may_be_read(by_time: Wholeness, by_lease: Wholeness, layout: Layout) -> None:
    assert by_time.is_whole(layout.queued("gone"), 0)
    assert by_lease.is_whole(layout.queued("gone"), 0)


def test_what_is_forgotten_is_seen_for_the_first_time_again(by_time: Wholeness, job: Path) -> None:
    assert not by_time.is_whole(str(job), 100)
    by_time.forget(str(job))
    assert not by_time.is_whole(str(job), 102)


# ---- which of the two


def test_leases_are_not_trusted_where_other_hosts_may_write(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystems, "type_of", lambda _path: "fuse.sshfs")
    assert not Wholeness(layout, 2).by_lease


@pytest.mark.parametrize("answer", list(Writing))
def test_leases_are_not_trusted_where_they_do_not_tell(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, answer: Writing
) -> None:
    monkeypatch.setattr(wholeness, "writing", lambda _path: answer)
    assert not Wholeness(layout, 2).by_lease
    assert fsio.names(layout.tmp) == []
