"""What is written down of workers that are asked of a scheduler, and that a job which was called off starts nobody."""

import subprocess
from pathlib import Path

import pytest

from fjd.errors import HireError
from fjd.hiring.cluster import Cluster, State, Wish
from fjd.recruiter import placements, scheduled
from fjd.spool.layout import Layout
from tests.unit.made import HandWorker


class Scheduler(Cluster):
    """Takes scripts and starts none of them."""

    def __init__(self, layout: Layout) -> None:
        super().__init__("slurm", layout.clusters)
        self.layout = layout
        self.scripts: list[str] = []
        self.problem = ""
        self.ended: set[str] = set()
        self.jobs_at_submit: list[list[str]] = []

    def submit(self, script: str, name: str, wish: Wish) -> str:
        self.jobs_at_submit.append([one.job for one in placements.read_all(self.layout)])
        if self.problem:
            raise HireError(self.problem)
        self.scripts.append(script)
        return str(len(self.scripts))

    def states(self, jobs: object) -> dict[str, State]:
        assert isinstance(jobs, list)
        return {job: State.ENDED if job in self.ended else State.PENDING for job in jobs}


@pytest.fixture
def scheduler(layout: Layout) -> Scheduler:
    return Scheduler(layout)


def ask(layout: Layout, scheduler: Scheduler, count: int, per_job: int = 1) -> scheduled.ScheduledReport:
    return scheduled.hire(
        layout, "slurm", count, Wish(), cwd="/", per_job=per_job, cluster=scheduler, by="crew", waits=False
    )


def test_it_is_written_down_before_the_scheduler_is_asked_and_again_with_its_id(
    layout: Layout, scheduler: Scheduler
) -> None:
    report = ask(layout, scheduler, 3, per_job=2)
    assert scheduler.jobs_at_submit == [[""], ["1", ""]]
    placed = placements.read_all(layout)
    assert [(one.job, len(one.workers), one.by) for one in placed] == [("1", 2, "crew"), ("2", 1, "crew")]
    assert report.pending == (*placed[0].workers, *placed[1].workers)


def test_what_is_refused_is_not_awaited(layout: Layout, scheduler: Scheduler) -> None:
    scheduler.problem = "no"
    with pytest.raises(HireError):
        ask(layout, scheduler, 2)
    assert scheduled.awaited(layout) == []


def test_a_job_that_was_called_off_starts_nobody(layout: Layout, scheduler: Scheduler) -> None:
    ask(layout, scheduler, 1)
    (one,) = placements.read_all(layout)
    placements.forget(layout, one)
    run = subprocess.run(["bash", "-c", scheduler.scripts[0]], stdin=subprocess.DEVNULL, check=False, timeout=30)
    assert run.returncode == 0
    assert not Path(layout.announcement(one.key)).exists()
    assert not Path(layout.workerlog(one.key)).exists()


def test_who_has_come_is_not_awaited_and_a_job_without_anybody_is_told_when_it_ends(
    layout: Layout, scheduler: Scheduler
) -> None:
    ask(layout, scheduler, 3)
    first, second, third = placements.read_all(layout)
    came = HandWorker(layout, first.key)
    assert [missing for _, missing in scheduled.awaited(layout)] == [(), second.workers, third.workers]
    scheduler.ended = {first.job, second.job}
    assert scheduled.stillborn(layout, lambda _: scheduler) == [second]
    assert [one.id for one in scheduled.pending(layout, lambda _: scheduler)] == [third.key]
    came.leave()
