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
from tests.unit.made import HandWorker, submit

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


# ---- held jobs


def test_a_waiting_job_is_held_and_released(layout: Layout) -> None:
    submit(layout, "job", text="x")
    control.hold(layout, "job")
    assert os.listdir(layout.jobqueue) == []
    assert os.listdir(layout.held_dir) == ["job"]
    with pytest.raises(FjdError, match="job does not wait any more"):
        control.hold(layout, "job")
    control.release(layout, "job")
    assert Path(layout.queued("job")).read_bytes() == b"x"
    with pytest.raises(FjdError, match="job is not held any more"):
        control.release(layout, "job")


def test_neither_buries_another_of_that_name(layout: Layout) -> None:
    submit(layout, "job", text="waits")
    Path(layout.held("job")).write_text("held")
    with pytest.raises(NameTaken, match="held already"):
        control.hold(layout, "job")
    with pytest.raises(NameTaken, match="waits already"):
        control.release(layout, "job")
    assert Path(layout.queued("job")).read_text() == "waits"
    assert Path(layout.held("job")).read_text() == "held"


def test_a_spool_of_before_there_were_held_jobs_gets_the_directory(layout: Layout) -> None:
    os.rmdir(layout.held_dir)
    submit(layout, "job")
    with pytest.raises(FjdError, match="not held"):
        control.release(layout, "job")
    control.hold(layout, "job")
    assert os.listdir(layout.held_dir) == ["job"]


def test_a_held_job_is_cancelled_and_read_and_its_name_is_taken(layout: Layout) -> None:
    Path(layout.held("job1.conf")).write_text("held")
    assert control.free_name(layout) == "job2.conf"
    assert control.read_job(layout, JobView("job1.conf", JobState.HELD)) == "held"
    control.cancel(layout, "job1.conf")
    assert os.listdir(layout.failed_dir) == ["job1.conf"]


# ---- changing what waits

TEXT = b"[control]\n# mine\nexecutable: true\n"


@pytest.mark.parametrize("place", ["queued", "held"])
def test_a_job_that_has_not_begun_gets_a_new_text_where_it_is(layout: Layout, place: str) -> None:
    path = Path(getattr(layout, place)("job"))
    path.write_bytes(TEXT)
    control.edit(layout, "job", lambda data: data.replace(b"true", b"false"))
    assert path.read_bytes() == b"[control]\n# mine\nexecutable: false\n"
    assert os.listdir(layout.tmp) == []


@pytest.mark.parametrize("place", ["queued", "held"])
def test_a_priority_is_one_line_of_it(layout: Layout, place: str) -> None:
    path = Path(getattr(layout, place)("job"))
    path.write_bytes(TEXT)
    control.set_priority(layout, "job", -3)
    assert path.read_bytes() == b"[control]\npriority: -3\n# mine\nexecutable: true\n"
    control.set_value(layout, "job", "timeout", "1h")
    assert path.read_bytes() == b"[control]\ntimeout: 1h\npriority: -3\n# mine\nexecutable: true\n"


@pytest.mark.parametrize("new", [b"", b"[control]\n", b"[control]\nexecutable: x\npriority: much\n"])
def test_a_text_that_makes_no_sense_changes_nothing(layout: Layout, new: bytes) -> None:
    Path(layout.queued("job")).write_bytes(TEXT)
    with pytest.raises(JobFileError):
        control.edit(layout, "job", lambda _: new)
    assert Path(layout.queued("job")).read_bytes() == TEXT


def test_what_has_begun_is_not_changed(layout: Layout) -> None:
    os.mkdir(layout.pod("w"))
    Path(layout.handed("w", "job")).write_bytes(TEXT)
    with pytest.raises(FjdError, match="job does not wait any more"):
        control.set_priority(layout, "job", 1)
    assert os.listdir(layout.jobqueue) == os.listdir(layout.held_dir) == []


def test_what_is_handed_out_in_the_middle_of_a_change_is_not_brought_back(layout: Layout) -> None:
    """Somebody releases the job while it is changed, and a dispatcher hands it out."""
    os.mkdir(layout.pod("w"))
    Path(layout.queued("job")).write_bytes(TEXT)

    def change(data: bytes) -> bytes:
        os.rename(layout.held("job"), layout.handed("w", "job"))
        return data + b"# more\n"

    with pytest.raises(FjdError):
        control.edit(layout, "job", change)
    assert os.listdir(layout.jobqueue) == os.listdir(layout.held_dir) == os.listdir(layout.tmp) == []
    assert Path(layout.handed("w", "job")).read_bytes() == TEXT


def test_a_job_of_that_name_that_comes_in_the_middle_is_not_buried(layout: Layout) -> None:
    Path(layout.queued("job")).write_bytes(TEXT)

    def change(data: bytes) -> bytes:
        Path(layout.queued("job")).write_bytes(b"another")
        return data + b"# more\n"

    with pytest.raises(NameTaken, match="the held one stays held"):
        control.edit(layout, "job", change)
    assert Path(layout.queued("job")).read_bytes() == b"another"
    assert Path(layout.held("job")).read_bytes() == TEXT + b"# more\n"


def test_what_somebody_is_writing_is_left_to_him(layout: Layout) -> None:
    with open(layout.queued("job"), "wb") as file:
        file.write(TEXT)
        file.flush()
        with pytest.raises(FjdError, match="somebody is writing job"):
            control.set_priority(layout, "job", 1)
        file.write(b"# the rest\n")
    assert Path(layout.queued("job")).read_bytes() == TEXT + b"# the rest\n"


def test_what_is_no_plain_file_is_not_changed(layout: Layout) -> None:
    os.mkdir(layout.queued("job"))
    with pytest.raises(FjdError, match="a directory"):
        control.set_priority(layout, "job", 1)
    assert os.listdir(layout.jobqueue) == ["job"]


# ---- freezing


def test_every_announced_worker_is_frozen_once_and_thawed_once(layout: Layout) -> None:
    workers = [HandWorker(layout, name) for name in ("a-1-x", "b-2-y")]
    os.mkdir(layout.pod("stranger"))
    try:
        for _ in range(2):
            assert control.freeze(layout) == ("a-1-x", "b-2-y")
        assert all(os.path.exists(layout.order(worker.id, "freeze")) for worker in workers)
        assert control.thaw(layout) == ("a-1-x", "b-2-y")
        assert control.thaw(layout) == ()
    finally:
        for worker in workers:
            worker.close()
