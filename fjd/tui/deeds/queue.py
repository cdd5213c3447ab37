"""What waits: cancel, hold, release, priority; and taking the last of these back."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fjd.errors import FjdError
from fjd.quantity import counted
from fjd.snapshot import JobState, JobView
from fjd.tui.backend import Backend
from fjd.tui.deeds import each
from fjd.tui.deeds.words import listed
from fjd.tui.tones import Tone
from fjd.tui.undo import Step, Undo

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

WAITS = (JobState.WAITING, JobState.HELD)
_ASK_FROM = 20
"""To hold fewer jobs, or to give them another priority, is done at once: it is as easily undone."""


def why_not_waiting(desk: "Desk") -> str:
    """Say why nothing that waits can be changed."""
    return "" if desk.jobs_pane.has_chosen(*WAITS) else "No job is selected that waits or is held."


# ---- cancel


async def cancel(desk: "Desk") -> None:
    """Take the chosen waiting jobs out of the queue."""
    jobs = await each.chosen(desk, *WAITS)
    question = f"Cancel {counted(len(jobs), 'job')}?"
    line = "They count as failed" + desk.registry.with_key("undo", "; {} brings them back") + "."
    if await each.confirmed(desk, question, [job.name for job in jobs], line, yes="cancel", done="cancelled"):
        await each.do(desk, jobs, partial(cancel_one, desk.backend), "Cancelled", undoing="cancelling")


def cancel_one(backend: Backend, job: JobView) -> Step:
    """Cancel one; a held one is held again when that is undone."""
    backend.cancel(job.name)
    return job.name, partial(_bring_back, backend, job)


def _bring_back(backend: Backend, job: JobView) -> None:
    backend.retry(job.name)
    if job.state is JobState.HELD:
        backend.hold(job.name)


# ---- hold


async def hold(desk: "Desk") -> None:
    """Keep the chosen waiting jobs out of the queue; release them where all of them are held."""
    jobs = await each.chosen(desk, *WAITS)
    waiting = [job for job in jobs if job.state is JobState.WAITING]
    word, done, jobs = ("hold", "held", waiting) if waiting else ("release", "released", jobs)
    if not await _confirmed(desk, jobs, f"{word.capitalize()} {counted(len(jobs), 'job')}?", word, done):
        return
    if waiting:
        await each.do(desk, jobs, partial(_hold_one, desk.backend), "Held", undoing="holding")
    else:
        await each.do(desk, jobs, partial(_release_one, desk.backend), "Released", undoing="releasing")


def _hold_one(backend: Backend, job: JobView) -> Step:
    backend.hold(job.name)
    return job.name, partial(backend.release, job.name)


def _release_one(backend: Backend, job: JobView) -> Step:
    backend.release(job.name)
    return job.name, partial(backend.hold, job.name)


# ---- priority


async def more_urgent(desk: "Desk") -> None:
    """Raise the priority of the chosen jobs."""
    await _prioritize(desk, +1)


async def less_urgent(desk: "Desk") -> None:
    """Lower the priority of the chosen jobs."""
    await _prioritize(desk, -1)


async def _prioritize(desk: "Desk", by: int) -> None:
    jobs = await each.chosen(desk, *WAITS)
    word, done = ("raise", "raised") if by > 0 else ("lower", "lowered")
    question = f"{word.capitalize()} the priority of {counted(len(jobs), 'job')}?"
    if await _confirmed(desk, jobs, question, word, done):
        deed = partial(_prioritize_one, desk.backend, by)
        await each.do(desk, jobs, deed, f"Priority {done} by one", undoing="the priority of")


def _prioritize_one(backend: Backend, by: int, job: JobView) -> Step:
    revision = backend.raise_priority(job.name, by)
    return job.name, partial(backend.revert, revision)


async def _confirmed(desk: "Desk", jobs: Sequence[JobView], question: str, word: str, done: str) -> bool:
    """Ask where they are many."""
    if len(jobs) < _ASK_FROM:
        return True
    return await each.confirmed(desk, question, [job.name for job in jobs], yes=word, done=done)


# ---- undo


def why_not_undo(desk: "Desk") -> str:
    """Say why nothing can be taken back."""
    return "" if desk.undos.last else "There is nothing to undo: cancel, hold, priority and edit can be taken back."


async def undo(desk: "Desk") -> None:
    """Take back what was done last."""
    last = desk.undos.take()
    if last is None:
        return
    names, problems = await asyncio.to_thread(_take_back, last)
    parts = [f"Undone, {last.what}: {listed(names)}."] if names else []
    desk.say(" ".join([*parts, *each.told(problems)]), Tone.BAD if problems else Tone.GOOD)


def _take_back(last: Undo) -> tuple[list[str], list[str]]:
    names, problems = [], []
    for name, step in reversed(last.steps):
        try:
            step()
        except FjdError as error:
            problems.append(str(error))
        else:
            names.append(name)
    return names[::-1], problems
