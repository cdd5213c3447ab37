"""Who may have which job: tags, processors, memory, time that is left, a host that is kept free, and a halt."""

from typing import Any

import pytest

from fjd import policy
from fjd.jobfile import Terms
from fjd.ledger import Ledger, Rules
from fjd.ledger.rules import parse_halt, parse_load
from fjd.policy import GiveUp, HandOut, Kill, PassOver, Recall, TakeBack
from fjd.settings import Timings
from fjd.snapshot import JobState, JobView
from tests.unit.made import STAMP, announcement

NOW_S = 1000.0
GIB = 1 << 30


def crew(*offers: dict[str, Any]) -> Ledger:
    """A ledger with workers ``w0``, ``w1`` and so on, who have this to offer."""
    ledger = Ledger(Timings(grace_s=5, reserve_s=60))
    for number, offer in enumerate(offers):
        has = {"cpus": 4, "memory_bytes": 8 * GIB, **offer}
        ledger.worker_came(announcement(f"w{number}", **has), is_local=False, now_s=NOW_S)
    return ledger


def wait(ledger: Ledger, name: str, **terms: Any) -> None:
    ledger.job_appeared(name)
    ledger.job_read(name, STAMP, "true", "", Terms(**terms))


def run(ledger: Ledger, name: str, worker: str, now_s: float = NOW_S, **terms: Any) -> None:
    wait(ledger, name, **terms)
    ledger.job_handed(name, worker, now_s)
    ledger.job_started(name, worker, now_s, 1)


def handed(ledger: Ledger, now_s: float = NOW_S) -> dict[str, str]:
    """Return who is to get what."""
    beat(ledger, now_s)
    return {action.job: action.worker for action in policy.plan(ledger, now_s) if isinstance(action, HandOut)}


def beat(ledger: Ledger, now_s: float) -> None:
    for worker in ledger.workers:
        ledger.worker_beat(worker, int(now_s * 1000), now_s)


def test_a_job_goes_to_a_worker_that_has_all_its_tags_and_holds_up_nobody() -> None:
    ledger = crew({"tags": ("gpu",)}, {}, {"tags": ("big", "gpu")})
    wait(ledger, "a", tags=frozenset({"gpu", "fast"}))
    wait(ledger, "b", tags=frozenset({"gpu", "big"}))
    wait(ledger, "c")
    assert handed(ledger) == {"b": "w2", "c": "w1"}


def test_jobs_without_tags_go_to_workers_with_few_first() -> None:
    ledger = crew({"tags": ("gpu",)}, {"tags": ("gpu",)}, {})
    wait(ledger, "a")
    wait(ledger, "b", tags=frozenset({"gpu"}))
    wait(ledger, "c")
    assert handed(ledger) == {"a": "w2", "b": "w0", "c": "w1"}


def test_processors_are_shared_by_all_workers_of_a_host() -> None:
    ledger = crew({}, {}, {}, {"host": "far"})
    run(ledger, "plain", "w0")  # which says nothing, and so takes one
    wait(ledger, "a", cpus=3)
    wait(ledger, "b", cpus=2)
    wait(ledger, "c", cpus=2)
    assert handed(ledger) == {"a": "w1", "b": "w3"}


def test_memory_is_what_the_host_has_less_what_was_asked_for_and_on_this_host_what_is_free() -> None:
    ledger = crew({}, {}, {})
    run(ledger, "a", "w0", memory_bytes=5 * GIB)
    wait(ledger, "b", memory_bytes=4 * GIB)
    wait(ledger, "c", memory_bytes=3 * GIB)
    assert handed(ledger) == {"c": "w1"}
    ledger.workers["w0"].is_local = True
    ledger.available_bytes = 7 * GIB  # of which 5 were promised a moment ago
    assert handed(ledger) == {}
    ledger.available_bytes = 3 * GIB
    assert handed(ledger, NOW_S + 20) == {"c": "w1"}  # by now it has taken what it wanted


def test_a_host_is_kept_free_for_who_waits_too_long_and_only_that_one() -> None:
    ledger = crew({}, {}, {"host": "far", "cpus": 2}, {"host": "far", "cpus": 2})
    run(ledger, "one", "w0")
    wait(ledger, "big", cpus=4)
    wait(ledger, "small1")
    beat(ledger, NOW_S)
    assert policy.plan(ledger, NOW_S) == [PassOver("big"), HandOut("small1", "w1", 1)]
    ledger.job_passed_over("big", NOW_S)
    assert handed(ledger, NOW_S + 50) == {"small1": "w1"}
    wait(ledger, "urgent", priority=1)
    wait(ledger, "small2")
    wait(ledger, "small3")
    assert handed(ledger, NOW_S + 61) == {"urgent": "w1", "small1": "w2", "small2": "w3"}
    ledger.job_left_queue("urgent")
    ledger.job_ended(JobView("one", JobState.DONE, worker="w0"), NOW_S + 62)
    assert handed(ledger, NOW_S + 62) == {"big": "w0", "small1": "w2", "small2": "w3"}


def test_no_host_is_kept_free_that_others_use_up() -> None:
    ledger = crew({}, {})
    ledger.workers["w0"].is_local = ledger.workers["w1"].is_local = True
    ledger.available_bytes = GIB
    wait(ledger, "big", memory_bytes=6 * GIB)
    ledger.job_passed_over("big", NOW_S)
    wait(ledger, "small")
    assert policy.plan(ledger, NOW_S + 61) == [PassOver("big"), HandOut("small", "w0", 1)]


def test_a_job_must_fit_into_what_is_left_of_a_workers_time() -> None:
    ledger = crew({"time_limit_s": 100.0}, {"time_limit_s": 1000.0})
    wait(ledger, "a", timeout_s=80.0)
    wait(ledger, "b", timeout_s=95.0)
    wait(ledger, "c", timeout_s=2000.0)
    assert handed(ledger) == {"a": "w0", "b": "w1"}
    assert handed(ledger, NOW_S + 20) == {"a": "w1"}
    ledger.mean_run_s = 50.0
    wait(ledger, "d")
    assert handed(ledger, NOW_S + 50) == {"a": "w1"}
    assert handed(ledger, NOW_S + 30) == {"a": "w1", "d": "w0"}


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"tags": frozenset({"gpu"})}, "no worker here has the tag gpu"),
        ({"tags": frozenset({"gpu", "big"})}, "no worker here has the tags big, gpu"),
        ({"cpus": 8}, "no host of a worker here has 8 processors"),
        ({"memory_bytes": 16 * GIB}, "no host of a worker here has 16G of memory"),
        ({"timeout_s": 7200.0}, "no worker here has 2h left"),
        ({"cpus": 4}, ""),
    ],
)
def test_it_is_said_what_nobody_has(terms: dict[str, Any], reason: str) -> None:
    ledger = crew({"time_limit_s": 100.0}, {"time_limit_s": 10.0, "cpus": 2})
    wait(ledger, "job", **terms)
    demand = ledger.waiting["job"].demand
    offers = [policy.offer(ledger, one, NOW_S) for one in ledger.workers.values()]
    assert policy.misfit(demand, policy.length_s(ledger, demand), offers) == reason


def test_what_lies_behind_a_long_job_is_given_only_to_who_may_have_it() -> None:
    ledger = crew({"tags": ("gpu",)}, {}, {"tags": ("gpu",)})
    run(ledger, "long", "w0")
    for name in ("b", "c"):
        wait(ledger, name, tags=frozenset({"gpu"}))
        ledger.job_handed(name, "w0", NOW_S)
    beat(ledger, NOW_S + 1)
    assert policy.plan(ledger, NOW_S + 1) == [TakeBack("c", "w0", "w2")]


def test_nothing_goes_to_a_host_whose_load_is_at_its_limit() -> None:
    ledger = crew({}, {"host": "far"})
    ledger.workers["w0"].is_local = True
    ledger.rules = Rules(load_limit=4.0)
    ledger.load = 4.0
    wait(ledger, "a")
    wait(ledger, "b")
    assert handed(ledger) == {"a": "w1"}
    ledger.load = 3.9
    assert handed(ledger) == {"a": "w0", "b": "w1"}


# ---- halt


def ended(ledger: Ledger, done: int, failed: int) -> None:
    for number in range(done + failed):
        state = JobState.DONE if number < done else JobState.FAILED
        ledger.job_ended(JobView(f"job{number}", state, worker="w0"), NOW_S)


@pytest.mark.parametrize(
    ("text", "done", "failed", "is_reached"),
    [
        ("never", 5, 5, False),
        ("soon,fail=1", 5, 0, False),
        ("soon,fail=1", 5, 1, True),
        ("now,fail=2", 5, 1, False),
        ("now,success=5", 4, 4, False),
        ("now, success = 5", 5, 4, True),
        ("soon,done=9", 5, 4, True),
        ("now,fail=30%", 0, 2, False),
        ("now,fail=30%", 0, 3, True),
        ("now,fail=30%", 8, 3, False),
    ],
)
def test_a_halt_is_reached_by_what_ended_here(text: str, done: int, failed: int, is_reached: bool) -> None:
    ledger = crew({})
    ledger.rules = Rules(halt=parse_halt(text))
    ended(ledger, done, failed)
    assert bool(policy.reached(ledger)) is is_reached


def test_a_halt_takes_back_what_is_not_begun_and_kills_what_runs_only_now() -> None:
    for text, kills in (("soon,fail=1", []), ("now,fail=1", [Kill("runs", "w0")])):
        ledger = crew({}, {})
        run(ledger, "runs", "w0")
        wait(ledger, "lies")
        ledger.job_handed("lies", "w1", NOW_S)
        wait(ledger, "waits")
        ledger.rules = Rules(halt=parse_halt(text))
        ended(ledger, 0, 1)
        ledger.halted = policy.reached(ledger)
        assert ledger.halted == f"halted: 1 job failed (halt = {text})"
        beat(ledger, NOW_S)
        assert policy.plan(ledger, NOW_S) == [*kills, Recall("lies", "w1")]
        ledger.active["runs"].is_ending = True
        assert policy.plan(ledger, NOW_S) == [Recall("lies", "w1")]


@pytest.mark.parametrize(
    "text", ["soon", "fail=1", "later,fail=1", "now,fails=1", "now,fail", "now,fail=0", "now,fail=x%"]
)
def test_a_halt_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nothing|number|percentage"):
        parse_halt(text)


@pytest.mark.parametrize(("text", "load"), [("", None), ("8", 8.0), ("1.5", 1.5), ("150%", 6.0)])
def test_a_load_is_a_number_or_a_share_of_the_processors(text: str, load: float | None) -> None:
    assert parse_load(text, 4) == load


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan", "x%"])
def test_a_load_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no load|no percentage"):
        parse_load(text, 4)


def test_who_waits_for_what_has_failed_is_given_up() -> None:
    ledger = crew({})
    wait(ledger, "a", after=("a",))
    ledger.settle()
    beat(ledger, NOW_S)
    assert policy.plan(ledger, NOW_S) == [GiveUp("a", "it waits for itself")]
