"""The simulator itself, and what the policy promises, in virtual time: the same on any machine, however busy."""

from collections import Counter
from dataclasses import replace

import pytest

from fjd.dispatcher import Dispatcher, Until
from fjd.settings import Timings
from fjd.spool import create, syscalls
from tests.crew import Crew, until
from tests.simulate import lengths, scenario, storage
from tests.simulate.clock import BEGIN_S
from tests.simulate.scenario import Result, Scenario
from tests.simulate.world import World

CALL_S = 1e-5
"""So much processor time a system call, so that each run is the same."""
SMALL = Scenario("local", 8, 200, 1.0, call_s=CALL_S)


def simulated(kind: str, workers: int, drawn: "list[float]") -> World:
    world = World(storage.named(kind), workers, drawn, call_s=CALL_S)
    world.run()
    return world


def same(result: Result) -> Result:
    """All of it but how long the simulation took."""
    return replace(result, real_s=0.0)


@pytest.mark.parametrize("kind", ["local", "nfs", "slow"])
def test_every_job_ends_once_and_the_books_agree(kind: str) -> None:
    """That none begins twice each begin asserts."""
    world = simulated(kind, 5, [0.3, 0.01, 2.0] * 20)
    assert world.dispatcher is not None
    counts = world.dispatcher.ledger.counts
    assert (counts.unfinished, counts.done, counts.failed) == (0, 60, 0)
    assert world.crew.ended == 60
    assert set(world.tree.directories["/spool/done"].entries) == {f"job{number}" for number in range(60)}
    assert not world.tree.directories["/spool/jobqueue"].entries


def test_the_same_seed_gives_the_same_run() -> None:
    assert same(scenario.run(SMALL)) == same(scenario.run(SMALL))
    assert same(scenario.run(SMALL)) != same(scenario.run(replace(SMALL, seed=2)))


def test_jobs_that_come_bit_by_bit_all_end() -> None:
    assert scenario.run(replace(SMALL, backlog=20)).done == SMALL.jobs


def test_a_start_asks_a_far_server_twenty_times_for_each_worker_and_no_more() -> None:
    """With 10,000 workers that is what a user waits for: 36 trips each were 143 s."""
    world = World(storage.named("nfs"), 100, [600.0] * 200, call_s=0.0, limit_s=2.0)
    world.run()
    assert world.crew.first_s - BEGIN_S <= 20 * 100 * storage.NFS_TRIP_S + 0.7  # beside a worker's next look


def test_nobody_is_idle_while_files_of_the_queue_are_still_to_be_read() -> None:
    """Reading 20,000 takes longer than these jobs by far, and so much of the queue as is read is handed out."""
    world = World(storage.named("local"), 2, [0.01] * 20_000, call_s=CALL_S, limit_s=1.5)
    world.run()
    assert world.dispatcher is not None
    assert world.dispatcher.ledger.unread
    assert world.crew.ended >= 0.8 * 2 * 1.5 / 0.01


def test_the_further_the_server_the_less_work() -> None:
    shares = [
        scenario.run(replace(SMALL, storage=str(trip_ms), workers=100, jobs=800)).busy for trip_ms in (0.1, 2.0, 20.0)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    assert shares[-1] < 0.5


@pytest.mark.parametrize("kind", list(lengths.KINDS))
def test_lengths_have_their_mean_and_a_list_schedule_keeps_its_bound(kind: str) -> None:
    drawn = lengths.made(kind, 1000, 10.0, 1)
    assert sum(drawn) / len(drawn) == pytest.approx(10.0, rel=0.01)
    best_s = max(sum(drawn) / 7, max(drawn))
    assert best_s <= lengths.list_schedule_s(drawn, 7) <= lengths.bound_s(drawn, 7)


def test_no_run_is_faster_than_the_work_takes() -> None:
    drawn = list(lengths.made("unequal", 300, 1.0, 3))
    crew = simulated("local", 4, drawn).crew
    assert crew.last_s - crew.first_s >= max(sum(drawn) / 4, max(drawn))


@pytest.mark.parametrize(("kind", "seed"), [("local", 1), ("nfs", 2)])
def test_the_tail_of_very_unequal_jobs_is_within_two_percent(kind: str, seed: int) -> None:
    """Of Graham's bound, which holds for any schedule that leaves nobody idle while a job waits."""
    result = scenario.run(Scenario(kind, 16, 1600, 10.0, "unequal", seed, CALL_S))
    assert result.done == 1600
    assert result.over_bound <= 1.02
    assert result.over_list <= 1.02


def test_a_short_job_does_not_wait_behind_a_long_one_while_others_begin() -> None:
    """Over a server that is far away pods are deep; what lies behind the long one is called back."""
    drawn = [0.5] * 400
    drawn[20] = 500.0
    crew = simulated("slow", 4, drawn).crew
    ended_s = sorted(begin + length for begin, length in zip(crew.begun, drawn, strict=True))
    assert ended_s[-2] - crew.first_s < 250.0


def test_the_changes_that_are_counted_are_those_of_a_real_run(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the dispatcher, on a real disk with a real worker: the same renames, and hardly anything else."""
    jobs = 60
    for number in range(jobs):
        crew.submit(f"job{number}", "/bin/true")
    crew.worker()
    until(lambda: list((crew.root / "workerqueue").iterdir()))
    made: Counter[str] = Counter()
    monkeypatch.setattr(syscalls, "probe", lambda when, what, _path: made.update([what] if when == "after" else []))
    Dispatcher(create.open_spool(str(crew.root)), Timings()).run(until=Until.EMPTY)
    world = simulated("local", 1, [0.001] * jobs)
    assert made["rename"] == pytest.approx(world.system.calls["rename"], abs=jobs / 10)
    changes = ("rename", "unlink", "utime", "write")
    assert sum(world.system.calls[change] for change in changes) <= made.total() + jobs / 10


def test_what_a_job_costs_does_not_grow_with_the_crew() -> None:
    """In system calls, while each worker ends as many jobs a second."""
    small, large = (scenario.run(Scenario("local", size, 3 * size, 10.0, call_s=CALL_S)) for size in (50, 200))
    assert sum(large.calls.values()) <= 1.1 * sum(small.calls.values())


def test_journals_of_workers_here_are_not_looked_into_in_vain() -> None:
    """Each change is told by an event; half of the time went into looking at all of them when there were thousands."""
    assert scenario.run(Scenario("local", 400, 1200, 30.0, call_s=2e-4)).calls["read"] <= 15
