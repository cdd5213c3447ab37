"""Where the jobs are that others wait for, by the directories: those that ended before, or were moved by hand."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fjd.dispatcher import Dispatcher
from fjd.settings import Timings
from fjd.snapshot import EventKind, JobState
from fjd.spool.layout import Layout
from tests.crew import job_text
from tests.unit.made import HandWorker, submit
from tests.unit.test_dispatcher import end, step_until

TIMINGS = Timings(look_s=0.01, alive_s=0.01, reconcile_s=0.05, settle_s=0.05)


@pytest.fixture
def start(layout: Layout) -> Iterator[Callable[[], Dispatcher]]:
    made: list[Dispatcher] = []

    def make() -> Dispatcher:
        made.append(Dispatcher(layout, TIMINGS))
        return made[-1]

    yield make
    for dispatcher in made:
        end(dispatcher)


@pytest.fixture
def worker(layout: Layout) -> Iterator[HandWorker]:
    worker = HandWorker(layout, "w", cpus=1)
    yield worker
    worker.close()


def put(layout: Layout, directory: str, *names: str) -> None:
    for name in names:
        Path(layout.root, directory, name).write_text(job_text("true"))


def wait_for(layout: Layout, name: str, **after: str) -> None:
    submit(layout, name, text=job_text("true", **{key.replace("_", "-"): value for key, value in after.items()}))


def reason(dispatcher: Dispatcher, name: str) -> str:
    snapshot = dispatcher._paint(at_once=True)
    return next((view.reason for view in (*snapshot.waiting, *snapshot.failed) if view.name == name), "")


def test_what_ended_before_is_found_by_name_and_by_glob(
    layout: Layout, start: Callable[[], Dispatcher], worker: HandWorker
) -> None:
    put(layout, "done", "old", "scan-1", "scan-2")
    put(layout, "failed", "bad-1")
    wait_for(layout, "a", after="old, scan-*")
    wait_for(layout, "b", after="bad-*")
    wait_for(layout, "c", after="bad-1")
    wait_for(layout, "d", after_any="bad-*, bad-1")
    dispatcher = start()
    step_until(dispatcher, lambda: worker.pod == ["a"] and len(os.listdir(layout.failed_dir)) == 3)
    assert reason(dispatcher, "b") == reason(dispatcher, "c") == "it is to run after bad-1, which failed"
    worker.begin("a")
    worker.end("a")
    step_until(dispatcher, lambda: worker.pod == ["d"])


def test_of_an_older_and_a_newer_outcome_of_a_name_the_newer_counts(
    layout: Layout, start: Callable[[], Dispatcher], worker: HandWorker
) -> None:
    for first, last, job in (("failed", "done", "x"), ("done", "failed", "y")):
        put(layout, first, job)
        put(layout, "held", job)
        os.rename(layout.held(job), f"{layout.root}/{last}/{job}")
    wait_for(layout, "a", after="x")
    wait_for(layout, "b", after="y*")
    dispatcher = start()
    step_until(dispatcher, lambda: worker.pod == ["a"] and reason(dispatcher, "b"))
    assert reason(dispatcher, "b") == "it is to run after y, which failed"


def test_what_is_nowhere_is_waited_for_and_found_when_it_is_put_there(
    layout: Layout, start: Callable[[], Dispatcher], worker: HandWorker
) -> None:
    wait_for(layout, "a", after="x")
    wait_for(layout, "b", after="y*")
    dispatcher = start()
    step_until(dispatcher, lambda: reason(dispatcher, "a") == "waits for x, which is not there")
    step_until(dispatcher, lambda: reason(dispatcher, "b") == "waits for y*, which is not there")
    put(layout, "done", "x")
    step_until(dispatcher, lambda: worker.pod == ["a"])
    worker.begin("a")
    worker.end("a")
    put(layout, "done", "y1")
    step_until(dispatcher, lambda: worker.pod == ["b"])


def test_what_is_held_cancelled_or_removed_by_hand_is_seen(
    layout: Layout, start: Callable[[], Dispatcher], worker: HandWorker
) -> None:
    Path(layout.paused_file).touch()
    submit(layout, "held", "cancelled", "removed")
    for name in ("held", "cancelled", "removed"):
        wait_for(layout, f"after-{name}", after=name)
        wait_for(layout, f"glob-{name}", after=f"{name}*")
    dispatcher = start()
    step_until(dispatcher, lambda: reason(dispatcher, "after-removed") == "waits for removed")
    os.rename(layout.queued("held"), layout.held("held"))
    os.rename(layout.queued("cancelled"), layout.failed("cancelled"))
    os.unlink(layout.queued("removed"))
    gone = "waits for removed, which is not there"
    step_until(dispatcher, lambda: reason(dispatcher, "after-removed") == gone)
    step_until(dispatcher, lambda: reason(dispatcher, "glob-removed") == "waits for removed*, which is not there")
    assert reason(dispatcher, "after-held") == reason(dispatcher, "glob-held") == "waits for held"
    step_until(dispatcher, lambda: {"after-cancelled", "glob-cancelled"} <= set(os.listdir(layout.failed_dir)))
    os.rename(layout.held("held"), layout.done("held"))
    os.unlink(layout.paused_file)
    step_until(dispatcher, lambda: worker.pod == ["after-held"])


def test_a_job_that_is_with_a_stranger_has_not_ended(layout: Layout, start: Callable[[], Dispatcher]) -> None:
    put(layout, "done", "scan-1")
    Path(layout.running_dir("stranger")).mkdir()
    put(layout, "running/stranger", "scan-2")
    wait_for(layout, "a", after="scan-*")
    dispatcher = start()
    step_until(dispatcher, lambda: reason(dispatcher, "a") == "waits for scan-2")


def test_a_chain_fails_to_its_end_within_moments(layout: Layout, start: Callable[[], Dispatcher]) -> None:
    put(layout, "failed", "job0")
    for number in range(1, 30):
        wait_for(layout, f"job{number}", after=f"job{number - 1}")
    dispatcher = start()
    step_until(dispatcher, lambda: len(os.listdir(layout.failed_dir)) == 30)
    rejected = [event for event in dispatcher.ledger.events if event.kind is EventKind.REJECTED]
    assert [event.job for event in rejected] == [f"job{number}" for number in range(1, 30)]
    assert dispatcher.ledger.failed["job29"].state is JobState.FAILED


def test_a_file_that_was_changed_meanwhile_is_not_failed_for_what_it_said(
    layout: Layout, start: Callable[[], Dispatcher], worker: HandWorker
) -> None:
    wait_for(layout, "a", after="x")
    dispatcher = start()
    step_until(dispatcher, lambda: reason(dispatcher, "a") == "waits for x, which is not there")
    dispatcher.ledger.bonds.doomed["a"] = "what it said"
    submit(layout, "a")
    step_until(dispatcher, lambda: worker.pod == ["a"])
