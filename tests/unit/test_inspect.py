"""What a spool shows to whoever does not dispatch: directories and journals made by hand, and what is read of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import control, selectors
from fjd.control import clean
from fjd.errors import SpoolGone
from fjd.inspect import jobs, listing, runs, why
from fjd.inspect.fate import Ended, Fate
from fjd.inspect.growing import Growing
from fjd.inspect.runs import End
from fjd.inspect.status import status
from fjd.inspect.why import Facts
from fjd.jobfile import Terms
from fjd.snapshot import JobState
from fjd.spool import create, fsio
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from tests.crew import job_text, until
from tests.unit.made import Clock, HandWorker, submit


@pytest.fixture
def worker(layout: Layout) -> Iterator[HandWorker]:
    worker = HandWorker(layout, "nova-1-aaaaaa")
    yield worker
    worker.close()


def hand_out(layout: Layout, worker: HandWorker, *names: str) -> None:
    submit(layout, *names)
    for name in names:
        os.rename(layout.queued(name), layout.handed(worker.id, name))


def ends(layout: Layout) -> list[tuple[str, End]]:
    return [(run.job, run.end) for run in runs.history(layout)]


# ---- where jobs are


def test_jobs_are_listed_by_state_and_natural_order(layout: Layout, worker: HandWorker) -> None:
    hand_out(layout, worker, "run", "handed")
    worker.begin("run")
    submit(layout, "job10", "job2", "held", ".hidden", "left~")
    control.hold(layout, "held")
    Path(layout.done("old")).touch()
    found = [(place.name, place.state.value) for place in listing.listed(layout, tuple(JobState))]
    assert found == [
        ("run", "running"), ("handed", "handed out"), ("job2", "waiting"), ("job10", "waiting"), ("held", "held"),
        ("old", "done"),
    ]  # fmt: skip
    counts = listing.count(layout)
    assert (counts.waiting, counts.held, counts.handed, counts.running, counts.done) == (2, 1, 1, 1, 1)


def test_what_is_no_job_is_not_counted_however_many_there_are(layout: Layout) -> None:
    submit(layout, *(f"job{number}" for number in range(10_000)), "left~", ".hidden", "a.tmp", "job.1")
    assert listing.count(layout).waiting == 10_001


def test_a_name_that_waits_and_runs_is_that_of_two_jobs(layout: Layout, worker: HandWorker) -> None:
    hand_out(layout, worker, "job")
    worker.begin("job")
    submit(layout, "job")
    found = [place.state for place in listing.listed(layout, tuple(JobState))]
    assert found == [JobState.RUNNING, JobState.WAITING]
    assert [place.state for place in listing.find(layout, "job")] == found
    assert listing.find(layout, "other") == ()


def test_what_a_selector_asks_for_is_read_and_nothing_more(layout: Layout, worker: HandWorker) -> None:
    hand_out(layout, worker, "a")
    worker.begin("a")
    worker.end("a", "failed")
    submit(layout, "b", text=job_text("python train.py"))

    def named(text: str) -> list[str]:
        return [job.view.name for job in jobs.jobs(layout, selectors.parse(text))]

    assert named("") == ["b", "a"]
    assert named("state:failed took>0.5s") == named("worker:nova-1") == named('reason:"exit 1"') == ["a"]
    assert named("command:train") == ["b"]
    assert named("age<1h") == ["b", "a"]
    assert named("age>1h") == []


# ---- what ran


def test_runs_are_told_in_the_order_in_which_they_ended(layout: Layout) -> None:
    clock = Clock(100.0)
    first, second = (Journal(layout, name, clock=clock) for name in ("nova-1-a", "nova-2-b"))
    first.write("start", job="a", attempt=1, pid=7)
    second.write("start", job="b", attempt=2, pid=8)
    clock.now_s = 101.0
    second.write(
        "end", job="b", outcome="failed", reason="exit 3", exit=3, signal=None, seconds=1.0, rss_kb=5, again=True
    )
    clock.now_s = 102.0
    first.write("end", job="a", outcome="done", reason="", exit=0, signal=None, seconds=2.0)
    first.write("start", job="c", attempt=1, pid=9)
    first.write("start", job="d", attempt=1, pid=9)
    for journal in (first, second):
        journal.close()
    found = list(runs.history(layout))
    assert ends(layout) == [("b", End.FAILED), ("a", End.DONE), ("c", End.LOST), ("d", End.LOST)]
    run = next(run for run in found if run.job == "b")
    assert (run.attempt, run.began_s, run.ended_s, run.exit, run.pid, run.again) == (2, 100.0, 101.0, 3, 8, True)
    last = runs.last_runs(layout)
    assert {job: run.end for job, run in last.items()} == {"a": End.DONE, "b": End.FAILED, "d": End.LOST}
    assert [run.job for run in runs.runs_of_job(layout, "a")] == ["a"]


def test_a_run_whose_end_was_found_by_a_dispatcher_is_told_once(layout: Layout) -> None:
    clock = Clock(100.0)
    worker, dispatcher = (Journal(layout, name, clock=clock) for name in ("nova-1-a", "dispatcher-nova-7-b"))
    worker.write("start", job="a", attempt=1, pid=7)
    clock.now_s = 110.0
    dispatcher.write("found", job="a", outcome="done", worker="nova-1-a", reason="")
    dispatcher.write("rejected", job="x", reason="no")
    for journal in (worker, dispatcher):
        journal.close()
    assert sorted(ends(layout)) == sorted([("a", End.DONE), ("x", End.REJECTED)])


def test_what_runs_is_the_last_of_a_workers_lines(layout: Layout, worker: HandWorker) -> None:
    hand_out(layout, worker, "a", "b")
    worker.begin("a")
    worker.end("a")
    worker.begin("b")
    assert ends(layout) == [("a", End.DONE), ("b", End.RUNNING)]
    assert runs.last_runs(layout)["b"].end is End.RUNNING
    newest = runs.newest_of(layout, worker.id)
    assert newest is not None
    assert (newest.job, newest.end) == ("b", End.RUNNING)
    running = list(jobs.jobs(layout, selectors.parse("state:running")))
    assert running[0].view.since_s == newest.began_s


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b'{"event":"end","job":"a"}', b'{"event":"start"}'])))
def test_no_line_of_a_journal_ends_a_reader(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    root = tmp_path_factory.mktemp("spool")
    root.chmod(0o700)
    layout = create.open_spool(str(root))
    Path(layout.journal("nova-1-a")).write_bytes(b"\n".join([*lines, b""]))
    list(runs.history(layout))
    runs.last_runs(layout)
    runs.newest_of(layout, "nova-1-a")
    status(layout)


def test_the_rate_is_that_of_the_last_minute_by_each_workers_clock(layout: Layout, worker: HandWorker) -> None:
    clock = Clock(5_000_000.0)  # far from ours
    with_clock = Journal(layout, worker.id, clock=clock)
    for number in range(30):
        with_clock.write("end", job=f"job{number}", outcome="done", seconds=1.0)
        clock.now_s += 2.0
    with_clock.close()
    assert status(layout).rate_per_s == pytest.approx(0.5, abs=0.02)


def test_a_cancelled_job_is_told_with_who_did_it(layout: Layout) -> None:
    submit(layout, "a")
    control.cancel(layout, "a")
    (job,) = jobs.jobs(layout, selectors.parse("state:failed"))
    assert job.view.reason.startswith("cancelled by ")
    assert ends(layout) == [("a", End.CANCELLED)]
    assert len(os.listdir(layout.journals)) == 1


# ---- whether it has ended


def test_a_job_has_ended_when_it_is_done_or_not_tried_again(layout: Layout, worker: HandWorker) -> None:
    clock = Clock()
    fate = Fate(layout, clock=clock)
    submit(layout, "a", text=job_text("false", retries="2"))
    assert fate.of("a") is Ended.NOT_YET
    os.rename(layout.queued("a"), layout.failed("a"))
    assert fate.of("a") is Ended.NOT_YET  # its story may still come
    journal = Journal(layout, worker.id)
    journal.write("end", job="a", outcome="failed", again=True)
    assert fate.of("a") is Ended.NOT_YET
    journal.write("end", job="a", outcome="failed")
    journal.close()
    assert fate.of("a") is Ended.FAILED
    os.rename(layout.failed("a"), layout.done("a"))
    assert fate.of("a") is Ended.DONE
    os.unlink(layout.done("a"))
    assert [fate.of("a"), fate.of("a")] == [Ended.NOT_YET, Ended.GONE]


def test_a_failed_job_without_a_story_has_ended_after_a_while(layout: Layout) -> None:
    clock = Clock()
    fate = Fate(layout, clock=clock)
    Path(layout.failed("a")).write_text(job_text("false", retries="2"))
    assert fate.of("a") is Ended.NOT_YET
    clock.now_s += 10
    assert fate.of("a") is Ended.FAILED


# ---- why it does not run

_WAITING = Facts(JobState.WAITING, workers=2, fitting=2, idle=1, now_s=1000.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "it is next"),
        ({"is_paused": True}, "the spool is paused: fjd resume"),
        ({"dispatches": False}, "nobody dispatches"),
        ({"problem": "line 2: no"}, "its file is not valid: line 2: no"),
        ({"is_being_written": True}, "its file is being written"),
        ({"name_held_by": "nova-1"}, "a job of that name has not ended yet (nova-1 has it)"),
        ({"workers": 0, "fitting": 0, "idle": 0}, "there is no worker: fjd hire N"),
        (
            {"fitting": 0, "idle": 0, "terms": Terms(tags=frozenset({"gpu"}))},
            "no worker here has the tag gpu: fjd hire N --tag TAG",
        ),
        ({"most_cpus": 4, "terms": Terms(cpus=8)}, "no host of a worker here has 8 processors"),
        ({"most_memory_bytes": 1 << 30, "terms": Terms(memory_bytes=2 << 30)}, "has 2G of memory"),
        ({"idle": 0}, "all workers that could run it are busy"),
        ({"waits_for": {"a": "runs"}}, "it waits for a, which runs"),
        ({"terms": Terms(not_before_s=1090.0)}, "in 1m30s"),
        ({"terms": Terms(retries=3), "failed_attempt": 1, "retry_due_s": 1012.0}, "retry 1 of 3 in 12 s"),
        ({"state": JobState.HELD}, "held back"),
        ({"state": JobState.HANDED}, "after the job that it runs"),
        ({"state": JobState.HANDED, "is_frozen": True}, "its worker is frozen: fjd resume"),
        ({"state": JobState.DONE}, "it is done"),
        ({"state": JobState.FAILED, "reason": "exit 1"}, "it has failed: exit 1"),
        ({"state": JobState.FAILED, "reason": "exit 1", "is_again": True}, "is tried again"),
    ],
)
def test_each_reason_is_a_sentence(changes: dict[str, object], words: str) -> None:
    from dataclasses import replace

    reasons = why.reasons(replace(_WAITING, **changes))  # type: ignore[arg-type]
    assert len(reasons) == 1
    assert words in reasons[0]


def test_what_runs_has_no_reason_not_to() -> None:
    assert why.reasons(Facts(JobState.RUNNING)) == ()


def test_all_reasons_are_told_and_the_jobs_own_first() -> None:
    facts = Facts(JobState.WAITING, is_paused=True, dispatches=False, problem="bad", waits_for={"a": "is not there"})
    assert [reason.split(":")[0] for reason in why.reasons(facts)] == [
        "its file is not valid",
        "it waits for a, which is not there",
        "the spool is paused",
        "nobody dispatches",
        "there is no worker",
    ]


# ---- a file as it grows


@given(st.lists(st.sampled_from([b"a", b"\n", b"bc", b"\xff"]), max_size=40).map(b"".join), st.integers(0, 8))
def test_the_last_lines_are_those_that_tail_prints(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, lines: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "a"
    path.write_bytes(data)
    growing = Growing(str(path), lines)
    assert growing.read().data == b"".join(data.splitlines(keepends=True)[-lines:] if lines else [])
    growing.close()


def test_nothing_is_passed_over_and_a_new_file_is_read_from_its_begin(tmp_path: Path) -> None:
    path = tmp_path / "log"
    growing = Growing(str(path))
    assert growing.read().data == b""
    path.write_bytes(b"one\n")
    first = growing.read()
    assert (first.data, first.is_anew) == (b"one\n", False)
    with path.open("ab") as file:
        file.write(b"rest\n")
    path.unlink()
    path.write_bytes(b"one\n")  # the same text, and it may have had the same inode
    assert growing.read().data == b"rest\n"
    second = growing.read()
    assert (second.data, second.is_anew) == (b"one\n", True)
    path.write_bytes(b"x\n")
    third = growing.read()
    assert (third.data, third.is_anew) == (b"x\n", True)
    growing.close()


# ---- cleaning


def test_cleaning_leaves_what_has_changed_meanwhile(layout: Layout, worker: HandWorker) -> None:
    for name in ("old", "again"):
        Path(layout.done(name)).touch()
        Path(layout.output(name)).touch()
    plan = clean.plan(layout, 0.0)
    assert plan.done == ("again", "old")

    def has_come_later() -> bool:
        os.utime(layout.done("again"))
        return (fsio.changed_ns(layout.done("again")) or 0) > plan.until_ns

    until(has_come_later)
    assert clean.carry_out(layout, plan).jobs == 1
    assert os.listdir(layout.done_dir) == ["again"]


def test_journals_of_those_who_are_here_are_left_whole(layout: Layout, worker: HandWorker) -> None:
    gone = Journal(layout, "nova-9-gone")
    for journal in (gone, Journal(layout, worker.id)):
        journal.write("end", job="old", outcome="done")
        journal.write("end", job="kept", outcome="failed")
        journal.close()
    Path(layout.failed("kept")).touch()
    plan = clean.plan(layout, 0.0)
    assert [(one.writer, one.lines) for one in plan.journals] == [("nova-9-gone", 1)]
    clean.carry_out(layout, plan)
    assert sorted((run.job, run.worker) for run in runs.history(layout)) == [
        ("kept", "nova-1-aaaaaa"), ("kept", "nova-9-gone"), ("old", "nova-1-aaaaaa"),
    ]  # fmt: skip


# ---- which spool


def test_the_nearest_spool_is_this_users_and_made_by_fjd(layout: Layout) -> None:
    below = Path(layout.root, "a/b")
    below.mkdir(parents=True)
    assert create.spool_above(str(below)) == layout.root
    assert create.spool_above(layout.jobqueue) == layout.root
    os.mkdir(below / "jobqueue")
    assert create.spool_above(str(below)) == str(below)
    os.chmod(layout.root, 0o777)  # everybody could run commands by it
    os.rmdir(below / "jobqueue")
    assert create.spool_above(str(below)) == ""
    with pytest.raises(SpoolGone):
        create.open_spool(str(below), create=False)
