"""The picture in memory stays true to itself, whatever is told to it and in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.ledger import Ledger, Rates, Readiness
from fjd.ledger import outcomes as ledger_module
from fjd.snapshot import EventKind, JobState, JobView, WorkerState
from tests.unit.made import STAMP, announcement, ready

JOBS = [f"job{number}" for number in range(4)]
WORKERS = ["w1", "w2", "w3"]
ACTS = st.tuples(
    st.sampled_from(
        ["appear", "read", "change", "leave", "hand", "start", "pass", "take", "end", "fail", "lose", "come", "go"]
    ),
    st.sampled_from(JOBS),
    st.sampled_from(WORKERS),
)


def tell(ledger: Ledger, act: str, job: str, worker: str, now_s: float) -> None:
    """Tell the ledger one thing that could have happened."""
    if act == "appear":
        ledger.job_appeared(job)
    elif act == "read":
        ledger.job_read(job, STAMP, "true", "")
    elif act == "change":
        ledger.job_changed(job, Readiness.UNREAD)
    elif act == "leave":
        ledger.job_left_queue(job)
    elif act == "hand":
        ledger.job_handed(job, worker, now_s)
    elif act == "start":
        ledger.job_started(job, worker, now_s, 1)
    elif act == "pass":
        ledger.job_passed_by(job, worker)
    elif act == "take" and job in ledger.active:
        ledger.job_taken_back(job, worker, now_s)
    elif act in ("end", "fail"):
        state = JobState.DONE if act == "end" else JobState.FAILED
        ledger.job_ended(JobView(job, state, worker=worker, seconds=0.1), now_s)
    elif act == "lose":
        ledger.job_lost_track(job)
    elif act == "come" and worker not in ledger.workers:
        ledger.worker_came(announcement(worker), is_local=True, now_s=now_s)
    elif act == "go" and worker in ledger.workers:
        for active in ledger.worker_left(worker, EventKind.WORKER_LEFT, "left"):
            ledger.job_lost_track(active.name)


@given(st.lists(ACTS, max_size=60))
def test_whatever_happens_the_picture_agrees_with_itself(acts: list[tuple[str, str, str]]) -> None:
    ledger = Ledger()
    for now_s, (act, job, worker) in enumerate(acts):
        before = ledger.version
        tell(ledger, act, job, worker, float(now_s))
        assert ledger.version >= before
        assert sorted(ledger.waiting) == sorted(ledger.order)
        assert all(name in ledger.unread for name, one in ledger.waiting.items() if one.readiness is Readiness.UNREAD)
        for name, crew in ledger.workers.items():
            held = {active.name for active in ledger.active.values() if active.worker == name}
            assert crew.pod <= held
            assert not crew.running or crew.running in held
            assert crew.running not in crew.pod
        assert dict(ledger.loads.below(99)) == {name: crew.load for name, crew in ledger.workers.items()}
        assert ledger.loads.busy == {name for name, crew in ledger.workers.items() if crew.running}
        assert set(ledger.loads.laden) == {name for name in ledger.loads.busy if ledger.workers[name].pod}
        counts = ledger.counts
        assert min(counts.waiting, counts.handed, counts.running, counts.done, counts.failed) >= 0
        assert not {waiting.name for waiting in ledger.ready()} & ledger.active.keys()


@given(st.permutations([f"job{number}" for number in range(20)]))
def test_jobs_wait_in_their_natural_order_whatever_order_they_come_in(names: list[str]) -> None:
    ledger = Ledger()
    ready(ledger, *names)
    assert [waiting.name for waiting in ledger.ready()] == [f"job{number}" for number in range(20)]


def test_only_what_was_read_is_ready() -> None:
    ledger = Ledger()
    ready(ledger, "a", "b", "c")
    ledger.job_appeared("d")
    ledger.job_changed("b", Readiness.WRITTEN)
    ledger.job_changed("c", Readiness.UNREAD)
    assert [waiting.name for waiting in ledger.ready()] == ["a"]


def test_a_job_whose_name_is_in_use_waits_until_that_one_has_ended() -> None:
    ledger = Ledger()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ledger.job_handed("job", "w", 0)
    ready(ledger, "job")
    assert list(ledger.ready()) == []
    ledger.job_started("job", "w", 1, 1)
    ledger.job_ended(JobView("job", JobState.DONE, worker="w"), 2)
    assert [waiting.name for waiting in ledger.ready()] == ["job"]


def test_a_job_that_another_dispatcher_handed_out_takes_no_other_of_its_name_from_the_queue() -> None:
    """The file in the queue is another job (rule 13): it is still there, and must not be forgotten."""
    ledger = Ledger()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ready(ledger, "job")
    ledger.job_seen_handed("job", "w", 0)
    ledger.job_started("job", "w", 1, 1)
    assert "job" in ledger.waiting
    ledger.job_ended(JobView("job", JobState.DONE, worker="w"), 2)
    assert [waiting.name for waiting in ledger.ready()] == ["job"]


def test_a_worker_is_free_for_others_while_it_passes_a_job_by() -> None:
    ledger = Ledger()
    ledger.worker_came(announcement("w1"), is_local=True, now_s=0)
    ready(ledger, "a", "b")
    ledger.job_handed("a", "w1", 1)
    ledger.job_handed("b", "w1", 1)
    ledger.job_started("b", "w1", 2, 1)
    assert [ledger.job_passed_by(job, "w1") for job in ("a", "b", "a")] == [True, True, False]
    assert ledger.workers["w1"].load == 0
    assert ledger.counts.unfinished == 2
    ledger.job_started("a", "w1", 3, 1)
    assert ledger.workers["w1"].load == 1
    ledger.job_ended(JobView("b", JobState.DONE, worker="w1", seconds=0.1), 4)
    assert list(ledger.active) == ["a"]


def test_the_states_of_a_worker() -> None:
    ledger = Ledger()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    states = [ledger.workers["w"].state]
    ledger.job_handed("job", "w", 0)
    states.append(ledger.workers["w"].state)
    ledger.job_started("job", "w", 0, 1)
    states.append(ledger.workers["w"].state)
    ledger.worker_drains("w")
    states.append(ledger.workers["w"].state)
    ledger.worker_died("w")
    states.append(ledger.workers["w"].state)
    assert states == [
        WorkerState.IDLE,
        WorkerState.IDLE,
        WorkerState.BUSY,
        WorkerState.DRAINING,
        WorkerState.LOST,
    ]


def test_how_a_job_ended_is_told_with_what_was_known_of_it() -> None:
    ledger = Ledger()
    ready(ledger, "job")
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ledger.job_handed("job", "w", 0)
    ledger.job_started("job", "w", 1, 3)
    ledger.job_ended(JobView("job", JobState.FAILED, worker="w", reason="exit 1"), 5)
    view = ledger.failed["job"]
    assert (view.command, view.attempt, view.reason, view.since_s) == ("true", 3, "exit 1", 5)
    assert ledger.counts.failed == ledger.failed_here == 1
    assert ledger.events[-1].kind is EventKind.FAILED


def test_the_newest_outcome_of_a_name_is_the_one_that_is_shown() -> None:
    ledger = Ledger()
    ledger.job_ended(JobView("job", JobState.DONE), 1)
    ledger.job_ended(JobView("job", JobState.FAILED, reason="exit 1"), 2)
    assert ledger.failed["job"].reason == "exit 1"
    ledger.job_ended(JobView("job", JobState.DONE), 3)
    assert "job" in ledger.done


def test_no_more_ended_jobs_and_events_are_kept_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "HISTORY_MAX", 10)
    ledger = Ledger()
    for number in range(25):
        ledger.job_ended(JobView(f"job{number}", JobState.DONE), number)
    assert list(ledger.done) == [f"job{number}" for number in range(15, 25)]
    assert ledger.counts.done == 25


def test_a_listing_corrects_the_counts_and_what_is_remembered() -> None:
    ledger = Ledger()
    for name in ("a", "b"):
        ledger.job_ended(JobView(name, JobState.DONE), 1)
    version = ledger.version
    ledger.count_ended(JobState.DONE, 2, frozenset({"a", "b"}))
    assert ledger.version == version
    ledger.count_ended(JobState.DONE, 5, frozenset({"b"}))
    assert ledger.counts.done == 5
    assert list(ledger.done) == ["b"]
    assert ledger.version > version


def test_events_are_numbered_and_those_after_a_number_are_told() -> None:
    ledger = Ledger()
    for text in ("one", "two", "three"):
        ledger.note(EventKind.NOTE, text)
    assert [event.text for event in ledger.events_since(0)] == ["one", "two", "three"]
    assert [event.text for event in ledger.events_since(2)] == ["three"]
    assert ledger.events_since(3) == []


def test_a_worker_that_came_back_under_its_name_begins_with_nothing() -> None:
    ledger = Ledger()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ledger.job_handed("job", "w", 0)
    held = ledger.worker_left("w", EventKind.WORKER_LEFT, "left")
    assert [active.name for active in held] == ["job"]
    ledger.worker_came(announcement("w"), is_local=True, now_s=1)
    assert ledger.workers["w"].load == 0


def test_a_crash_count_goes_with_the_job_when_it_is_renamed() -> None:
    ledger = Ledger()
    ledger.job_started("job", "w", 0, 4)
    assert ledger.job_crashed_worker("job") == 1
    ledger.job_renamed("job", "job-2")
    assert ledger.job_crashed_worker("job-2") == 2
    assert ledger.attempts == {"job-2": 4}
    assert ledger.job_crashed_worker("job") == 1


@given(st.integers(1, 50), st.integers(15, 100))
def test_a_steady_rate_is_told_as_it_is(per_s: int, seconds: int) -> None:
    rates = Rates()
    for number in range(per_s * seconds):
        rates.ended(1000 + number / per_s)
    told = rates.per_s(1000 + seconds)
    assert per_s * 0.89 <= told <= per_s * 1.11
    assert rates.history(1000 + seconds)[-1] == pytest.approx(per_s, abs=1)


def test_a_rate_falls_to_nothing_when_nothing_ends() -> None:
    rates = Rates()
    assert rates.per_s(5) == 0
    rates.ended(0.5)
    assert rates.per_s(1) > 0
    assert rates.per_s(60) == 0
    assert sum(rates.history(60)) == 1
    assert sum(rates.history(100)) == 0
    assert len(rates.history(100)) == 60
