"""Doing one thing to many jobs: in one thread, with how to undo it, and with one sentence that says what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fjd.errors import FjdError
from fjd.quantity import counted
from fjd.snapshot import JobState, JobView
from fjd.tui.deeds.words import listed
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.taste import Confirm
from fjd.tui.tones import Tone
from fjd.tui.undo import Step

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

LISTED = 6
"""A question names so many jobs."""

Deed = Callable[[JobView], Step | None]
"""Does it to one job, and returns how to put that back, where that can be. Raises `FjdError`."""


@dataclass(slots=True)
class Result:
    """What came of it."""

    names: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


async def chosen(desk: "Desk", *states: JobState) -> list[JobView]:
    """Return the chosen jobs that are in one of these states; they may be a million."""
    return await asyncio.to_thread(lambda: [job for job in desk.jobs_pane.chosen if job.state in states])


async def confirmed(
    desk: "Desk", question: str, names: Sequence[str], *lines: str, yes: str, done: str, loses: bool = False
) -> bool:
    """Ask, with the names of the jobs; only the answer yes is one. ``done`` is what then was not: ``killed``.

    Where no work is lost by it, and its user wants no other questions, the answer is yes.
    """
    if desk.taste.confirm is Confirm.LOSSES and not loses:
        return True
    ask = Ask(question, [listed(names, LISTED), *lines], [Choice("y", f"yes, {yes}", True)])
    if await desk.app.push_screen_wait(ask) is None:
        desk.say(f"Nothing was {done}.")
        return False
    return True


async def do(desk: "Desk", jobs: Sequence[JobView], deed: Deed, done: str, *, undoing: str = "") -> None:
    """Do it to each job and say of how many it went well, and what went wrong first. ``undoing`` names it for undo."""
    if len(jobs) > 1000:
        desk.say(f"{done}: {counted(len(jobs), 'job')} …")
    result = await asyncio.to_thread(_all, jobs, deed)
    desk.jobs_pane.clear_marks()
    if undoing:
        desk.undos.add(f"{undoing} {counted(len(result.steps), 'job')}", result.steps)
    parts = [f"{done}: {listed(result.names)}."] if result.names else []
    parts += told(result.problems)
    hint = desk.registry.with_key("undo", " {} undoes it.") if undoing and result.steps else ""
    desk.say(" ".join(parts) + hint, Tone.BAD if result.problems else Tone.GOOD)


def told(problems: Sequence[str]) -> list[str]:
    """Return what went wrong first, and how much more did."""
    if not problems:
        return []
    more = f" (and {len(problems) - 1} more like this)" if len(problems) > 1 else ""
    return [problems[0] + more]


def _all(jobs: Sequence[JobView], deed: Deed) -> Result:
    result = Result()
    for job in jobs:
        try:
            step = deed(job)
        except FjdError as error:
            result.problems.append(str(error))
        else:
            result.names.append(job.name)
            if step is not None:
                result.steps.append(step)
    return result
