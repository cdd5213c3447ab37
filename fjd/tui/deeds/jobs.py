"""Retry, kill, filter."""

from functools import partial
from typing import TYPE_CHECKING

from fjd.quantity import counted
from fjd.snapshot import JobState, JobView
from fjd.tui.deeds import each, queue
from fjd.tui.undo import Step

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


# ---- retry


def why_not_retry(desk: "Desk") -> str:
    """Say why nothing can be retried."""
    return (
        "" if desk.jobs_pane.has_chosen(JobState.FAILED) else "Only a failed job can be retried, and none is selected."
    )


async def retry(desk: "Desk") -> None:
    """Put the chosen failed jobs back into the queue; more than one only when asked."""
    jobs = await each.chosen(desk, JobState.FAILED)
    names = [job.name for job in jobs]
    if len(jobs) > 1 and not await each.confirmed(
        desk, f"Retry {counted(len(jobs), 'job')}?", names, yes="retry", done="retried"
    ):
        return
    await each.do(desk, jobs, lambda job: desk.backend.retry(job.name), "Back in the queue")


# ---- kill


def why_not_kill(desk: "Desk") -> str:
    """Say why nothing can be killed."""
    return "" if desk.jobs_pane.has_chosen(*_UNFINISHED) else "No running or waiting job is selected."


_UNFINISHED = (JobState.RUNNING, JobState.HANDED, JobState.WAITING, JobState.HELD)


async def kill(desk: "Desk") -> None:
    """End the chosen jobs for good."""
    jobs = await each.chosen(desk, *_UNFINISHED)
    running = sum(job.state is JobState.RUNNING for job in jobs)
    lines = _what_killing_does(desk, running, len(jobs) - running)
    question = f"Kill {counted(len(jobs), 'job')}?"
    names = [job.name for job in jobs]
    if await each.confirmed(desk, question, names, *lines, yes="kill", done="killed", loses=bool(running)):
        await each.do(desk, jobs, partial(_kill_one, desk), "Killed", undoing="cancelling" if not running else "")


def _what_killing_does(desk: "Desk", running: int, waiting: int) -> list[str]:
    if running + waiting == 1:
        return [
            f"It {'is stopped' if running else 'is taken out of the queue'}, and counts as failed"
            + desk.registry.with_key("jobs.retry", "; {} brings it back")
            + "."
        ]
    parts = [f"{counted(running, 'job')} of these will be stopped."] if running else []
    parts += [f"{counted(waiting, 'job')} will be taken out of the queue."] if waiting else []
    return [*parts, "They count as failed" + desk.registry.with_key("jobs.retry", "; {} brings them back") + "."]


def _kill_one(desk: "Desk", job: JobView) -> Step | None:
    if job.state in queue.WAITS:
        return queue.cancel_one(desk.backend, job)
    desk.backend.kill(job.worker, job.name)
    return None


# ---- filter


def filter_jobs(desk: "Desk") -> None:
    """Let the user type what the names are to hold."""
    desk.open_filter()


def next_group(desk: "Desk") -> None:
    """Show the next group."""
    desk.jobs_pane.turn_group(+1)


def previous_group(desk: "Desk") -> None:
    """Show the group before."""
    desk.jobs_pane.turn_group(-1)
