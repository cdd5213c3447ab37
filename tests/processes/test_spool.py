"""`fjd.Spool`: what a program asks of a spool, with real workers."""

import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import fjd
from fjd.errors import FjdError, JobFileError, NameTaken, UsageError
from fjd.jobfile import JobSpec
from fjd.snapshot import JobState
from tests.crew import Crew, until

WAIT_S = 60.0


@pytest.fixture
def spool(crew: Crew) -> fjd.Spool:
    return fjd.Spool(crew.root)


def test_jobs_are_submitted_run_and_waited_for(spool: fjd.Spool, crew: Crew) -> None:
    good = spool.submit(["printf", "%s", "two words"], params={"a": 1})
    bad = spool.submit("exit 3", name="bad")
    several = spool.sweep(["echo", "{x}{y}"], {"x": [1, 2], "y": "ab"}, name="s-{x}-{y}")
    assert (good, bad, several) == ("job1", "bad", ("s-1-a", "s-1-b", "s-2-a", "s-2-b"))
    assert spool.submit("true", name="kept", hold=True) == "kept"
    status = spool.status()
    assert (status.counts.waiting, status.held, status.workers, status.is_paused) == (6, 1, 0, False)
    crew.worker()
    dispatcher = threading.Thread(target=spool.dispatch)
    dispatcher.start()
    ended = spool.wait(timeout=WAIT_S)
    dispatcher.join()
    assert ended == dict.fromkeys([good, *several], JobState.DONE) | {bad: JobState.FAILED}
    assert Path(spool.output(good)).read_text() == "two words"
    assert spool.read(good) == JobSpec("exec printf %s 'two words';", params=(("a", "1"),))
    assert {view.name for view in spool.jobs("s-*")} == set(several)
    assert [view.name for view in spool.jobs(state=JobState.FAILED)] == [bad]
    assert spool.status().counts.done == 5


def test_what_is_asked_of_a_job_is_done(spool: fjd.Spool, crew: Crew) -> None:
    name = spool.submit("sleep 60")
    spool.hold(name)
    assert spool.state(name) is JobState.HELD
    spool.release(name)
    spool.cancel(name)
    assert spool.state(name) is JobState.FAILED
    assert spool.wait(name, timeout=WAIT_S) == {name: JobState.FAILED}
    spool.retry(name)
    assert spool.state(name) is JobState.WAITING
    with pytest.raises(TimeoutError, match="1 of 1 jobs"):
        spool.wait([name], timeout=0)
    crew.worker()
    crew.dispatcher()
    until(lambda: spool.state(name) is JobState.RUNNING, WAIT_S)
    assert [(view.name, view.state) for view in spool.jobs()] == [(name, JobState.RUNNING)]
    spool.cancel(name)
    assert spool.wait(name, timeout=WAIT_S) == {name: JobState.FAILED}


def test_a_failed_run_that_is_tried_again_is_no_end(spool: fjd.Spool, crew: Crew) -> None:
    script = 'echo ran >> runs; test "$(wc -l < runs)" -ge 3'
    name = spool.submit(["sh", "-c", script], retries=3, retry_delay="10ms")
    crew.worker()
    crew.dispatcher()
    assert spool.wait(name, timeout=WAIT_S) == {name: JobState.DONE}
    assert len((crew.root / "runs").read_text().split()) == 3


def test_events_are_told_as_they_happen(spool: fjd.Spool, crew: Crew) -> None:
    crew.worker()
    events = spool.events(timeout=WAIT_S)
    spool.submit("true", name="a")
    crew.dispatcher()
    first, second = next(events), next(events)
    assert [(one.event, one.job) for one in (first, second)] == [("start", "a"), ("end", "a")]
    assert second.record["outcome"] == "done"
    assert second.writer.startswith(f"{first.writer.partition('-')[0]}")
    assert [one.event for one in spool.events(timeout=0.1, from_the_beginning=True)] == ["start", "end"]


def test_workers_are_hired_and_fired(spool: fjd.Spool) -> None:
    hired = spool.hire(1)
    assert spool.status().workers == len(hired) == 1
    spool.fire(hired)
    assert spool.status().workers == 0


def test_keys_are_written_as_people_write_them(spool: fjd.Spool) -> None:
    name = spool.submit(
        "true", priority=3, retry_delay=timedelta(minutes=90), tags=["gpu", "a b"], memory="2G", memory_limit=True,
        not_before=datetime(2026, 12, 1, tzinfo=timezone.utc), env={"A": 1}, logfile="l", workdir="w",
    )  # fmt: skip
    spec = spool.read(name)
    terms = spec.terms
    assert (terms.priority, terms.retry_delay_s, terms.tags) == (3, 5400.0, frozenset({"gpu", "a b"}))
    assert (terms.limits_memory, terms.not_before_s) == (True, 1796083200)
    assert (spec.env, spec.logfile, spec.workdir) == ((("A", "1"),), "l", "w")


def test_what_is_wrong_is_said(spool: fjd.Spool, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean priority"):
        spool.submit("true", priorty=1)
    with pytest.raises(JobFileError, match="timeout: 'soon' is no duration"):
        spool.submit("true", timeout="soon")
    spool.submit("true", name="a")
    with pytest.raises(NameTaken):
        spool.submit("true", name="a")
    with pytest.raises(NameTaken):
        spool.submit_many([("b", JobSpec("true")), ("a", JobSpec("true"))])
    assert spool.state("b") is None
    with pytest.raises(FjdError, match="there is no job nobody"):
        spool.wait("nobody")
    with pytest.raises(FjdError, match="is not a spool"):
        fjd.Spool(tmp_path, create=False)


def test_the_package_shows_what_it_offers() -> None:
    assert {"Spool", "Executor"} <= set(dir(fjd))
    with pytest.raises(AttributeError, match="no attribute 'Spol'"):
        _ = fjd.Spol
    script = "from fjd import Spool; import sys; print('textual' in sys.modules, 'watchfiles' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() in ("False False", "False True")
