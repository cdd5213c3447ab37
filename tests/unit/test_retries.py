"""Failed jobs are tried again: what is decided, what is moved, and what a later dispatcher makes of it."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import policy
from fjd.dispatcher import Dispatcher
from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.policy import HandOut, TryAgain
from fjd.settings import Timings
from fjd.snapshot import EventKind, JobState, JobView
from fjd.spool.journal import Journal, Tail
from fjd.spool.layout import Layout
from tests.crew import job_text, until
from tests.unit.made import STAMP, HandWorker, announcement, submit

TIMINGS = Timings(look_s=0.01, alive_s=0.01, reconcile_s=0.02, settle_s=0.05, lease_s=0.5)
TWICE = Terms(retries=2, retry_delay_s=4.0)
TEXT = job_text("false", **{"retries": "1", "retry-delay": "0.3"})


@given(st.just(0.0) | st.floats(0.001, 1e10), st.text(max_size=8), st.integers(1, 10_000))
def test_a_delay_doubles_and_a_quarter_is_added_at_most(base_s: float, job: str, attempt: int) -> None:
    delay_s = policy.delay_s(Terms(retry_delay_s=base_s), job, attempt)
    least_s = min(base_s * 2.0 ** min(attempt - 1, 60), max(7 * 86_400, base_s))
    assert least_s <= delay_s <= least_s * 1.25
    assert delay_s == policy.delay_s(Terms(retry_delay_s=base_s), job, attempt)


def test_jobs_that_fail_together_do_not_come_again_together() -> None:
    delays = {policy.delay_s(TWICE, f"job{number}", 1) for number in range(100)}
    assert len(delays) == 100


def failed(ledger: Ledger, job: str, *, terms: Terms = TWICE, attempt: int = 1) -> None:
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ledger.job_appeared(job)
    ledger.job_read(job, STAMP, "false", "", terms)
    ledger.job_handed(job, "w", 0)
    ledger.job_started(job, "w", 0, attempt)
    ledger.job_ended(JobView(job, JobState.FAILED, worker="w", reason="exit 1", exit=1), 1)


def test_a_failed_job_with_retries_left_has_not_ended() -> None:
    ledger = Ledger()
    failed(ledger, "job")
    assert (ledger.counts.waiting, ledger.counts.failed, ledger.failed_here) == (1, 0, 0)
    assert policy.plan(ledger, 1) == [TryAgain("job", policy.delay_s(TWICE, "job", 1))]
    ledger.job_tried_again("job", "job", 5, "job failed")
    assert (ledger.counts.waiting, len(ledger.waiting)) == (1, 1)
    ledger.job_read("job", STAMP, "false", "", TWICE)
    ledger.time_passes(4.9)
    assert policy.plan(ledger, 4.9) == []
    ledger.time_passes(5)
    assert policy.plan(ledger, 5) == [HandOut("job", "w", 2)]


def test_the_last_failure_counts() -> None:
    ledger = Ledger()
    failed(ledger, "job", attempt=3)
    assert policy.plan(ledger, 1) == []
    assert ledger.failed_here == 1
    assert ledger.events[-1].text == "job failed: exit 1"


def test_who_took_it_from_the_failed_says_how_it_goes_on() -> None:
    ledger = Ledger()
    failed(ledger, "job")
    ledger.count_ended(JobState.FAILED, 0, frozenset())
    assert policy.plan(ledger, 1) == []
    assert ledger.counts.unfinished == 0


# ---- on the disk


@pytest.fixture
def dispatcher(layout: Layout) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(layout, TIMINGS)
    yield dispatcher
    end(dispatcher)


@pytest.fixture
def worker(layout: Layout) -> Iterator[HandWorker]:
    worker = HandWorker(layout, "w1")
    yield worker
    worker.close()


def end(dispatcher: Dispatcher) -> None:
    """End it as its loop does, without another step."""
    stop = threading.Event()
    stop.set()
    dispatcher.run(stop)


def step_until(dispatcher: Dispatcher, condition: Callable[[], object]) -> None:
    def step() -> object:
        dispatcher.step()
        return condition()

    until(step)


def lines(dispatcher: Dispatcher, event: str) -> list[dict[str, object]]:
    return [line for line in Tail(dispatcher._actor.journal.path).read() if line["event"] == event]


def fail(dispatcher: Dispatcher, worker: HandWorker, job: str = "job", attempt: int = 1) -> None:
    step_until(dispatcher, lambda: worker.pod == [job])
    worker.begin(job, attempt)
    worker.end(job, "failed", exit=1, attempt=attempt, again=attempt == 1)


def test_it_is_moved_back_told_and_handed_out_again_with_its_number(
    dispatcher: Dispatcher, worker: HandWorker, layout: Layout
) -> None:
    submit(layout, "job", text=TEXT)
    fail(dispatcher, worker)
    step_until(dispatcher, lambda: os.path.exists(layout.queued("job")))
    told = [event.text for event in dispatcher.ledger.events if event.kind is EventKind.RETRIED]
    assert told == ["job failed: exit 1; tried again now (1 of 1)"]
    (line,) = lines(dispatcher, "retry")
    assert (line["job"], line["name"], line["attempt"]) == ("job", "job", 1)
    step_until(dispatcher, lambda: dispatcher.ledger.waiting["job"].command)
    (view,) = dispatcher._painter.paint(dispatcher._mode, at_once=True).waiting
    assert view.reason.startswith("retry 1 of 1 in ")
    assert (view.attempt, view.due_s is not None) == (2, True)
    fail(dispatcher, worker, attempt=2)
    step_until(dispatcher, lambda: "job" in dispatcher.ledger.failed)
    assert os.listdir(layout.failed_dir) == ["job"]
    assert dispatcher.ledger.failed_here == 1


def test_a_new_job_of_its_name_is_not_buried(dispatcher: Dispatcher, worker: HandWorker, layout: Layout) -> None:
    submit(layout, "job", text=TEXT)
    step_until(dispatcher, lambda: worker.pod == ["job"])
    submit(layout, "job")
    worker.begin("job")
    worker.end("job", "failed", exit=1)
    step_until(dispatcher, lambda: lines(dispatcher, "retry"))
    assert sorted([*os.listdir(layout.jobqueue), *worker.pod]) == ["job", "job-2"]
    assert dispatcher.ledger.attempts == {"job-2": 1}


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_dispatcher_that_died_over_it_has_lost_nothing(
    dispatcher: Dispatcher, worker: HandWorker, layout: Layout, is_moved: bool
) -> None:
    """It died before the move, or between the move and its line in the journal."""
    submit(layout, "job", text=TEXT)
    fail(dispatcher, worker)
    if is_moved:
        os.rename(layout.failed("job"), layout.queued("job"))
    end(dispatcher)
    second = Dispatcher(layout, TIMINGS)
    step_until(second, lambda: worker.pod == ["job"])
    end(second)
    assert second.ledger.active["job"].attempt == 2
    assert second.ledger.failed_here == 0


def test_a_later_dispatcher_waits_on_but_never_longer_than_was_said(dispatcher: Dispatcher, layout: Layout) -> None:
    """The clock of the host of the former one is an hour ahead."""
    journal = Journal(layout, "former", clock=lambda: time.time() + 3600)
    for job, wait_s in {"job": 60, "other": 0}.items():
        journal.write("retry", job=job, name=job, attempt=1, not_before=time.time() + 3600 + wait_s)
    journal.close()
    submit(layout, "job", "other", text=TEXT)
    dispatcher.step()
    due_s = dispatcher.ledger.queue.retries.get("job")
    assert due_s is not None
    assert 50 < due_s - time.monotonic() < 61
    assert dispatcher.ledger.attempts == {"job": 1, "other": 1}
    assert [waiting.name for waiting in dispatcher.ledger.ready()] == ["other"]


def test_what_failed_for_good_while_nobody_dispatched_is_not_tried_again(
    dispatcher: Dispatcher, layout: Layout
) -> None:
    """Its worker said that it was to be; meanwhile its file says otherwise."""
    Path(layout.failed("job")).write_text(job_text("false"))
    journal = Journal(layout, "w")
    journal.write("end", job="job", outcome="failed", reason="exit 1", exit=1, attempt=1, again=True)
    journal.close()
    dispatcher.step()
    assert not dispatcher.ledger.retrying
    assert dispatcher.ledger.failed["job"].reason == "exit 1"
    assert dispatcher.ledger.counts.failed == 1
