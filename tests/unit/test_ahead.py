"""Job files read ahead: what is run is what stands in the file when its turn comes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.errors import JobFileError
from fjd.spool import fsio
from fjd.spool.fsio import Contents
from fjd.worker.ahead import Ahead
from tests.crew import job_text

JOBS = [f"job{number}" for number in range(40)]


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    """A pod with `JOBS`, each with a command of its own."""
    for job in JOBS:
        (tmp_path / job).write_text(job_text(f"./{job}"))
    return tmp_path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    names: list[str] = []
    real = fsio.read_plain

    def read_plain(path: str, limit: int) -> Contents | None:
        names.append(os.path.basename(path))
        return real(path, limit)

    monkeypatch.setattr(fsio, "read_plain", read_plain)
    return names


def ahead_of(pod: Path) -> Ahead:
    return Ahead(lambda job: str(pod / job))


def todo_after(job: str) -> list[str]:
    """What a worker has still to do after ``job``, the next one last."""
    return JOBS[: JOBS.index(job) : -1]


def turn(ahead: Ahead, pod: Path, job: str) -> str:
    """Let it be the turn of ``job``, and return its command."""
    ahead.look(job, todo_after(job))
    found = ahead.take(job, str(pod / job))
    assert found is not None
    return found.spec.executable


def test_each_is_read_once_and_says_what_its_file_says(pod: Path, reads: list[str]) -> None:
    ahead = ahead_of(pod)
    assert [turn(ahead, pod, job) for job in JOBS] == [f"./{job}" for job in JOBS]
    assert sorted(reads) == sorted(JOBS)


def test_those_that_come_next_are_read_with_it_and_not_the_whole_pod(pod: Path, reads: list[str]) -> None:
    turn(ahead_of(pod), pod, "job0")
    assert reads == JOBS[: len(reads)]
    assert 8 <= len(reads) < len(JOBS)


def test_the_last_one_is_not_read_ahead(pod: Path, reads: list[str]) -> None:
    """With long jobs a pod holds one: its file is read once it is claimed."""
    ahead = ahead_of(pod)
    ahead.look(JOBS[-1], [])
    assert reads == []


def changed_in_place(path: Path) -> None:
    path.write_text(job_text("./another"))


def another_put_there(path: Path) -> None:
    stamp = path.stat()
    beside = path.with_name(".new")
    beside.write_text(job_text("./jobX"))  # of the same length
    os.utime(beside, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    beside.rename(path)


@pytest.mark.parametrize(
    ("change", "command"), [(changed_in_place, "./another"), (another_put_there, "./jobX")], ids=["edited", "replaced"]
)
def test_what_has_changed_meanwhile_is_read_again(pod: Path, change: Callable[[Path], None], command: str) -> None:
    ahead = ahead_of(pod)
    turn(ahead, pod, "job0")
    change(pod / "job1")
    assert turn(ahead, pod, "job1") == command
    assert turn(ahead, pod, "job2") == "./job2"


def test_a_bad_file_is_told_of_at_its_own_turn(pod: Path) -> None:
    (pod / "job1").write_text("no job file")
    (pod / "job2").unlink()
    ahead = ahead_of(pod)
    assert turn(ahead, pod, "job0") == "./job0"
    with pytest.raises(JobFileError):
        turn(ahead, pod, "job1")
    ahead.look("job2", todo_after("job2"))
    assert ahead.take("job2", str(pod / "job2")) is None
    assert turn(ahead, pod, "job3") == "./job3"


def test_on_a_network_filesystem_each_is_read_at_its_turn(pod: Path, reads: list[str]) -> None:
    ahead = Ahead(None)
    ahead.look("job0", todo_after("job0"))
    assert reads == []
    found = ahead.take("job0", str(pod / "job0"))
    assert found is not None
    assert found.spec.executable == "./job0"
    assert reads == ["job0"]
