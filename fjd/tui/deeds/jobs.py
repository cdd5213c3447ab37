"""New job, retry, kill, filter."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from fjd.errors import FjdError
from fjd.snapshot import JobState, JobView
from fjd.tui.deeds.words import counted, listed
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.form.screen import Form
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

_LISTED = 6


async def new(desk: "Desk") -> None:
    """Make a job in the form."""
    name = await asyncio.to_thread(desk.backend.free_name)
    saved = await desk.app.push_screen_wait(Form(desk.backend, name))
    if saved is not None:
        desk.say(f"{saved} waits in the queue.{_hint(desk)}", Tone.GOOD)


def _hint(desk: "Desk") -> str:
    return "" if desk.snapshot.workers else " h hires workers to do it."


# ---- retry


def why_not_retry(desk: "Desk") -> str:
    """Say why nothing can be retried."""
    return "" if _of(desk, JobState.FAILED) else "Only a failed job can be retried, and none is selected."


async def retry(desk: "Desk") -> None:
    """Put the chosen failed jobs back into the queue; more than one only when asked."""
    jobs = _of(desk, JobState.FAILED)
    names = [job.name for job in jobs]
    if len(jobs) > 1:
        question = Ask(f"Retry {counted(len(jobs), 'job')}?", [listed(names, _LISTED)], [Choice("y", "yes", True)])
        if await desk.app.push_screen_wait(question) is None:
            return
    await _each(desk, jobs, lambda job: partial(desk.backend.retry, job.name), "Back in the queue")


# ---- kill


def why_not_kill(desk: "Desk") -> str:
    """Say why nothing can be killed."""
    return "" if _of(desk, *_UNFINISHED) else "No running or waiting job is selected."


_UNFINISHED = (JobState.RUNNING, JobState.HANDED, JobState.WAITING)


async def kill(desk: "Desk") -> None:
    """End the chosen jobs for good."""
    jobs = _of(desk, *_UNFINISHED)
    running = sum(job.state is JobState.RUNNING for job in jobs)
    lines = [listed([job.name for job in jobs], _LISTED)]
    if running:
        lines.append(f"{counted(running, 'job')} of these will be stopped.")
    if running < len(jobs):
        lines.append(f"{counted(len(jobs) - running, 'job')} will be taken out of the queue.")
    lines.append("They count as failed, and r brings them back.")
    question = Ask(f"Kill {counted(len(jobs), 'job')}?", lines, [Choice("y", "yes, kill", True)])
    if await desk.app.push_screen_wait(question) is not None:
        await _each(desk, jobs, partial(_kill_one, desk), "Killed")
    else:
        desk.say("Nothing was killed.")


def _kill_one(desk: "Desk", job: JobView) -> Callable[[], None]:
    if job.state is JobState.WAITING:
        return partial(desk.backend.cancel, job.name)
    return partial(desk.backend.kill, job.worker, job.name)


# ---- filter


def filter_jobs(desk: "Desk") -> None:
    """Let the user type what the names are to hold."""
    desk.open_filter()


def next_group(desk: "Desk") -> None:
    """Show the next group."""
    desk.jobs_pane.show_group(+1)


def previous_group(desk: "Desk") -> None:
    """Show the group before."""
    desk.jobs_pane.show_group(-1)


# ---- common


def _of(desk: "Desk", *states: JobState) -> list[JobView]:
    return [job for job in desk.jobs_pane.chosen if job.state in states]


async def _each(
    desk: "Desk", jobs: Sequence[JobView], order: Callable[[JobView], Callable[[], None]], done: str
) -> None:
    """Do it to each job in one thread, and say of how many it went well and what went wrong first."""
    names, problems = await asyncio.to_thread(_all, [(job.name, order(job)) for job in jobs])
    desk.jobs_pane.clear_marks()
    parts = [f"{done}: {listed(names)}."] if names else []
    if problems:
        parts.append(problems[0] + (f" (and {len(problems) - 1} more like this)" if len(problems) > 1 else ""))
    desk.say(" ".join(parts), Tone.BAD if problems else Tone.GOOD)


def _all(orders: Sequence[tuple[str, Callable[[], None]]]) -> tuple[list[str], list[str]]:
    names, problems = [], []
    for name, order in orders:
        try:
            order()
        except FjdError as error:
            problems.append(str(error))
        else:
            names.append(name)
    return names, problems
