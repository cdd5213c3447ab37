"""Whole runs of the policy in a simulator: whatever jobs ask for is kept, and every job ends."""

from hypothesis import given
from hypothesis import strategies as st

from fjd.jobfile import Terms
from fjd.snapshot import JobState
from tests.properties.profiles import PROFILE
from tests.properties.simulator import FIRST_S, WALL_S, Job, Simulator

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
