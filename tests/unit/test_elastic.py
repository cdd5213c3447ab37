"""How large an elastic crew should be: decisions one by one, and whole runs over a virtual clock."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.jobfile import Terms
from fjd.ledger import Demand, Ledger
from fjd.ledger import Rules as DispatchRules
from fjd.policy import Offer
from fjd.policy.elastic import (
    NO_SETBACK,
    Coming,
    Decision,
    Keeps,
    Kind,
    Member,
    Place,
    Queue,
    Rules,
    Setback,
    Sights,
    Staff,
    Way,
    decide,
    failed,
)
from tests.properties.profiles import PROFILE
from tests.unit.elastic_run import ENDLESS, OFFER, Run, rules
from tests.unit.made import STAMP, announcement

NOW_S = 1000.0
GIB = 1 << 30


def kind(count: int = 1, waited_s: float = 5.0, **demand: Any) -> Kind:
    return Kind(Demand(**demand), count, waited_s, demand.get("timeout_s") or 0.0)


def member(name: str, idle_s: float | None = None, **changes: Any) -> Member:
    return replace(Member(name, "here", OFFER, idle_s, is_ours=True), **changes)


def hires(decision: Decision) -> dict[str, int]:
    found: dict[str, int] = {}
    for hire in decision.hires:
        found[hire.place] = found.get(hire.place, 0) + hire.count
    return found


def keeps(decision: Decision) -> list[Keeps]:
    return [remark.keeps for remark in decision.remarks]


def plan(wanted: Rules, queue: Queue, staff: Staff | None = None, **more: Any) -> Decision:
    return decide(wanted, queue, staff or Staff(), NOW_S, **more)


# ---- hiring


def test_a_job_that_nobody_serves_is_hired_for_at_once_and_says_why() -> None:
    decision = plan(rules(), Queue((kind(3),)))
    assert hires(decision) == {"here": 3}
    assert decision.hires[0].why == "3 jobs have waited 5 s, and a worker takes 2 s to come"


def test_what_has_just_come_may_be_handed_out_in_a_moment() -> None:
    assert plan(rules(), Queue((kind(3, waited_s=0.5),))) == Decision()


def test_who_is_idle_or_on_the_way_is_counted_on() -> None:
    staff = Staff((member("a", 1.0), member("b")), (Coming("here", 2),))
    assert hires(plan(rules(), Queue((kind(5),)), staff)) == {"here": 2}
    assert hires(plan(rules(), Queue((kind(3),)), staff)) == {}


def test_nobody_is_hired_for_what_those_who_are_there_do_sooner_than_one_comes() -> None:
    staff = Staff((member("a"), member("b")), starts_s={"here": 600.0})
    short = Queue((kind(10),), mean_run_s=60.0)
    assert hires(plan(rules(), short, staff)) == {}
    long = Queue((kind(100),), mean_run_s=60.0)
    assert hires(plan(rules(), long, staff)) == {"here": 8}
    many = Queue((kind(50),), mean_run_s=60.0)
    assert hires(plan(rules(), many, staff)) == {"here": 3}, "fifty minutes of work, and each does ten in ten minutes"


def test_before_any_job_has_ended_the_waiting_itself_tells() -> None:
    staff = Staff((member("a"),), starts_s={"here": 30.0})
    assert hires(plan(rules(), Queue((kind(2, waited_s=29.0),)), staff)) == {}
    assert hires(plan(rules(), Queue((kind(2, waited_s=31.0),)), staff)) == {"here": 2}


def test_the_most_is_kept_whoever_is_there_and_said() -> None:
    staff = Staff((member("a"), member("b", is_leaving=True)), (Coming("elsewhere", 2),))
    decision = plan(rules(most=6), Queue((kind(9),)), staff)
    assert hires(decision) == {"here": 2}
    decision = plan(rules(most=4), Queue((kind(9),)), staff)
    assert (hires(decision), keeps(decision)) == ({}, [Keeps.FULL])


def test_the_least_is_hired_without_any_job_also_while_nothing_is_handed_out() -> None:
    assert hires(plan(rules(least=3), Queue(held="paused"), Staff((member("a", 1.0),)))) == {"here": 2}
    assert hires(plan(rules(), Queue((kind(3),), held="paused"))) == {}


def test_no_more_than_the_rate_within_a_minute() -> None:
    wanted = rules(most=100, rate=10)
    recent = [(NOW_S - 70, 10), (NOW_S - 50, 4), (NOW_S - 1, 3)]
    assert hires(plan(wanted, Queue((kind(50),)), recent=recent)) == {"here": 3}
    decision = plan(wanted, Queue((kind(50),)), recent=[*recent, (NOW_S, 3)])
    assert (hires(decision), keeps(decision)) == ({}, [Keeps.RATE])


@pytest.mark.parametrize(
    ("demand", "lack"),
    [
        ({"tags": frozenset({"gpu"})}, "the tag gpu"),
        ({"cpus": 9}, "9 processors"),
        ({"memory_bytes": 2 * GIB}, "2.0G of memory"),
    ],
)
def test_nobody_is_hired_for_a_job_that_no_such_worker_may_run(demand: dict[str, Any], lack: str) -> None:
    decision = plan(rules(), Queue((kind(3, **demand),)))
    assert (hires(decision), keeps(decision)) == ({}, [Keeps.NOBODY_MAY])
    assert lack.replace("2.0G", "2G") in decision.remarks[0].text


def test_nobody_is_hired_for_a_job_that_takes_longer_than_such_a_worker_stays() -> None:
    wanted = Rules(0, 5, (Place("slurm", Way.CLUSTER, time_limit_s=3600.0),))
    assert hires(plan(wanted, Queue((kind(1, timeout_s=3500.0),)))) == {"slurm": 1}
    assert keeps(plan(wanted, Queue((kind(1, timeout_s=4000.0),)))) == [Keeps.NOBODY_MAY]


def test_of_hosts_that_nobody_has_seen_one_worker_shows_what_they_have() -> None:
    wanted = Rules(0, 8, (Place("nova", Way.SSH),))
    large = Queue((kind(5, cpus=16),))
    assert hires(plan(wanted, large)) == {"nova": 1}
    assert hires(plan(wanted, large, Staff(coming=(Coming("nova", 1),)))) == {}
    assert keeps(plan(wanted, large, Staff(sizes={"nova": frozenset({(8, GIB)})}))) == [Keeps.NOBODY_MAY]
    assert hires(plan(wanted, large, Staff(sizes={"nova": frozenset({(32, GIB)})}))) == {"nova": 5}
    assert hires(plan(wanted, Queue((kind(5),)))) == {"nova": 5}, "what asks for nothing need not know"


def test_places_are_filled_one_after_the_other_and_each_kind_goes_where_it_may_run() -> None:
    gpu = Place("gpus", Way.CLUSTER, frozenset({"gpu"}))
    wanted = Rules(0, 20, (Place("nova", Way.SSH, most=2), gpu))
    queue = Queue((kind(5), kind(2, tags=frozenset({"gpu"}))))
    assert hires(plan(wanted, queue)) == {"nova": 2, "gpus": 5}


def test_a_host_takes_one_worker_a_processor_and_until_that_is_known_one() -> None:
    wanted = Rules(0, 20, (Place("nova", Way.SSH, is_one_each_cpu=True),))
    assert hires(plan(wanted, Queue((kind(9),)))) == {"nova": 1}
    staff = Staff((member("a", place="nova"),), sizes={"nova": frozenset({(4, GIB)})})
    assert hires(plan(wanted, Queue((kind(9),)), staff)) == {"nova": 3}


def test_workers_that_share_a_job_of_the_scheduler_come_together() -> None:
    wanted = Rules(0, 10, (Place("slurm", Way.CLUSTER, step=4),))
    assert hires(plan(wanted, Queue((kind(5),)))) == {"slurm": 8}
    assert hires(plan(wanted, Queue((kind(9),)))) == {"slurm": 10}


def test_where_the_load_is_at_its_limit_nobody_is_hired() -> None:
    decision = plan(rules(), Queue((kind(2),), closed=frozenset({"here"})))
    assert (hires(decision), keeps(decision)) == ({}, [Keeps.CLOSED])


# ---- firing


def test_the_idle_go_the_longest_idle_first_and_never_below_the_least() -> None:
    staff = Staff((member("a", 400.0), member("b", 500.0), member("c", 10.0), member("d"), member("e", 900.0)))
    assert [fire.worker for fire in plan(rules(least=3), Queue(), staff).fires] == ["e", "b"]


def test_none_goes_whom_somebody_else_hired_or_for_whom_something_waits() -> None:
    staff = Staff((member("a", 400.0, is_ours=False), member("b", 400.0)))
    assert [fire.worker for fire in plan(rules(), Queue(), staff).fires] == ["b"]
    assert not plan(rules(), Queue((kind(1),)), staff).fires
    gpu = Queue((kind(1, tags=frozenset({"gpu"})),))
    assert [fire.worker for fire in plan(rules(), gpu, staff).fires] == ["b"]
    assert [fire.worker for fire in plan(rules(), Queue((kind(1),), held="paused"), staff).fires] == ["b"]


def test_who_took_long_to_come_is_not_sent_away_sooner() -> None:
    staff = Staff((member("a", 400.0),), starts_s={"here": 600.0})
    assert not plan(rules(), Queue(), staff).fires
    assert plan(rules(), Queue(), replace(staff, members=(member("a", 601.0),))).fires


def test_a_crew_that_is_too_large_shrinks_at_once_as_far_as_it_is_idle() -> None:
    staff = Staff((member("a", 1.0), member("b"), member("c", 2.0)), (Coming("here", 1, 1.0, "k"),))
    decision = plan(rules(most=1), Queue(), staff)
    assert [fire.worker for fire in decision.fires] == ["c", "a"]
    assert [one.key for one in decision.called_off] == ["k"]


def test_who_has_not_come_is_called_off_when_nothing_waits_any_more() -> None:
    staff = Staff((member("a"),), (Coming("here", 2, 400.0, "old"), Coming("here", 1, 20.0, "new"), Coming("here", 3)))
    assert [one.key for one in plan(rules(), Queue(), staff).called_off] == ["old"]
    assert not plan(rules(), Queue((kind(9),)), staff).called_off
    assert not plan(rules(least=6), Queue(), staff).called_off


# ---- failures


def test_after_some_failures_it_pauses_and_each_pause_is_twice_as_long() -> None:
    setback, delays = NO_SETBACK, []
    for _ in range(9):
        setback = failed(setback, "down", NOW_S, failures=3, pause_s=300.0)
        delays.append(setback.until_s - NOW_S)
    assert delays == [5, 10, 300, 600, 1200, 2400, 3600, 3600, 3600]
    assert setback.is_pause


def test_a_place_that_failed_is_left_alone_and_another_is_asked() -> None:
    wanted = Rules(0, 8, (Place("nova", Way.SSH), Place("vega", Way.SSH)))
    pause = Setback(3, "Connection refused", NOW_S + 100, 300.0)
    decision = plan(wanted, Queue((kind(4),)), setbacks={"nova": pause})
    assert (hires(decision), keeps(decision)) == ({"vega": 4}, [Keeps.SETBACK])
    assert decision.remarks[0].text == "hiring on nova is paused for 1m40s after 3 failures: Connection refused"
    over = replace(pause, until_s=NOW_S)
    assert hires(plan(rules(), Queue((kind(4),)), setbacks={"here": over})) == {"here": 1}, "a trial"


# ---- what is seen


def wait(ledger: Ledger, name: str, **terms: Any) -> None:
    ledger.job_appeared(name)
    ledger.job_read(name, STAMP, "true", "", Terms(**terms))


def test_how_long_jobs_wait_is_seen_by_one_that_stays() -> None:
    ledger, sights = Ledger(), Sights()
    for name in ("job1", "job2"):
        wait(ledger, name)
    assert sights.take(ledger, rules(), 10.0).queue.kinds[0].waited_s == 0
    ledger.job_left_queue("job1")
    wait(ledger, "job3")
    (seen,) = sights.take(ledger, rules(), 15.0).queue.kinds
    assert (seen.count, seen.waited_s) == (2, 5.0)
    ledger.job_left_queue("job2")
    assert sights.take(ledger, rules(), 16.0).queue.kinds[0].waited_s == 0, "job3 was marked just now"
    ledger.job_left_queue("job3")
    assert sights.take(ledger, rules(), 17.0).queue.kinds == ()


def test_workers_are_seen_with_their_place_and_what_they_do() -> None:
    ledger = Ledger()
    wanted = Rules(0, 9, (Place("local"), Place("nova", Way.SSH), Place("slurm", Way.CLUSTER)))
    come: tuple[tuple[str, bool, dict[str, Any]], ...] = (
        ("a", True, {"by": "crew"}),
        ("b", False, {"via": "nova"}),
        ("c", False, {}),
        ("d", True, {}),
    )
    for name, is_local, said in come:
        one = replace(announcement(name, cpus=4, **said), kind={"c": "slurm", "d": "hand"}.get(name, "screen"))
        ledger.worker_came(one, is_local=is_local, now_s=10.0)
    ledger.worker_drains("b")
    wait(ledger, "job")
    ledger.job_handed("job", "c", 11.0)
    ledger.worker_died("d")
    ledger.is_paused = True
    sight = Sights().take(ledger, wanted, 15.0)
    assert [(one.id, one.place, one.idle_s, one.is_leaving, one.is_ours) for one in sight.members] == [
        ("a", "local", 5.0, False, True),
        ("b", "nova", 5.0, True, False),
        ("c", "slurm", None, False, False),
    ]
    assert sight.dead == frozenset({"d"})
    assert sight.queue.held == "the spool is paused"


def test_a_host_with_too_much_to_do_is_closed() -> None:
    ledger = Ledger()
    ledger.rules, ledger.load = DispatchRules(load_limit=2.0), 3.0
    wanted = Rules(0, 9, (Place("local"), Place("slurm", Way.CLUSTER)))
    assert Sights().take(ledger, wanted, 1.0).queue.closed == {"local"}


# ---- whole runs


@pytest.mark.parametrize("start_s", [1.0, 30.0, 600.0])
def test_a_burst_is_done_and_everybody_goes_again(start_s: float) -> None:
    run = Run(rules(most=20, rate=100), start_s=start_s, job_s=20.0)
    run.submit(100)
    run.play(start_s * 3 + 400, step_s=1.0)
    assert run.done == 100
    run.play(2 * max(start_s, 300) + 60, step_s=1.0)
    assert (run.size, run.hired) == (0, run.fired + run.called_off)
    assert run.hired <= 20, "nobody is hired twice for one burst"


def test_a_ramp_is_followed() -> None:
    run = Run(rules(most=50, rate=1000), start_s=5.0, job_s=10.0)
    sizes = []
    for minute in range(1, 6):
        for _ in range(60):
            run.submit(minute)
            run.play(1.0)
        sizes.append(run.staying)
    assert sizes == sorted(sizes)
    assert 10 <= sizes[0] <= 25
    assert sizes[-1] == 50
    assert max(run.waited_s[100:600]) < 30


def test_bursts_that_come_again_before_the_idle_are_fired_cost_no_hiring() -> None:
    run = Run(rules(most=10, rate=100), start_s=10.0, job_s=20.0)
    for _ in range(20):
        run.submit(10)
        run.play(200.0, step_s=1.0)
    assert (run.hired, run.fired) == (10, 0)


def test_a_steady_trickle_is_served_by_few_who_stay() -> None:
    run = Run(rules(most=10, rate=100), start_s=2.0, job_s=1.0)
    for _ in range(300):
        run.submit(1)
        run.play(4.0)
    assert run.hired <= 2
    assert run.fired == 0


def test_the_least_is_there_all_the_time_and_again_when_some_are_lost() -> None:
    run = Run(rules(least=3, most=10), start_s=5.0)
    run.play(10.0)
    assert run.staying == 3
    run.play(1000.0)
    assert (run.staying, run.hired) == (3, 3)
    del run.workers["w1"]
    run.play(10.0)
    assert run.staying == 3


def test_a_broken_scheduler_is_asked_ever_more_seldom_and_heals() -> None:
    run = Run(rules(most=10), is_broken=True)
    run.submit(10)
    run.play(2 * 3600.0, step_s=1.0)
    assert len(run.asked) <= 8
    assert [count for _, count in run.asked[3:]] == [1] * (len(run.asked) - 3), "after a pause one is tried"
    run.is_broken = False
    run.play(3700.0, step_s=1.0)
    assert run.done == 10


job_bursts = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 120)), min_size=1, max_size=6)


@PROFILE
@given(
    job_bursts,
    st.integers(0, 4),
    st.integers(4, 15),
    st.sampled_from((1.0, 20.0, 600.0)),
    st.sampled_from((1.0, 7.0, 90.0)),
    st.integers(1, 40),
    st.sampled_from((5.0, 60.0)),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_whatever_comes_the_bounds_are_kept(
    bursts: list[tuple[int, int]],
    least: int,
    most: int,
    start_s: float,
    job_s: float,
    rate: int,
    idle_s: float,
    broken: list[bool],
) -> None:
    """`Run` checks at each step that no more than the most are there, that none is fired who is busy, none below the
    least, and that the rate is kept."""
    wanted = rules(least=least, most=most, rate=rate, idle_timeout_s=idle_s, pause_s=30.0)
    run = Run(wanted, start_s=start_s, job_s=job_s)
    for (count, seconds), is_broken in zip(bursts, broken, strict=False):
        run.is_broken = is_broken
        run.submit(count)
        run.play(seconds, step_s=1.0)
    run.is_broken = False
    run.play(120 + 60 * max(1, least // rate) + start_s, step_s=1.0)
    assert least <= run.staying
    assert run.size <= most


def test_the_offers_are_those_that_decide_who_may_run_a_job() -> None:
    small = Offer(frozenset(), 2, GIB, ENDLESS)
    busy = Staff((member("a", offer=small),))
    assert hires(plan(rules(), Queue((kind(2, cpus=4),), mean_run_s=0.1), busy)) == {"here": 1}
