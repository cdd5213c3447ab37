"""Giving back what the dead held: nothing is lost, nothing is buried under another, and it can be begun anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fjd import identity, recovery, told
from fjd.errors import DiskError
from fjd.recovery import GivenBack
from fjd.spool import fsio, noreplace
from fjd.spool.layout import Layout, is_job_name
from tests.crew import until

W = f"nova-1-abc{os.getpid()}"
"""Like a real id it is used once: what a job leaves behind is found by it, in tests that run beside this one too."""


def put(path: str, text: str = "") -> None:
    Path(path).write_bytes(os.fsencode(text or path))


@pytest.fixture
def worker(layout: Layout) -> str:
    """A worker that holds two jobs, runs one, and was given orders."""
    os.mkdir(layout.pod(W))
    os.mkdir(layout.running_dir(W))
    put(layout.announcement(W))
    put(layout.handed(W, "one"))
    put(layout.handed(W, "\udcff two"))
    put(layout.running(W, "three"))
    put(layout.order(W, "fire"))
    put(layout.attempt(W, "one"), "2")
    os.mkfifo(layout.nudge(W))
    return W


JOBS = {"one", "\udcff two", "three"}


def is_buried(layout: Layout) -> bool:
    return os.listdir(layout.jobpods) == os.listdir(layout.runnings) == os.listdir(layout.workerqueue) == []


def test_what_a_lost_worker_held_goes_back_to_the_queue(layout: Layout, worker: str) -> None:
    returned = recovery.bury(layout, worker)
    assert {(back.name, back.new_name, back.was_running) for back in returned} == {
        ("one", "one", False),
        ("\udcff two", "\udcff two", False),
        ("three", "three", True),
    }
    assert set(os.listdir(layout.jobqueue)) == JOBS
    assert is_buried(layout)


def test_who_is_buried_already_stays_so(layout: Layout, worker: str) -> None:
    recovery.bury(layout, worker)
    assert recovery.bury(layout, worker) == ()
    assert set(os.listdir(layout.jobqueue)) == JOBS


@pytest.mark.parametrize("has_call", [True, False])
def test_a_job_whose_name_is_taken_comes_back_under_a_number(
    layout: Layout, worker: str, monkeypatch: pytest.MonkeyPatch, has_call: bool
) -> None:
    if not has_call:
        monkeypatch.setattr(noreplace, "rename", lambda _source, _target: False)
    put(layout.queued("three"), "another")
    put(layout.queued("three-2"), "and another")
    back = next(back for back in recovery.bury(layout, worker) if back.name == "three")
    assert back.new_name == "three-3"
    assert back.renaming == " as three-3, since that name is taken"
    assert Path(layout.queued("three")).read_text() == "another"
    assert Path(layout.queued("three-2")).read_text() == "and another"
    assert Path(layout.queued("three-3")).read_text() == layout.running(W, "three")


def test_a_job_with_the_longest_name_finds_another(layout: Layout) -> None:
    name = "x" * 255
    put(layout.queued(name), "another")
    put(layout.failed(name), "mine")
    back = recovery.give_back(layout, layout.failed(name), name, was_running=False)
    assert back is not None
    assert is_job_name(back.new_name)
    assert Path(layout.queued(back.new_name)).read_text() == "mine"


def test_what_is_gone_is_not_given_back(layout: Layout) -> None:
    assert recovery.give_back(layout, layout.running(W, "job"), "job", was_running=True) is None


def test_nothing_is_said_of_a_job_that_keeps_its_name() -> None:
    assert GivenBack("a", "a", was_running=False).renaming == ""


@pytest.mark.parametrize("place", range(12))
def test_a_burial_that_is_cut_short_anywhere_is_finished_by_the_next(
    layout: Layout, worker: str, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Each call that reaches the disk is the last one, once; no job is lost, and the announcement goes last."""
    left = [place]

    class Killed(BaseException):
        """As by kill -9."""

    def counted(function: object) -> object:
        def call(*args: object, **options: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return function(*args, **options)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        patch.setattr(noreplace, "rename", counted(noreplace.rename))
        for name in ("unlink", "rmdir", "listdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            recovery.bury(layout, worker)
        except Killed:
            assert os.path.exists(layout.announcement(worker))
    kept = [*os.listdir(layout.jobqueue)]
    for directory in (layout.pod(worker), layout.running_dir(worker)):
        kept += [name for name in fsio.names(directory) or () if is_job_name(name)]
    assert sorted(kept) == sorted(JOBS)
    recovery.bury(layout, worker)
    assert set(os.listdir(layout.jobqueue)) == JOBS
    assert is_buried(layout)


def test_a_burial_that_the_disk_refuses_can_be_begun_anew(
    layout: Layout, worker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(_source: str, _target: str) -> bool:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(noreplace, "rename", refusing)
        with pytest.raises(DiskError):
            recovery.bury(layout, worker)
    recovery.bury(layout, worker)
    assert set(os.listdir(layout.jobqueue)) == JOBS


# ---- what a dead worker's job left running


def sleeper(worker: str, job: str = "three", *, session: bool = False) -> "subprocess.Popen[bytes]":
    marks = {told.WORKER: worker, told.JOB: job} if worker else {}
    return subprocess.Popen(["sleep", "60"], env={**os.environ, **marks}, start_new_session=session)


def end(*processes: "subprocess.Popen[bytes]") -> None:
    for process in processes:
        process.kill()
        process.wait()


def test_what_a_dead_workers_job_left_running_is_killed_and_nothing_else(layout: Layout, worker: str) -> None:
    marked, detached = sleeper(W), sleeper(W, session=True)
    others = [sleeper(f"{W}d"), sleeper("nova-1"), sleeper(""), sleeper(W, "ended"), sleeper(W, "one")]
    try:
        until(lambda: b"sleep" in Path(f"/proc/{others[-1].pid}/cmdline").read_bytes())
        assert recovery.end_leftovers(layout, W) == 2
        assert marked.wait(10) == detached.wait(10) == -9
        assert [other.poll() for other in others] == [None] * 5
        assert recovery.end_leftovers(layout, W) == 0
    finally:
        end(marked, detached, *others)


def test_a_grandchild_that_went_into_a_session_of_its_own_is_killed(layout: Layout, worker: str) -> None:
    script = (
        "import subprocess; p = subprocess.Popen(['setsid', 'sleep', '60'], stdout=subprocess.DEVNULL); print(p.pid)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, told.WORKER: W, told.JOB: "three"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=30,
    )
    orphan = psutil.Process(int(parent.stdout))
    until(lambda: orphan.name() == "sleep")
    assert recovery.end_leftovers(layout, W) == 1
    until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_this_process_itself_is_spared(layout: Layout, worker: str) -> None:
    """A dispatcher that was started from within a job of that worker: the burial must go on."""
    script = (
        "from fjd import recovery; from fjd.spool.layout import Layout; "
        f"print(recovery.end_leftovers(Layout({layout.root!r}), {W!r}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, told.WORKER: W, told.JOB: "three"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=30,
    )
    assert (run.returncode, run.stdout) == (0, "0\n")


@pytest.mark.parametrize(
    ("changes", "is_here", "dies"),
    [
        ({}, True, True),
        ({}, False, False),  # of another host: its pids mean nothing here
        ({"started": 1}, True, False),  # a later process of that pid
        ({"started": None}, True, False),
        ({"pid": "1"}, True, False),
        ({"pid": 10**30}, True, False),
        ({"job": "ended"}, True, False),
        ({"event": "end"}, True, False),
    ],
)
def test_a_job_that_bears_no_mark_is_known_by_its_session_while_its_leader_lives(
    layout: Layout, worker: str, changes: dict[str, object], is_here: bool, dies: bool
) -> None:
    leader = sleeper("", session=True)
    started = until(lambda: identity.start_time(leader.pid))
    line = {"event": "start", "job": "three", "pid": leader.pid, "started": started, **changes}
    put(layout.journal(W), json.dumps(line) + "\n")
    try:
        assert recovery.end_leftovers(layout, W, is_here=is_here) == dies
        assert leader.wait(10) == -9 if dies else leader.poll() is None
    finally:
        end(leader)
