"""Hire, fire, attach."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fjd.quantity import counted
from fjd.recruiter import FireReport, HireReport, How
from fjd.snapshot import WorkerState, WorkerView
from fjd.tui.deeds.words import listed, short
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.dialogs.hire import HireDialog
from fjd.tui.lend import lend
from fjd.tui.places import Hiring
from fjd.tui.taste import Confirm
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

_LISTED = 6


# ---- hire


async def hire(desk: "Desk") -> None:
    """Ask how many, where and with which tags, and hire them."""
    wish = await desk.app.push_screen_wait(HireDialog(_last(desk), desk.backend.places))
    if wish is not None:
        desk.hire_count = wish.count
        desk.remember(_LAST, {"place": wish.place, "tags": list(wish.tags)})
        await hire_now(desk, wish)


_LAST = "hire"
"""The habit under which the last answer is remembered."""


def _last(desk: "Desk") -> Hiring:
    """Return the last answer, as far as it can be understood."""
    said = desk.remembered(_LAST)
    place, tags = (said.get("place"), said.get("tags")) if isinstance(said, Mapping) else ("", [])
    return Hiring(
        desk.hire_count,
        place if isinstance(place, str) else "",
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


async def hire_now(desk: "Desk", wish: Hiring) -> None:
    """Hire, and say what came of it."""
    desk.say(f"Hiring {counted(wish.count, 'worker')} on {wish.place or 'this machine'} …")
    report = await asyncio.to_thread(desk.backend.hire, wish)
    desk.say(told_hired(report, wish.place), Tone.BAD if report.failures else Tone.GOOD)


def told_hired(report: HireReport, place: str) -> str:
    """Return what came of hiring, in words."""
    hired = f"Hired {counted(len(report.hired), 'worker')} on {place or 'this machine'}." if report.hired else ""
    if report.failures:
        session, why = report.failures[0]
        hired += f" {counted(len(report.failures), 'worker')} could not be hired: {session}: {why}"
    return f"{hired} {report.note}".strip()


# ---- fire


def why_not_fire(desk: "Desk") -> str:
    """Say why nobody can be fired."""
    return "" if desk.snapshot.workers else "There is no worker to fire."


async def fire(desk: "Desk") -> None:
    """Fire the marked workers or the selected one."""
    await _fire(desk, desk.workers_pane.chosen)


async def fire_all(desk: "Desk") -> None:
    """Fire everybody."""
    await _fire(desk, list(desk.snapshot.workers))


def why_not_drain(desk: "Desk") -> str:
    """Say why nobody can be drained."""
    return "" if desk.workers_pane.chosen else "There is no worker to drain."


async def drain(desk: "Desk") -> None:
    """Let the chosen workers finish what they run, and leave then."""
    workers = desk.workers_pane.chosen
    question = Ask(
        f"Drain {counted(len(workers), 'worker')}?",
        [
            listed([worker.short for worker in workers], _LISTED),
            "Each finishes what it runs, takes no more, and leaves.",
        ],
        [Choice("y", "yes, drain", How.DRAIN)],
    )
    if desk.taste.confirm is Confirm.ALWAYS and await desk.app.push_screen_wait(question) is None:
        desk.say("Nobody was drained.")
        return
    report = await asyncio.to_thread(desk.backend.fire, [worker.id for worker in workers], How.DRAIN)
    desk.workers_pane.clear_marks()
    desk.say(told_fired(report, How.DRAIN), Tone.BAD if report.failures else Tone.GOOD)


async def _fire(desk: "Desk", workers: Sequence[WorkerView]) -> None:
    is_free = desk.taste.confirm is Confirm.LOSSES and not any(worker.job for worker in workers)
    how = How.NOW if is_free else await desk.app.push_screen_wait(question(workers))
    if how is None:
        desk.say("Nobody was fired.")
        return
    desk.say(f"Firing {counted(len(workers), 'worker')} …")
    report = await asyncio.to_thread(desk.backend.fire, [worker.id for worker in workers], how)
    desk.workers_pane.clear_marks()
    desk.say(told_fired(report, how), Tone.BAD if report.failures else Tone.GOOD)


def question(workers: Sequence[WorkerView]) -> Ask[How]:
    """Return the question whether, and how, to fire these."""
    busy = [worker for worker in workers if worker.job]
    names = [worker.short for worker in workers]
    title = f"Fire {counted(len(workers), 'worker')}?"
    if not busy:
        return Ask(title, [listed(names, _LISTED)], [Choice("y", "yes, fire", How.NOW)])
    lines = [f"{worker.short} runs {worker.job}" for worker in busy[:_LISTED]]
    if len(busy) > _LISTED:
        lines.append(f"and {counted(len(busy) - _LISTED, 'more busy worker')}")
    if len(workers) > len(busy):
        idle = len(workers) - len(busy)
        lines.append(f"{counted(idle, 'other')} {'is' if idle == 1 else 'are'} idle")
    jobs = "its job" if len(busy) == 1 else "their jobs"
    return Ask(
        title,
        lines,
        [
            Choice("d", f"let {'it' if len(busy) == 1 else 'them'} finish {jobs}, and fire then", How.DRAIN),
            Choice("y", f"stop now; {jobs} back into the queue", How.NOW),
            Choice("c", f"stop now and cancel {jobs}: failed", How.CANCEL),
        ],
    )


def told_fired(report: FireReport, how: How) -> str:
    """Return what came of firing, in words."""
    parts = []
    if report.fired:
        parts.append(f"Fired {counted(len(report.fired), 'worker')}.")
    if report.leaving:
        parts.append(f"{counted(len(report.leaving), 'worker')} will leave when done with what they run.")
    if report.requeued:
        parts.append(f"Back in the queue: {listed(report.requeued)}.")
    if report.failures:
        worker, why = report.failures[0]
        parts.append(f"{counted(len(report.failures), 'worker')} could not be fired: {short(worker)}: {why}")
    return " ".join(parts) or ("Nobody was there any more." if how is not How.DRAIN else "Nobody is left to wait for.")


# ---- attach


def why_not_attach(desk: "Desk") -> str:
    """Say why there is nothing to attach to."""
    worker = desk.selected_worker
    if worker is None:
        return "There is no worker to attach to."
    return "It is lost; there is nothing to attach to." if worker.state is WorkerState.LOST else ""


async def attach(desk: "Desk") -> None:
    """Give the terminal to the worker's session, and take it back when that is left."""
    worker = desk.selected_worker
    if worker is None:
        return
    argv = await asyncio.to_thread(desk.backend.attach_argv, worker.id)
    status = lend(desk.app, argv)
    desk.say(f"Back from {worker.short}." if status == 0 else f"{argv[0]} ended with status {status}.")
