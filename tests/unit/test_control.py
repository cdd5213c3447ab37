"""What a user asks of a spool: each is one file made or moved, and each refusal a sentence."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import control, jobfile
from fjd.errors import FjdError, JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.snapshot import JobState, JobView
from fjd.spool import wakeup
from fjd.spool.layout import Layout
from tests.unit.made import submit

SPEC = JobSpec("python ajob.py", "data/job.dat", params=(("a", "1"), ("b", "x y")))
STRANGE = ["a b", "'\"", "a\nb", "-rf", "$(touch pwned)", "[red]x", "\x1b[31m", "\udcff", "x" * 255]


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_submitted_is_what_was_meant(layout: Layout, name: str) -> None:
    control.submit(layout, name, SPEC)
    assert os.listdir(layout.jobqueue) == [name]
    with open(layout.queued(name), "rb") as file:
        assert jobfile.parse(file.read()) == SPEC


def test_a_name_that_waits_already_is_not_replaced_unless_told_to(layout: Layout) -> None:
    control.submit(layout, "job", SPEC)
    with pytest.raises(NameTaken, match="a job named job waits already"):
        control.submit(layout, "job", JobSpec("false"))
    assert "ajob.py" in Path(layout.queued("job")).read_text()
    control.submit(layout, "job", JobSpec("false"), replace=True)
    assert "false" in Path(layout.queued("job")).read_text()


@pytest.mark.parametrize("spec", [JobSpec(""), JobSpec("a\nb"), JobSpec("true", logfile="a\0b")])
def test_what_cannot_be_written_is_not_submitted(layout: Layout, spec: JobSpec) -> None:
    with pytest.raises(JobFileError):
        control.submit(layout, "job", spec)
    assert os.listdir(layout.jobqueue) == os.listdir(layout.tmp) == []


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "a/b", "../a", "a\0b", "a~", "a.tmp", "x" * 256, "ö" * 128])
def test_a_name_that_will_not_do_is_said_to(layout: Layout, name: str) -> None:
    assert control.name_problem(name)
    with pytest.raises(JobFileError):
        control.submit(layout, name, SPEC)
    assert os.listdir(layout.jobqueue) == os.listdir(layout.tmp) == []


@given(st.text(max_size=300))
def test_a_name_without_a_problem_can_be_a_file(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if not control.name_problem(name):
        path = Path(tmp_path_factory.getbasetemp(), name)
        path.write_bytes(b"")
        path.unlink()


@pytest.mark.parametrize("name", ["\ud800", "a\udfff"])
def test_a_name_that_no_file_can_have_is_a_problem(name: str) -> None:
    assert control.name_problem(name)


def test_a_free_name_is_one_that_no_job_of_the_spool_has(layout: Layout) -> None:
    assert control.free_name(layout) == "job1.conf"
    os.mkdir(layout.pod("w"))
    os.mkdir(layout.running_dir("w"))
    for number, path in enumerate(
        [layout.jobqueue, layout.done_dir, layout.failed_dir, layout.pod("w"), layout.running_dir("w")], start=1
    ):
        Path(path, f"job{number}.conf").write_bytes(b"")
    assert control.free_name(layout) == "job6.conf"
    assert control.free_name(layout, "scan") == "scan1.conf"


def test_a_failed_job_is_tried_again(layout: Layout) -> None:
    Path(layout.failed("job")).write_bytes(b"x")
    control.retry(layout, "job")
    assert Path(layout.queued("job")).read_bytes() == b"x"
    with pytest.raises(FjdError, match="not among the failed"):
        control.retry(layout, "job")


def test_a_failed_job_is_not_tried_again_over_one_that_waits(layout: Layout) -> None:
    Path(layout.failed("job")).write_bytes(b"failed")
    submit(layout, "job", text="waits")
    with pytest.raises(NameTaken):
        control.retry(layout, "job")
    assert Path(layout.queued("job")).read_text() == "waits"
    assert Path(layout.failed("job")).read_text() == "failed"


def test_a_waiting_job_is_cancelled(layout: Layout) -> None:
    submit(layout, "job")
    control.cancel(layout, "job")
    assert os.listdir(layout.failed_dir) == ["job"]
    with pytest.raises(FjdError, match="does not wait any more"):
        control.cancel(layout, "job")


def test_an_order_to_kill_lies_in_the_pod_and_wakes_the_worker(layout: Layout) -> None:
    os.mkdir(layout.pod("w"))
    Path(layout.handed("w", "a\nb")).write_bytes(b"")
    bell = wakeup.open_bell(layout.nudge("w"))
    assert bell is not None
    try:
        control.kill(layout, "w", "a\nb")
        assert os.path.exists(layout.order_kill("w", "a\nb"))
        assert os.read(bell, 10)
    finally:
        os.close(bell)


def test_an_order_to_who_is_gone_is_refused(layout: Layout) -> None:
    with pytest.raises(FjdError, match="is gone"):
        control.kill(layout, "w", "job")


@pytest.mark.parametrize("place", ["handed", "running"])
def test_an_order_to_kill_what_has_ended_meanwhile_does_not_wait_for_the_next_of_that_name(
    layout: Layout, place: str
) -> None:
    os.mkdir(layout.pod("w"))
    os.mkdir(layout.running_dir("w"))
    job = Path(getattr(layout, place)("w", "job"))
    job.write_bytes(b"")
    control.kill(layout, "w", "job")
    os.unlink(layout.order_kill("w", "job"))
    job.unlink()
    with pytest.raises(FjdError, match="has job no more"):
        control.kill(layout, "w", "job")
    assert not os.path.exists(layout.order_kill("w", "job"))


def test_pausing_twice_and_resuming_twice_is_fine(layout: Layout) -> None:
    for act, is_paused in ((control.pause, True), (control.resume, False)):
        for _ in range(2):
            act(layout)
            assert os.path.exists(layout.paused_file) is is_paused


@pytest.mark.parametrize("place", ["queued", "handed", "running", "done", "failed"])
def test_a_job_is_read_wherever_it_is(layout: Layout, place: str) -> None:
    os.mkdir(layout.pod("w"))
    os.mkdir(layout.running_dir("w"))
    where = getattr(layout, place)
    path = where("w", "job") if place in ("handed", "running") else where("job")
    Path(path).write_bytes(b"text \xff")
    assert control.read_job(layout, JobView("job", JobState.RUNNING, worker="w")) == "text \ufffd"


def test_of_a_failed_job_the_failed_file_is_read(layout: Layout) -> None:
    submit(layout, "job", text="waits")
    Path(layout.failed("job")).write_text("failed")
    assert control.read_job(layout, JobView("job", JobState.FAILED)) == "failed"
    assert control.read_job(layout, JobView("job", JobState.WAITING)) == "waits"


def test_a_job_that_is_nowhere_is_said_to_be(layout: Layout) -> None:
    with pytest.raises(FjdError, match="neither waiting nor running nor ended"):
        control.read_job(layout, JobView("job", JobState.DONE, worker="w"))
