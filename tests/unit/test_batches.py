"""Many jobs at once: all or none, none lost, none overwritten, whoever brings them into the queue."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd import control
from fjd.dispatcher.batches import Batches
from fjd.errors import DiskError, JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.spool import batches, create
from fjd.spool.layout import Layout
from tests.unit.made import Clock, submit

FILES = [("job2", b"two"), ("job10", b"ten")]


def queue(layout: Layout) -> dict[str, str]:
    return {path.name: path.read_text() for path in Path(layout.jobqueue).iterdir()}


def test_what_is_committed_comes_into_the_queue(layout: Layout) -> None:
    batch = batches.commit(layout, FILES)
    assert queue(layout) == {}
    assert batches.pending(layout) == [batch]
    assert control.waiting_names(layout) == {"job2", "job10"}
    assert batches.finish(layout, batch) == {}
    assert queue(layout) == {"job2": "two", "job10": "ten"}
    assert batches.pending(layout) == []
    assert os.stat(layout.queued("job2")).st_mode & 0o777 == 0o600


def test_what_is_held_comes_beside_the_queue(layout: Layout) -> None:
    assert control.submit_many(layout, [("a", JobSpec("true"))], held=True).names == ("a",)
    assert os.listdir(layout.held_dir) == ["a"]
    assert queue(layout) == {}


@pytest.mark.parametrize("error", [JobFileError("no"), KeyboardInterrupt()])
def test_nothing_is_submitted_of_what_is_not_wholly_written(layout: Layout, error: BaseException) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield FILES[0]
        raise error

    with pytest.raises(type(error)):
        batches.commit(layout, files())
    assert os.listdir(layout.tmp) == os.listdir(layout.jobqueue) == batches.pending(layout) == []


def test_a_name_that_is_taken_meanwhile_is_never_overwritten(layout: Layout) -> None:
    batch = batches.commit(layout, FILES)
    submit(layout, "job2", text="first")
    assert batches.finish(layout, batch, ["job2", "job10"]) == {"job2": "job2-2"}
    assert queue(layout) == {"job2": "first", "job2-2": "two", "job10": "ten"}


@pytest.mark.parametrize(
    ("jobs", "error", "words"),
    [
        ([("b", "true"), ("a", "true")], NameTaken, "a job named a waits already"),
        ([("b", "true"), ("b", "true")], NameTaken, "two jobs are named b"),
        ([("b", "true"), ("c", "")], JobFileError, "c: executable is empty"),
        ([("b", "true"), ("c~", "true")], JobFileError, "end in ~"),
    ],
)
def test_one_wrong_job_keeps_all_out(
    layout: Layout, jobs: list[tuple[str, str]], error: type[Exception], words: str
) -> None:
    submit(layout, "a", text="first")
    with pytest.raises(error, match=words):
        control.submit_many(layout, [(name, JobSpec(command)) for name, command in jobs])
    assert queue(layout) == {"a": "first"}
    assert os.listdir(layout.tmp) == []


def test_a_name_that_is_on_its_way_is_taken_too(layout: Layout) -> None:
    batches.commit(layout, FILES)
    with pytest.raises(NameTaken):
        control.submit_many(layout, [("job2", JobSpec("true"))])
    assert queue(layout) == {"job2": "two", "job10": "ten"}, "who submits next brings it on"


def test_after_the_commit_trouble_is_told_and_no_error(layout: Layout) -> None:
    os.rmdir(layout.jobqueue)
    done = control.submit_many(layout, [("a", JobSpec("true"))])
    assert "all jobs are submitted" in done.trouble
    os.mkdir(layout.jobqueue)
    batches.finish_all(layout)
    assert list(queue(layout)) == ["a"]


def test_a_dispatcher_brings_on_what_stands_still_and_lets_a_living_submitter_be(layout: Layout) -> None:
    clock = Clock()
    watcher = Batches(layout, 1.0, 2.0, clock=clock)
    assert not watcher.are_pending()
    batch = batches.commit(layout, [*FILES, ("c", b"")])
    watcher.go_on()
    clock.now_s += 1.5
    batches.finish(layout, batch, ["job2", "job10", "c"], is_enough=lambda: True)
    watcher.go_on()
    assert set(queue(layout)) == {"job2"}, "it grew smaller, and so somebody is at it"
    for _ in range(3):
        clock.now_s += 1.5
        watcher.go_on()
    assert set(queue(layout)) == {"job2", "job10", "c"}
    assert not watcher.are_pending()


def test_two_may_be_at_it_at_once(layout: Layout) -> None:
    batch = batches.commit(layout, FILES)
    assert batches.finish(layout, batch, is_enough=lambda: True) == {}
    batches.finish(layout, batch, ["job2", "job10"])
    batches.finish(layout, batch, ["job2", "job10"])
    assert queue(layout) == {"job2": "two", "job10": "ten"}


def test_a_batch_that_was_never_committed_is_swept_after_a_day(layout: Layout) -> None:
    for name, age_s in (("batch-old", 2 * 24 * 3600), ("batch-new", 0)):
        draft = Path(layout.tmp, name)
        draft.mkdir()
        (draft / "job").write_text("")
        os.utime(draft, (draft.stat().st_mtime - age_s,) * 2)
    create.sweep(layout)
    assert os.listdir(layout.tmp) == ["batch-new"]


def test_a_spool_where_no_batch_can_be_written_says_so(layout: Layout) -> None:
    os.rmdir(layout.tmp)
    with pytest.raises(DiskError):
        batches.commit(layout, FILES)
