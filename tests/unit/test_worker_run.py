"""One run of one job, from its file to its outcome."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fjd.errors import DiskError, JobFileError, NotAJob, UnsafeError
from fjd.spool import fsio
from fjd.spool.layout import Layout
from fjd.worker.outcome import Outcome, Stopping
from fjd.worker.run import Run
from tests.crew import job_text, until
from tests.unit.made import Clock

W = f"nova-1-abc{os.getpid()}"
"""Like a real id it is used once: what a job leaves behind is found by it, in tests that run beside this one too."""
Make = Callable[..., Run]


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def make(layout: Layout, cwd: Path) -> Iterator[Make]:
    """Make a run of a job with that text."""
    os.mkdir(layout.running_dir(W))
    made: list[Run] = []

    def make(text: str, job: str = "job") -> Run:
        Path(layout.running(W, job)).write_text(text)
        made.append(Run(layout, W, job, cwd=str(cwd)))
        return made[-1]

    yield make
    for run in made:
        run.stop(Stopping.DISCARD, 0, 0)
        if run._child is not None:
            until(lambda run=run: run.poll(time.monotonic()))  # type: ignore[misc]
        if run._output >= 0:
            try:
                os.fstat(run._output)
            except OSError:
                continue
            run.close()


def finish(run: Run) -> Outcome:
    run.prepare()
    run.start({"PATH": os.environ["PATH"], "FJD_WORKER": W}, attempt=3)
    outcome = until(lambda: run.poll(time.monotonic()))
    run.close()
    assert outcome is not None
    return outcome


def test_a_job_that_ends_well_is_done(make: Make, layout: Layout) -> None:
    outcome = finish(make(job_text("echo hello")))
    assert (outcome.result, outcome.reason, outcome.exit.code) == ("done", "", 0)
    assert Path(layout.output("job")).read_text() == f"hello {layout.running(W, 'job')}\n"


def test_a_job_that_ends_badly_has_failed(make: Make) -> None:
    outcome = finish(make(job_text("exit 3")))
    assert (outcome.result, outcome.reason, outcome.exit.code) == ("failed", "exit 3", 3)


def test_a_job_that_is_killed_by_somebody_has_failed(make: Make) -> None:
    outcome = finish(make(job_text("kill -9 $$")))
    assert (outcome.result, outcome.reason) == ("failed", "killed by SIGKILL")


def test_a_job_that_prints_nothing_leaves_no_output(make: Make, layout: Layout) -> None:
    finish(make(job_text("true")))
    assert os.listdir(layout.outputs) == []


def test_the_output_is_that_of_the_last_run(make: Make, layout: Layout) -> None:
    Path(layout.output("job")).write_text("of the run before\n")
    finish(make(job_text("echo now; true")))
    assert Path(layout.output("job")).read_text() == "now\n"


def test_a_job_is_told_who_and_where_it_is(make: Make, layout: Layout, cwd: Path) -> None:
    finish(make(job_text("env; pwd; true", logfile="data/x.log"), job="a\tb"))
    lines = Path(layout.output("a\tb")).read_text().splitlines()
    assert "FJD_JOB=a\tb" in lines
    assert f"FJD_JOB_FILE={layout.running(W, 'a' + chr(9) + 'b')}" in lines
    assert f"FJD_LOGFILE={cwd}/data/x.log" in lines
    assert "FJD_ATTEMPT=3" in lines
    assert f"FJD_WORKER={W}" in lines
    assert lines[-1] == str(cwd)


def test_it_runs_in_its_workdir_and_its_logfile_is_relative_to_that(make: Make, layout: Layout, cwd: Path) -> None:
    (cwd / "below").mkdir()
    finish(make(job_text("pwd; true", workdir="below", logfile="logs/x")))
    assert Path(layout.output("job")).read_text() == f"{cwd}/below\n"
    assert (cwd / "below/logs").is_dir()


def test_a_tilde_is_the_home_directory(make: Make, layout: Layout, cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cwd / "home").mkdir()
    monkeypatch.setenv("HOME", str(cwd / "home"))
    finish(make(job_text("pwd; true", workdir="~", logfile="~/logs/x")))
    assert Path(layout.output("job")).read_text() == f"{cwd}/home\n"
    assert (cwd / "home/logs").is_dir()


def test_preparing_can_be_tried_again(make: Make, cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was full is tried again, and a relative directory must not be gone into twice."""
    (cwd / "below").mkdir()

    def refusing(_path: str) -> int:
        raise DiskError("no room")

    run = make(job_text("true", workdir="below", logfile="x"))
    with monkeypatch.context() as patch:
        patch.setattr(fsio, "open_output", refusing)
        with pytest.raises(DiskError):
            run.prepare()
    assert finish(run).result == "done"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "control"),
        (job_text("true", workdir="absent"), "workdir .*absent is no directory"),
        (job_text("true", logfile="/dev/null/x/y"), "folder of its logfile"),
    ],
)
def test_what_is_the_jobs_own_fault_is_said(make: Make, text: str, why: str) -> None:
    with pytest.raises(JobFileError, match=why):
        make(text).prepare()


def test_a_file_that_went_away_is_said_to_have(make: Make, layout: Layout) -> None:
    run = make("")
    os.unlink(run.path)
    with pytest.raises(JobFileError, match="went away"):
        run.prepare()
    os.mkfifo(run.path)
    with pytest.raises(NotAJob, match="FIFO"):
        run.prepare()


def test_a_file_that_everybody_can_write_is_not_run(make: Make) -> None:
    run = make(job_text("true"))
    os.chmod(run.path, 0o666)
    with pytest.raises(UnsafeError):
        run.prepare()


def test_a_command_that_is_too_long_for_the_system_is_said_to_be(make: Make) -> None:
    run = make(job_text("echo '" + "x" * 500_000 + "'; true"))
    run.prepare()
    with pytest.raises(JobFileError, match=r"cannot be started: .*too long"):
        run.start({"PATH": os.environ["PATH"]}, 1)
    run.close()


@pytest.mark.parametrize(
    ("command", "options", "result", "reason"),
    [
        ("exit 3", {"success": "0, 3"}, "done", ""),
        ("exit 0", {"success": "3"}, "failed", "exit 0, which is no success for it"),
        ("kill -9 $$", {"success": "137"}, "done", ""),
        ("exit 4", {"success": "0, 3"}, "failed", "exit 4"),
    ],
)
def test_what_is_success_a_job_can_say(
    make: Make, command: str, options: dict[str, str], result: str, reason: str
) -> None:
    outcome = finish(make(job_text(command, **options)))
    assert (outcome.result, outcome.reason) == (result, reason)


def test_its_own_variables_are_as_they_stand_and_change_nothing_of_ours(make: Make, layout: Layout) -> None:
    text = job_text("printenv NAME Empty FJD_WORKER FJD_JOB; :") + "[env]\nNAME = $HOME # x\nEmpty =\n"
    finish(make(text + "FJD_WORKER = another\nFJD_JOB = another\n"))
    assert Path(layout.output("job")).read_text() == f"$HOME # x\n\n{W}\njob\n"


def test_its_own_path_finds_its_program(make: Make, layout: Layout, cwd: Path) -> None:
    (cwd / "bin").mkdir()
    (cwd / "bin/only-here").write_text("#!/bin/sh\necho found\n")
    (cwd / "bin/only-here").chmod(0o755)
    finish(make(job_text("only-here") + f"[env]\nPATH = {cwd}/bin:{os.environ['PATH']}\n"))
    assert Path(layout.output("job")).read_text() == "found\n"


def test_its_stdin_is_relative_to_where_it_runs_and_may_be_a_link(make: Make, layout: Layout, cwd: Path) -> None:
    (cwd / "below").mkdir()
    (cwd / "data").write_text("some data\n")
    os.symlink("../data", cwd / "below/input")
    finish(make(job_text("read line; echo got $line; :", workdir="below", stdin="input")))
    assert Path(layout.output("job")).read_text() == "got some data\n"


@pytest.mark.parametrize(
    ("stdin", "why"),
    [
        ("absent", "its stdin .*absent cannot be read: No such file"),
        (".", "its stdin .* is a directory"),
        ("fifo", "its stdin .*fifo is a FIFO"),
    ],
)
def test_a_stdin_that_cannot_be_read_is_the_jobs_own_fault(make: Make, cwd: Path, stdin: str, why: str) -> None:
    os.mkfifo(cwd / "fifo")
    run = make(job_text("cat", stdin=stdin))
    with pytest.raises(JobFileError, match=why):
        run.prepare()
    run.close()


def test_it_is_nicer_than_its_worker(make: Make, layout: Layout) -> None:
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    finish(make(job_text("until test $(nice) != $0; do sleep 0.01; done; nice; :".replace("$0", str(nice)), nice="7")))
    assert Path(layout.output("job")).read_text() == f"{min(19, nice + 7)}\n"


@pytest.mark.parametrize("command", ["python3 -c 'bytearray(1 << 30)'; exit $?", "./big"])
def test_more_memory_than_it_said_is_refused_to_it(make: Make, layout: Layout, cwd: Path, command: str) -> None:
    (cwd / "big").write_text("#!/usr/bin/env python3\nbytearray(1 << 30)\n")
    (cwd / "big").chmod(0o755)
    outcome = finish(make(job_text(command, memory="512M", **{"memory-limit": "yes"})))
    assert outcome.reason == "exit 1"
    assert "MemoryError" in Path(layout.output("job")).read_text()


def test_the_limit_is_there_before_the_job_is(make: Make, layout: Layout) -> None:
    finish(make(job_text("ulimit -v; :", memory="512M", **{"memory-limit": "yes"})))
    assert Path(layout.output("job")).read_text() == f"{512 * 1024}\n"


def test_it_knows_its_deadline_and_the_time_in_which_it_is_frozen_is_not_counted(make: Make, layout: Layout) -> None:
    clock = Clock()
    run = make(job_text("echo $FJD_DEADLINE; sleep 60; :", timeout="1h30m"))
    run._clock = clock
    run.prepare()
    began_s = time.time()
    run.start({"PATH": os.environ["PATH"]}, 1)
    clock.now_s += 5399
    assert run.left_s(clock()) == 1
    run.freeze(True)
    clock.now_s += 1000
    assert run.left_s(clock()) == float("inf")
    run.freeze(False)
    assert run.left_s(clock()) == 1
    clock.now_s += 2
    assert run.left_s(clock()) == 0
    until(lambda: Path(layout.output("job")).read_text())
    run.stop(Stopping.TIMEOUT, clock(), 5)
    outcome = until(lambda: run.poll(clock()))
    run.close()
    assert outcome is not None
    assert (outcome.result, outcome.reason, outcome.exit.signal) == ("failed", "timeout after 1h30m", 15)
    assert 5399 <= int(Path(layout.output("job")).read_text()) - began_s <= 5460


def test_what_all_jobs_ask_for_comes_before_what_it_says_itself(make: Make) -> None:
    run = make(job_text("true", nice="3"))
    run.prepare((("nice", "5"), ("retries", "2")))
    run.close()
    assert (run.terms.nice, run.terms.retries) == (3, 2)


@pytest.mark.parametrize(
    ("why", "result"),
    [
        (Stopping.REQUEUE, "requeued"),
        (Stopping.KILL, "failed"),
        (Stopping.CANCEL, "failed"),
        (Stopping.DISCARD, "superseded"),
    ],
)
def test_what_becomes_of_a_job_that_is_stopped_depends_on_why(make: Make, why: Stopping, result: str) -> None:
    run = make(job_text("sleep 60; :"))
    run.prepare()
    run.start({"PATH": os.environ["PATH"]}, 1)
    assert run.poll(time.monotonic()) is None
    run.stop(why, time.monotonic(), 5)
    run.stop(Stopping.KILL, time.monotonic(), 0)  # the first reason stands
    outcome = until(lambda: run.poll(time.monotonic()))
    run.close()
    assert outcome is not None
    assert (outcome.result, outcome.reason, outcome.exit.signal) == (result, why.value, 15)


def test_a_job_that_ends_well_though_it_was_asked_to_end_is_what_the_reason_says(make: Make, layout: Layout) -> None:
    run = make(job_text("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"))
    run.prepare()
    run.start({"PATH": os.environ["PATH"]}, 1)
    until(lambda: Path(layout.output("job")).read_bytes())
    run.stop(Stopping.REQUEUE, time.monotonic(), 5)
    outcome = until(lambda: run.poll(time.monotonic()))
    run.close()
    assert outcome is not None
    assert (outcome.result, outcome.exit.code) == ("requeued", 0)


def test_stopping_what_was_not_started_does_nothing(make: Make) -> None:
    run = make(job_text("true"))
    run.stop(Stopping.KILL, 0, 0)
    assert not run.is_stopping
