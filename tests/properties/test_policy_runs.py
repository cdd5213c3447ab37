"""Whole runs of the policy in a simulator: whatever jobs ask for is kept, and every job ends."""

from hypothesis import given
from hypothesis import strategies as st

from fjd.jobfile import Terms
from fjd.settings import Timings
from fjd.snapshot import JobState
from tests.properties.profiles import PROFILE
from tests.properties.simulator import FIRST_S, WALL_S, Job, Offer, Simulator

terms = st.builds(
    Terms,
    priority=st.sampled_from((0, 0, 0, 5, -5)),
    retries=st.integers(0, 3),
    retry_delay_s=st.sampled_from((0.0, 0.5, 2.0)),
    not_before_s=st.sampled_from((None, None, FIRST_S + WALL_S - 1, FIRST_S + WALL_S + 3)),
)
numbers = st.integers(0, 30)


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    """Some jobs with names that sort naturally, each with terms of its own."""
    return [
        Job(f"job{number}", draw(terms), draw(st.integers(0, 5)), draw(st.sampled_from((0.0, 0.01, 0.3, 2.0))))
        for number in draw(st.lists(numbers, min_size=1, max_size=15, unique=True))
    ]


@PROFILE
@given(jobs(), st.integers(1, 4), st.integers(0, 10))
def test_every_job_ends_as_it_must_and_not_before_its_time(some: list[Job], workers: int, late: int) -> None:
    run = Simulator(workers)
    for job in some[late:]:
        run.submit(job)
    run.step()
    for job in some[:late]:
        run.submit(job)
    run.play()
    for job in some:
        fails = job.failures > job.terms.retries
        assert run.ended[job.name] is (JobState.FAILED if fails else JobState.DONE)
        assert run.runs.count(job.name) == min(job.failures, job.terms.retries) + 1
    counts = run.ledger.counts
    assert (counts.unfinished, counts.done + counts.failed) == (0, len(some))


@PROFILE
@given(st.lists(st.sampled_from((0, 5, -5)), min_size=1, max_size=12), st.floats(0.0001, 2.0))
def test_one_worker_runs_by_priority_and_then_by_name(priorities: list[int], seconds: float) -> None:
    run = Simulator(1)
    run.ledger.mean_run_s = seconds  # so that pods are deep
    for number, priority in enumerate(priorities):
        run.submit(Job(f"job{number}", Terms(priority=priority), seconds=seconds))
    run.play()
    assert run.runs == [f"job{n}" for n in sorted(range(len(priorities)), key=lambda n: (-priorities[n], n))]


# ---- what waits for others, and what asks for more than a worker

OFFERS = (
    Offer("a", ("gpu", "big"), 4, 1000),
    Offer("a", (), 4, 1000),
    Offer("b", ("gpu",), 2, 500),
    Offer("b", (), 2, 500, time_limit_s=60.0),
)
"""The first has all that any job below asks for."""

bonds = st.lists(st.sampled_from(("job1", "job2", "job3", "job4", "job1*", "job*2", "gone*")), max_size=2, unique=True)
demanding = st.builds(
    Terms,
    priority=st.sampled_from((0, 0, 5)),
    retries=st.integers(0, 1),
    retry_delay_s=st.just(0.2),
    after=st.one_of(st.just([]), bonds).map(tuple),
    after_any=st.one_of(st.just([]), bonds).map(tuple),
    tags=st.sampled_from((frozenset(), frozenset({"gpu"}), frozenset({"gpu", "big"}))),
    cpus=st.sampled_from((0, 0, 1, 2, 3, 4)),
    memory_bytes=st.sampled_from((0, 0, 300, 700, 1000)),
    timeout_s=st.sampled_from((None, 5.0, 50.0, 500.0)),
)


@st.composite
def demanding_jobs(draw: st.DrawFn) -> list[Job]:
    """Some jobs that wait for each other, and ask for what not all workers have."""
    return [
        Job(f"job{number}", draw(demanding), draw(st.integers(0, 2)), draw(st.sampled_from((0.01, 0.3, 2.0))))
        for number in draw(st.lists(st.integers(1, 14), min_size=1, max_size=12, unique=True))
    ]


@PROFILE
@given(demanding_jobs(), st.integers(0, 8), st.integers(1, 4))
def test_whatever_jobs_ask_for_is_kept_and_all_that_can_ends(some: list[Job], late: int, workers: int) -> None:
    run = Simulator(OFFERS[:workers], Timings(reserve_s=2.0))
    for job in some[late:]:
        run.submit(job)
    if late:
        run.step()
    for job in some[:late]:
        run.submit(job)
    run.play()
    for name, state in run.ended.items():
        runs = run.runs.count(name)
        job = run.jobs[name]
        assert runs <= job.terms.retries + 1
        assert state is JobState.FAILED or runs == job.failures + 1


@PROFILE
@given(demanding_jobs(), st.sampled_from(("soon,fail=1", "now,fail=2", "now,success=2", "soon,done=3", "now,done=40%")))
def test_after_a_halt_nothing_begins_and_what_runs_ends(some: list[Job], halt: str) -> None:
    run = Simulator(OFFERS, halt=halt)
    for job in some:
        run.submit(job)
    for _ in range(200):
        run.step()
        if run.ledger.halted and halt.startswith("now"):
            assert not run.running
    if run.ledger.halted:
        assert not run.ledger.active
        assert set(run.ledger.waiting) | set(run.ledger.retrying) == run.jobs.keys() - run.ended.keys()


@PROFILE
@given(st.integers(2, 4), st.integers(1, 4), st.floats(0.05, 3.0))
def test_who_needs_a_whole_host_gets_it_though_small_jobs_never_cease(cpus: int, workers: int, seconds: float) -> None:
    """Small ones come all the time; at the latest when those that run when a host is chosen have ended, it begins."""
    run = Simulator([Offer(cpus=4)] * workers, Timings(reserve_s=2.0))
    for number in range(workers + 1):
        run.submit(Job(f"job{number}", Terms(), seconds=seconds))
    run.step()
    run.submit(Job("job500", Terms(cpus=cpus), seconds=1.0))
    for number in range(150):
        run.submit(Job(f"job{1000 + number}", Terms(), seconds=seconds))
        run.step()
        if "job500" in run.begun_s:
            break
    assert "job500" in run.begun_s
    assert run.begun_s["job500"] - FIRST_S <= 2.0 + 3 * seconds + 1.0
