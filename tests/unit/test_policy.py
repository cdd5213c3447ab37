"""The decisions, over pictures of any kind."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import policy
from fjd.ledger import Ledger, Readiness
from fjd.order import natural_key
from fjd.policy import Bury, GiveUp, HandOut, Recall, TakeBack
from fjd.settings import Timings
from tests.unit.made import announcement, ready

NOW_S = 1000.0


def look_until_now(ledger: Ledger, worker: str, beat_s: float) -> None:
    """Let its heart beat for the last time at ``beat_s``, and look at it every second since."""
    for age in range(int(NOW_S - beat_s), -1, -1):
        ledger.worker_beat(worker, 1, NOW_S - age)


@st.composite
def pictures(draw: st.DrawFn) -> Ledger:
    """A ledger with workers in every state, jobs in every state, and any measured times."""
    ledger = Ledger(Timings(depth_max=draw(st.integers(1, 8)), crash_limit=2))
    for number in range(draw(st.integers(0, 5))):
        worker = f"w{number}"
        ledger.worker_came(announcement(worker), is_local=draw(st.booleans()), now_s=NOW_S - 100)
        beat_s = NOW_S - draw(st.sampled_from([0, 20, 31, 99]))
        look_until_now(ledger, worker, beat_s)
        ledger.worker_beat(worker, 1, NOW_S)
        for job in range(draw(st.integers(0, 4))):
            ledger.job_handed(f"held{number}.{job}", worker, NOW_S - 50)
        if draw(st.booleans()):
            ledger.job_started(f"run{number}", worker, NOW_S - draw(st.sampled_from([0, 50])), 1)
        if draw(st.booleans()) and draw(st.booleans()):
            ledger.worker_drains(worker)
        if draw(st.booleans()) and draw(st.booleans()):
            ledger.worker_died(worker)
    for number in draw(st.sets(st.integers(0, 20), max_size=15)):
        ready(ledger, f"job{number}")
        readiness = draw(st.sampled_from([Readiness.READY, Readiness.READY, Readiness.UNREAD, Readiness.WRITTEN]))
        if readiness is not Readiness.READY:
            ledger.job_changed(f"job{number}", readiness)
    for name in draw(st.sets(st.sampled_from(sorted(ledger.waiting)), max_size=3)) if ledger.waiting else ():
        ledger.crashes[name] = draw(st.integers(1, 3))
    for name in draw(st.sets(st.sampled_from(sorted(ledger.active)), max_size=2)) if ledger.active else ():
        ready(ledger, name)
    ledger.mean_run_s = draw(st.sampled_from([None, 0.0, 0.001, 0.05, 0.5, 1.0, 60.0]))
    ledger.round_trip_s = draw(st.sampled_from([0.001, 0.05, 0.5]))
    ledger.is_paused = draw(st.booleans())
    return ledger


def lost(ledger: Ledger) -> set[str]:
    return {
        worker
        for worker, crew in ledger.workers.items()
        if crew.is_dead or (not crew.is_local and crew.looked_s - crew.beat_seen_s > ledger.timings.lease_s)
    }


@given(pictures())
def test_what_holds_for_every_picture(ledger: Ledger) -> None:
    actions = policy.plan(ledger, NOW_S)
    given_up = {action.job for action in actions if isinstance(action, GiveUp)}
    buried = [action.worker for action in actions if isinstance(action, Bury)]
    handed = [action for action in actions if isinstance(action, HandOut)]
    taken = [action for action in actions if isinstance(action, TakeBack)]
    takers = {w for w, crew in ledger.workers.items() if not crew.is_draining} - lost(ledger)

    assert sorted(buried) == sorted(lost(ledger))
    assert given_up == {job for job, count in ledger.crashes.items() if count >= 2 and job in ledger.waiting}

    jobs = [action.job for action in handed]
    assert len(set(jobs)) == len(jobs)
    assert jobs == sorted(jobs, key=natural_key)
    assert not set(jobs) & (given_up | ledger.active.keys())
    assert all(ledger.waiting[job].readiness is Readiness.READY for job in jobs)
    assert {action.worker for action in handed} | {action.target for action in taken} <= takers
    if ledger.is_paused:
        assert not handed
        assert not taken

    loads = Counter({worker: crew.load for worker, crew in ledger.workers.items()})
    for action in handed:
        loads[action.worker] += 1
        assert loads[action.worker] <= max(1, policy.depth(ledger))

    for source, count in Counter(action.source for action in taken).items():
        assert source not in buried
        assert count <= len(ledger.workers[source].pod)
    assert len({action.job for action in taken}) == len(taken)
    assert all(action.job in ledger.workers[action.source].pod for action in taken)
    assert all(ledger.workers[action.target].load == 0 for action in taken)
    assert len({action.target for action in taken}) == len(taken)


@given(pictures())
def test_nobody_who_could_work_is_left_without_while_jobs_wait(ledger: Ledger) -> None:
    ledger.is_paused = False
    actions = policy.plan(ledger, NOW_S)
    busy = {action.worker for action in actions if isinstance(action, HandOut)}
    idle = {w for w, c in ledger.workers.items() if not c.is_draining and not c.load} - lost(ledger) - busy
    given_up = {action.job for action in actions if isinstance(action, GiveUp)}
    left = {waiting.name for waiting in ledger.ready()} - given_up
    left -= {action.job for action in actions if isinstance(action, HandOut)}
    assert not (idle and left)


def with_workers(count: int, **timings: float) -> Ledger:
    ledger = Ledger(Timings(**timings))  # type: ignore[arg-type]
    for number in range(count):
        ledger.worker_came(announcement(f"w{number}"), is_local=True, now_s=NOW_S)
    return ledger


def test_jobs_go_to_who_holds_least() -> None:
    ledger = with_workers(3)
    ready(ledger, "a", "b", "c", "d")
    plan = policy.plan(ledger, NOW_S)
    assert sorted((action.job, action.worker) for action in plan if isinstance(action, HandOut)) == [
        ("a", "w0"),
        ("b", "w1"),
        ("c", "w2"),
    ]


@pytest.mark.parametrize(
    ("mean_s", "round_trip_s", "depth"),
    [
        (None, 0.05, 1),
        (1.0, 0.5, 2),
        (60.0, 0.5, 1),
        (60.0, 20.0, 2),
        (1.0, 20.0, 41),
        (1.0, 0.05, 1),
        (0.5, 0.05, 2),
        (0.05, 0.05, 3),
        (0.01, 0.05, 11),
        (0.001, 0.05, 64),
        (0.0, 0.05, 64),
    ],
)
def test_a_pod_is_as_deep_as_two_round_trips_need(mean_s: float | None, round_trip_s: float, depth: int) -> None:
    ledger = Ledger()
    ledger.mean_run_s, ledger.round_trip_s = mean_s, round_trip_s
    assert policy.depth(ledger) == depth


def test_attempts_are_counted() -> None:
    ledger = with_workers(1)
    ready(ledger, "job")
    ledger.attempts["job"] = 3
    assert policy.plan(ledger, NOW_S) == [HandOut("job", "w0", 4)]


def test_a_worker_of_another_host_is_lost_when_its_beat_stands_still_for_the_lease() -> None:
    ledger = Ledger(Timings(lease_s=30))
    ledger.worker_came(announcement("w"), is_local=False, now_s=100)
    for now_s in range(110, 141):
        ledger.worker_beat("w", 7, now_s)
        assert policy.plan(ledger, now_s) == []
    ledger.worker_beat("w", 7, 140.1)
    assert policy.plan(ledger, 140.1) == [Bury("w", "no sign of life for 30 s")]
    ledger.worker_beat("w", 3, 141)  # it may count backwards: only that it changed matters
    assert policy.plan(ledger, 141) == []


def test_a_worker_of_this_host_is_lost_by_its_process_alone() -> None:
    ledger = with_workers(1)
    assert policy.plan(ledger, NOW_S + 10_000) == []
    ledger.worker_died("w0")
    assert policy.plan(ledger, NOW_S) == [Bury("w0", "its process is gone")]


def test_a_job_that_took_too_many_workers_down_is_given_up_and_not_handed_out() -> None:
    ledger = with_workers(1, crash_limit=2)
    ready(ledger, "job")
    ledger.job_crashed_worker("job")
    assert policy.plan(ledger, NOW_S) == [HandOut("job", "w0", 1)]
    ledger.job_crashed_worker("job")
    assert policy.plan(ledger, NOW_S) == [GiveUp("job", "2 workers were lost while they ran it, and so it is given up")]


def test_who_is_idle_gets_what_lies_behind_a_long_job() -> None:
    ledger = with_workers(2)
    for job in ("a", "b", "c"):
        ledger.job_handed(job, "w0", NOW_S)
    ledger.job_started("a", "w0", NOW_S, 1)
    assert policy.plan(ledger, NOW_S) == []
    assert policy.plan(ledger, NOW_S + 1) == [TakeBack("c", "w0", "w1")]


def test_the_last_in_natural_order_is_taken_back_first() -> None:
    ledger = with_workers(2)
    for job in ("run", "job2", "job10"):
        ledger.job_handed(job, "w0", NOW_S)
    ledger.job_started("run", "w0", NOW_S, 1)
    assert policy.plan(ledger, NOW_S + 1) == [TakeBack("job10", "w0", "w1")]


def behind_a_long_run() -> Ledger:
    """One worker runs for long and has a job behind that, the other has just begun."""
    ledger = with_workers(2)
    ledger.mean_run_s, ledger.round_trip_s = 2.0, 1.0
    ready(ledger, "long", "behind", "short")
    for job, worker in (("long", "w0"), ("behind", "w0"), ("short", "w1")):
        ledger.job_handed(job, worker, NOW_S - 100)
    ledger.job_started("long", "w0", NOW_S - 99, 1)
    ledger.job_started("short", "w1", NOW_S - 1, 1)
    ledger.mean_run_s, ledger.round_trip_s = 2.0, 1.0
    return ledger


def test_what_lies_behind_a_long_run_is_called_back_while_others_are_handed_out() -> None:
    ledger = behind_a_long_run()
    ready(ledger, "next")
    assert policy.plan(ledger, NOW_S) == [HandOut("next", "w1", 1), Recall("behind", "w0")]


def test_a_worker_with_a_long_run_gets_nothing_beside() -> None:
    ledger = behind_a_long_run()
    ready(ledger, *(f"job{number}" for number in range(9)))
    assert {action.worker for action in policy.plan(ledger, NOW_S) if isinstance(action, HandOut)} == {"w1"}


def test_long_round_trips_are_learnt_and_one_tells_little() -> None:
    ledger = with_workers(1)
    for number in range(60):
        job = f"job{number}"
        ready(ledger, job)
        ledger.job_handed(job, "w0", NOW_S)
        ledger.job_started(job, "w0", NOW_S + 20, 1)
        ledger.job_lost_track(job)
        ledger.workers["w0"].since_s = NOW_S
        if not number:
            assert ledger.round_trip_s < 0.1
    assert 15 < ledger.round_trip_s <= 20
