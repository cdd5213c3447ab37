"""Pause, help, palette, quit."""

import asyncio
from typing import TYPE_CHECKING

from fjd.snapshot import Mode, Snapshot
from fjd.tui.deeds.words import counted
from fjd.tui.dialogs.help import Help
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


async def pause(desk: "Desk") -> None:
    """Pause handing out, or go on."""
    if desk.snapshot.mode is Mode.PAUSED:
        await asyncio.to_thread(desk.backend.resume)
        desk.say("Handing out again.", Tone.GOOD)
    else:
        await asyncio.to_thread(desk.backend.pause)
        desk.say("Paused: nothing more is handed out, what runs goes on. p resumes.", Tone.WARN)


def palette(desk: "Desk") -> None:
    """Open the command palette."""
    desk.app.action_command_palette()


def show_help(desk: "Desk") -> None:
    """Show all keys."""
    desk.app.push_screen(Help(desk.where))


def suspend(desk: "Desk") -> None:
    """Stop the process, dispatcher and all, until its shell says ``fg``."""
    desk.app.action_suspend_process()


def leave(desk: "Desk") -> None:
    """End the program, saying what goes on without it."""
    desk.app.exit()


def farewell(snapshot: Snapshot) -> str:
    """Return what a user who leaves should know; nothing when there is nothing."""
    parts = []
    busy = sum(bool(worker.job) for worker in snapshot.workers)
    hired = len(snapshot.workers)
    if busy:
        goes_on = "goes on with what it runs" if busy == 1 else "go on with what they run"
        parts.append(f"{counted(busy, 'worker')} {goes_on}")
    elif hired:
        parts.append(f"{counted(hired, 'worker')} {'stays' if hired == 1 else 'stay'} hired")
    waiting = snapshot.counts.waiting + snapshot.counts.handed
    if waiting and not snapshot.holder:
        wait = "waits" if waiting == 1 else "wait"
        parts.append(f"{counted(waiting, 'job')} {wait} until fjd-tui or dispatcher.py runs again")
    return "; ".join(parts) + "." if parts else ""
