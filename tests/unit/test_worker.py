"""The life of a worker, run in this process while a second thread plays the dispatcher and the recruiter."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fjd.errors import DiskError, FileRefused
from fjd.settings import Timings
from fjd.spool import fsio, wakeup
from fjd.spool.layout import Layout
from fjd.worker import Leaving, Worker
from fjd.worker.outcome import Outcome
from fjd.worker.run import Run
from tests.crew import job_text, until
from tests.unit.made import announcement

W = f"nova-1-abc{os.getpid()}"
"""Like a real id it is used once: what a job leaves behind is found by it, in tests that run beside this one too."""
TIMINGS = Timings(poll_s=0.05, heartbeat_s=0.1, grace_s=0.5)


class Spool:
    """What others do to a worker."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.said: list[str] = []

    def run(self, *script: Callable[[], object]) -> Leaving:
        """Let a worker live, and do one thing of ``script`` after the other once it has come; it must leave then."""
        worker = Worker(self.layout, announcement(W), TIMINGS, say=self.said.append)
        failures: list[BaseException] = []

        def play() -> None:
            try:
                until(lambda: os.path.exists(self.layout.announcement(W)))
                for deed in script:
                    deed()
            except BaseException as error:  # noqa: BLE001  # it is raised again in the test's own thread
                failures.append(error)
                os.kill(os.getpid(), signal.SIGTERM)

        player = threading.Thread(target=play)
        player.start()
        left = worker.run()
        player.join(20)
        if failures:
            raise failures[0]
        return left

    def hand(self, job: str, executable: str, **control: str) -> Callable[[], None]:
        def deed() -> None:
            hidden = f"{self.layout.tmp}/new"
            Path(hidden).write_text(job_text(executable, **control))
            os.rename(hidden, self.layout.handed(W, job))
            wakeup.ring(self.layout.nudge(W))

        return deed

    def order(self, path: str, data: bytes = b"") -> Callable[[], None]:
        def deed() -> None:
            fsio.publish(self.layout.tmp, path, data, replace=True)
            wakeup.ring(self.layout.nudge(W))

        return deed

    def fire(self) -> None:
        self.order(self.layout.order(W, "fire"))()

    def sees(self, path: str) -> Callable[[], object]:
        return lambda: until(lambda: os.path.lexists(path))

    def runs(self, job: str) -> Callable[[], object]:
        return lambda: until(lambda: [line for line in self.story if line["job"] == job])

    @property
    def story(self) -> list[dict[str, Any]]:
        path = Path(self.layout.journal(W))
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def is_gone(self) -> bool:
        layout = self.layout
        return os.listdir(layout.jobpods) == os.listdir(layout.runnings) == os.listdir(layout.workerqueue) == []


@pytest.fixture
def spool(layout: Layout) -> Iterator[Spool]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)}
    yield Spool(layout)
    assert {number: signal.getsignal(number) for number in handlers} == handlers


def test_a_job_is_taken_run_recorded_and_told(spool: Spool, layout: Layout) -> None:
    assert spool.run(spool.hand("job", "true"), spool.sees(layout.done("job")), spool.fire) is Leaving.FIRED
    assert [(line["event"], line["job"]) for line in spool.story] == [("start", "job"), ("end", "job")]
    end = spool.story[1]
    assert (end["outcome"], end["exit"], end["signal"], end["reason"]) == ("done", 0, None, "")
    assert end["rss_kb"] > 0
    assert spool.is_gone


def test_who_is_fired_ends_its_job_and_gives_it_back(spool: Spool, layout: Layout) -> None:
    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), spool.fire) is Leaving.FIRED
    assert os.listdir(layout.jobqueue) == ["job"]
    assert spool.story[-1]["outcome"] == "requeued"
    assert spool.is_gone


def test_who_is_fired_may_be_told_to_cancel_its_job(spool: Spool, layout: Layout) -> None:
    fire = spool.order(layout.order(W, "fire"), b"cancel")
    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), fire) is Leaving.FIRED
    assert os.listdir(layout.failed_dir) == ["job"]
    assert spool.story[-1]["reason"] == "cancelled"


def test_an_order_that_everybody_could_have_written_is_a_plain_order(spool: Spool, layout: Layout) -> None:
    def fire() -> None:
        Path(layout.tmp, "order").touch(mode=0o666)
        os.chmod(f"{layout.tmp}/order", 0o666)
        os.rename(f"{layout.tmp}/order", layout.order(W, "fire"))

    assert spool.run(fire) is Leaving.FIRED
    assert spool.is_gone


def test_who_drains_finishes_its_job_and_gives_back_the_rest(spool: Spool, layout: Layout) -> None:
    def hand_both() -> None:
        spool.hand("a", "sleep 0.3; :")()
        spool.hand("b", "true")()

    drain = spool.order(layout.order(W, "drain"))
    assert spool.run(hand_both, spool.runs("a"), drain) is Leaving.DRAINED
    assert (os.listdir(layout.done_dir), os.listdir(layout.jobqueue)) == (["a"], ["b"])
    assert spool.is_gone


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_as_a_dismissal_does(spool: Spool, layout: Layout, number: int) -> None:
    told = lambda: os.kill(os.getpid(), number)  # noqa: E731
    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), told) is Leaving.SIGNALLED
    assert os.listdir(layout.jobqueue) == ["job"]
    assert spool.is_gone


def test_a_job_that_is_to_be_killed_has_failed_and_the_worker_goes_on(spool: Spool, layout: Layout) -> None:
    kill = spool.order(layout.order_kill(W, "a"))
    spool.run(
        spool.hand("a", "sleep 60; :"),
        spool.runs("a"),
        kill,
        spool.sees(layout.failed("a")),
        spool.hand("a", "true"),
        spool.sees(layout.done("a")),
        spool.fire,
    )
    assert [line["reason"] for line in spool.story if line["event"] == "end"] == ["killed", ""]


def test_an_order_to_kill_what_has_ended_does_not_kill_the_next_of_its_name(spool: Spool, layout: Layout) -> None:
    order = layout.order_kill(W, "a")
    spool.run(
        spool.hand("a", "true"),
        spool.sees(layout.done("a")),
        spool.order(order),
        lambda: until(lambda: not os.path.exists(order)),
        spool.hand("a", "echo again; true"),
        lambda: until(lambda: len(spool.story) == 4),
        spool.fire,
    )
    assert os.listdir(layout.failed_dir) == []


def test_the_jobs_of_a_pod_run_in_natural_order(spool: Spool, layout: Layout) -> None:
    def hand_all() -> None:
        for name in ("first", "job10", "job9", "job1"):
            spool.hand(name, "sleep 0.1; :")()

    spool.run(hand_all, lambda: until(lambda: len(os.listdir(layout.done_dir)) == 4), spool.fire)
    begun = [line["job"] for line in spool.story if line["event"] == "start"]
    assert begun[-3:] == sorted(begun[-3:], key=lambda name: int(name.removeprefix("job")))


def test_what_is_no_job_has_failed_and_the_worker_goes_on(spool: Spool, layout: Layout) -> None:
    def hand_bad() -> None:
        os.mkfifo(layout.handed(W, "fifo"))
        os.mkdir(layout.handed(W, "dir"))
        Path(layout.handed(W, "empty")).write_bytes(b"")

    spool.run(
        hand_bad,
        lambda: until(lambda: len(os.listdir(layout.failed_dir)) == 3),
        spool.hand("job", "true"),
        spool.sees(layout.done("job")),
        spool.fire,
    )
    reasons = {line["job"]: line["reason"] for line in spool.story if line["event"] == "end"}
    assert "FIFO" in reasons["fifo"]
    assert "directory" in reasons["dir"]
    assert "control" in reasons["empty"]


def test_the_attempt_is_told_by_a_note(spool: Spool, layout: Layout) -> None:
    def hand_again() -> None:
        Path(layout.attempt(W, "job")).write_text("4")
        spool.hand("job", "echo $FJD_ATTEMPT; true")()

    spool.run(hand_again, spool.sees(layout.done("job")), spool.fire)
    assert spool.story[0]["attempt"] == 4
    assert Path(layout.output("job")).read_text() == "4\n"


def test_its_heart_beats_while_a_job_runs_and_a_removed_announcement_comes_back(spool: Spool, layout: Layout) -> None:
    announced = layout.announcement(W)

    def look() -> None:
        os.utime(announced, (0, 0))
        until(lambda: (fsio.heartbeat(announced) or 0) > 0)
        os.unlink(announced)
        until(lambda: os.path.exists(announced))

    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), look, spool.fire) is Leaving.FIRED
    assert spool.is_gone


def bury(layout: Layout) -> None:
    """As a dispatcher does that took the worker for lost."""
    shutil.rmtree(layout.pod(W))
    os.rename(layout.running(W, "job"), layout.queued("job"))
    os.rmdir(layout.running_dir(W))
    os.unlink(layout.announcement(W))


def test_who_was_declared_lost_discards_its_result_and_says_so(spool: Spool, layout: Layout) -> None:
    lost = lambda: bury(layout)  # noqa: E731
    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), lost) is Leaving.LOST
    assert spool.story[-1]["outcome"] == "superseded"
    assert os.listdir(layout.jobqueue) == ["job"]
    assert os.listdir(layout.done_dir) == os.listdir(layout.failed_dir) == []


def test_who_was_declared_lost_and_is_told_to_end_ends(spool: Spool, layout: Layout) -> None:
    def lose_and_tell() -> None:
        bury(layout)
        os.kill(os.getpid(), signal.SIGTERM)

    assert spool.run(spool.hand("job", "sleep 60; :"), spool.runs("job"), lose_and_tell) is Leaving.SIGNALLED


def test_it_leaves_when_its_spool_is_gone_and_brings_nothing_back(spool: Spool, layout: Layout) -> None:
    gone = lambda: shutil.rmtree(layout.root, ignore_errors=True)  # noqa: E731
    assert spool.run(gone) is Leaving.SPOOL_GONE
    assert not os.path.exists(layout.root)


def test_an_outcome_that_the_disk_refuses_is_recorded_when_it_does_not(
    spool: Spool, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, refusals = fsio.move, [2]

    def refusing(source: str, target: str) -> fsio.Moved:
        if target == layout.done("job") and refusals[0]:
            refusals[0] -= 1
            raise DiskError("no room")
        return move(source, target)

    monkeypatch.setattr(fsio, "move", refusing)
    spool.run(spool.hand("job", "true"), spool.sees(layout.done("job")), spool.fire)
    assert spool.story[-1]["outcome"] == "done"
    assert refusals == [0]
    assert any("no room" in line for line in spool.said)


def test_a_job_whose_file_cannot_be_read_is_passed_by_and_tried_again(
    spool: Spool, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passes by ``Worker._pass_by``: it was tried for ever. It stays in running/, since it was claimed."""
    read_plain, mended = fsio.read_plain, threading.Event()

    def refusing(path: str, limit: int) -> fsio.Contents | None:
        if os.path.basename(path) == "a bad one" and not mended.is_set():  # read ahead or at its turn
            raise FileRefused("cannot read it: Input/output error")
        return read_plain(path, limit)

    def hand_both() -> None:
        spool.hand("a bad one", "true")()
        spool.hand("good", "true")()

    monkeypatch.setattr(fsio, "read_plain", refusing)
    spool.run(
        hand_both,
        spool.sees(layout.done("good")),
        lambda: until(lambda: [line["event"] for line in spool.story].count("refused") >= 2),
        mended.set,
        spool.sees(layout.done("a bad one")),
        spool.fire,
    )
    assert [line["event"] for line in spool.story if line["job"] == "a bad one"][-2:] == ["start", "end"]
    assert sum("Input/output error" in line for line in spool.said) == 1
    assert "the disk does as asked again; going on" in spool.said
    assert spool.is_gone


def test_an_outcome_that_is_refused_is_recorded_at_last_by_who_leaves(
    spool: Spool, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, mended = fsio.move, threading.Event()

    def refusing(source: str, target: str) -> fsio.Moved:
        if target == layout.done("bad") and not mended.is_set():
            raise FileRefused("Input/output error")
        return move(source, target)

    monkeypatch.setattr(fsio, "move", refusing)
    spool.run(
        spool.hand("bad", "true"),
        lambda: until(
            lambda: [line["event"] for line in spool.story].count("refused") >= 3
        ),  # the next is seconds away
        spool.hand("good", "true"),
        spool.sees(layout.done("good")),
        mended.set,
        spool.fire,
    )
    assert sorted(os.listdir(layout.done_dir)) == ["bad", "good"]
    assert [line["event"] for line in spool.story if line["job"] == "bad" and line["event"] != "refused"] == [
        "start",
        "end",
    ]
    assert spool.is_gone


# ---- what a job asks for


def test_a_job_whose_time_is_over_has_failed_and_the_worker_goes_on(spool: Spool, layout: Layout) -> None:
    long = spool.hand("long", "sleep 60; :", timeout="0.1")
    spool.run(
        long, spool.sees(layout.failed("long")), spool.hand("a", "true"), spool.sees(layout.done("a")), spool.fire
    )
    end = spool.story[1]
    assert (end["reason"], end["signal"], end["attempt"]) == ("timeout after 0.1s", signal.SIGTERM, 1)


def test_while_a_hook_runs_the_worker_lives_and_obeys(spool: Spool, layout: Layout) -> None:
    announced = layout.announcement(W)

    def look() -> None:
        os.utime(announced, (0, 0))
        until(lambda: (fsio.heartbeat(announced) or 0) > 0)

    hook = {"on-success": "echo begun; sleep 60; :"}
    left = spool.run(spool.hand("a", "true", **hook), spool.sees(layout.done("a")), look, spool.fire)
    assert left is Leaving.FIRED
    assert [line["event"] for line in spool.story] == ["start", "end", "hook"]
    assert spool.story[-1]["reason"] == "ended: its worker was told to leave"
    assert spool.is_gone


def test_a_disk_that_refuses_a_hook_changes_no_outcome(
    spool: Spool, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(_path: str) -> int:
        raise DiskError("no room")

    monkeypatch.setattr(fsio, "reopen_output", refusing)
    spool.run(spool.hand("a", "true", **{"on-success": "true"}), spool.sees(layout.done("a")), spool.fire)
    assert [line.get("reason") for line in spool.story] == [None, "", "no room"]


def test_a_failure_that_is_tried_again_is_none_for_good(spool: Spool, layout: Layout) -> None:
    ask = {"retries": "1", "on-failure": "echo for good; :"}

    def hand_again() -> None:
        os.unlink(layout.failed("a"))
        Path(layout.attempt(W, "a")).write_text("2")
        spool.hand("a", "exit 3", **ask)()

    def sees_no_hook_yet() -> None:
        until(lambda: len(spool.story) == 2)
        assert not os.path.exists(layout.output("a"))

    failed = spool.sees(layout.failed("a"))
    printed = spool.sees(layout.output("a"))
    spool.run(spool.hand("a", "exit 3", **ask), failed, sees_no_hook_yet, hand_again, failed, printed, spool.fire)
    assert Path(layout.output("a")).read_text() == "for good\n"


def test_what_a_job_said_of_its_progress_is_cleared_away_when_it_has_ended(spool: Spool, layout: Layout) -> None:
    status = layout.status(W, "a")
    go = Path(layout.root, "go")

    def stays_while_it_runs() -> None:
        until(lambda: os.path.exists(status))
        time.sleep(3 * TIMINGS.poll_s)
        assert os.path.exists(status)

    spool.run(
        spool.hand("a", f'echo 0.5 > "$FJD_STATUS"; until test -e {go}; do sleep 0.01; done'),
        stays_while_it_runs,
        go.touch,
        spool.sees(layout.done("a")),
        lambda: until(lambda: not os.path.exists(status)),
        spool.fire,
    )


def test_defaults_that_change_count_for_the_next_job(spool: Spool, layout: Layout) -> None:
    def write() -> None:
        Path(layout.tmp, "config").write_text("[defaults]\nsuccess = 5\n")
        os.rename(f"{layout.tmp}/config", layout.config_file)

    first, second = spool.hand("a", "exit 5"), spool.hand("b", "exit 5")
    spool.run(first, spool.sees(layout.failed("a")), write, second, spool.sees(layout.done("b")), spool.fire)


# ---- what was moved or ordered behind its back


@pytest.fixture
def busy(layout: Layout) -> Iterator[tuple[Worker, Run]]:
    """A worker whose job runs, and a run to record; nothing is started."""
    for directory in (layout.pod(W), layout.running_dir(W)):
        os.mkdir(directory)
    Path(layout.running(W, "a")).write_text(job_text("true"))
    worker, run = Worker(layout, announcement(W), TIMINGS, say=lambda _text: None), Run(layout, W, "a", cwd="/")
    run.prepare()
    run.close()
    yield worker, run
    worker._journal.close()


def test_what_a_person_moved_away_was_not_recorded_by_the_worker(layout: Layout, busy: tuple[Worker, Run]) -> None:
    """Moved back by hand and run by another, the very same file is done already: it is not recorded a second time."""
    worker, run = busy
    os.rename(run.path, layout.done("a"))
    worker._record(run, Outcome("done"), 1.0)
    (line,) = Path(layout.journal(W)).read_text().splitlines()
    assert json.loads(line)["outcome"] == "superseded"


def test_an_order_to_kill_that_comes_too_late_is_taken_away(layout: Layout, busy: tuple[Worker, Run]) -> None:
    """It is not in the last listing; the next job of that name may come before the next look."""
    worker, run = busy
    Path(layout.order_kill(W, "a")).write_bytes(b"")
    worker._record(run, Outcome("done"), 1.0)
    assert os.listdir(layout.pod(W)) == []


def test_a_frozen_worker_stops_its_job_begins_nothing_and_goes_on_when_thawed(spool: Spool, layout: Layout) -> None:
    order = layout.order(W, "freeze")

    def is_stopped() -> bool:
        """A shell that waits in vfork for a child which was stopped before its exec is not in T, but in D."""
        stat = Path(f"/proc/{spool.story[0]['pid']}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] in "TD"

    def thaw() -> None:
        fsio.remove(order)
        wakeup.ring(layout.nudge(W))

    def sees_nothing_begin() -> None:
        spool.hand("next", "true")()
        until(lambda: any(line.startswith("frozen") for line in spool.said))
        time.sleep(3 * TIMINGS.poll_s)
        assert os.path.exists(layout.handed(W, "next"))

    left = spool.run(
        # It starts nothing: a shell whose child is stopped before its exec (vfork) is not stopped itself but waits.
        spool.hand("job", f"while ! test -e {layout.root}/go; do :; done"),
        spool.runs("job"),
        spool.order(order),
        lambda: until(is_stopped),
        sees_nothing_begin,
        Path(layout.root, "go").touch,
        lambda: until(is_stopped),
        thaw,
        spool.sees(layout.done("job")),
        spool.sees(layout.done("next")),
        spool.fire,
    )
    assert left is Leaving.FIRED
    assert [line for line in spool.said if line.startswith(("frozen", "thawed"))] == [
        "frozen: what runs is stopped, and nothing new begins",
        "thawed, and going on",
    ]


@pytest.mark.parametrize("how", ["kill", "fire"])
def test_a_frozen_job_can_be_ended(spool: Spool, layout: Layout, how: str) -> None:
    kill = spool.order(layout.order_kill(W, "job"))
    script = [
        spool.hand("job", "sleep 60; :"),
        spool.runs("job"),
        spool.order(layout.order(W, "freeze")),
        lambda: until(lambda: any(line.startswith("frozen") for line in spool.said)),
        *([kill, spool.sees(layout.failed("job"))] if how == "kill" else []),
        spool.fire,
    ]
    assert spool.run(*script) is Leaving.FIRED
    assert os.listdir(layout.failed_dir if how == "kill" else layout.jobqueue) == ["job"]
    assert spool.is_gone


def test_who_is_frozen_before_it_has_begun_anything_begins_nothing(spool: Spool, layout: Layout) -> None:
    script = [
        spool.order(layout.order(W, "freeze")),
        lambda: until(lambda: any(line.startswith("frozen") for line in spool.said)),
        spool.hand("job", "true"),
        spool.fire,
    ]
    assert spool.run(*script) is Leaving.FIRED
    assert os.listdir(layout.jobqueue) == ["job"]
    assert spool.story == []
