"""Pause, help, palette, quit."""

import asyncio
from typing import TYPE_CHECKING

from textual.command import CommandPalette

from fjd.quantity import counted
from fjd.snapshot import Mode, Snapshot
from fjd.tui import theme
from fjd.tui.dialogs.activity import Activity
from fjd.tui.dialogs.ask import Ask, Choice
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
        resumes = desk.registry.with_key("pause", " {} resumes.")
        desk.say(f"Paused: nothing more is handed out, what runs goes on.{resumes}", Tone.WARN)


async def freeze(desk: "Desk") -> None:
    """Stop what runs, or let it go on."""
    question = Ask(
        "Freeze all that runs?",
        ["Every job is stopped where it is (SIGSTOP), and loses nothing; nothing more begins."],
        [Choice("y", "yes, freeze", True), Choice("t", "thaw: let all go on that is frozen", False)],
    )
    answer = await desk.app.push_screen_wait(question)
    if answer is None:
        desk.say("Nothing was frozen.")
        return
    workers = await asyncio.to_thread(desk.backend.freeze if answer else desk.backend.thaw)
    words = "Frozen" if answer else "Thawed"
    thaws = desk.registry.with_key("freeze", " {} thaws.") if answer else ""
    desk.say(f"{words}: {counted(len(workers), 'worker')}.{thaws}", Tone.WARN)


def next_theme(desk: "Desk") -> None:
    """Show the next look."""
    names = [one.name for one in theme.THEMES]
    at = names.index(desk.app.theme) if desk.app.theme in names else -1
    desk.app.theme = names[(at + 1) % len(names)]
    desk.remember("theme", desk.app.theme)
    desk.say(f"The look is {desk.app.theme}.")


def palette(desk: "Desk") -> None:
    """Open the command palette."""
    desk.app.push_screen(CommandPalette(id="--command-palette"))  # Textual's style goes by that id


def show_help(desk: "Desk") -> None:
    """Show all keys."""
    desk.app.push_screen(Help(desk.registry.actions))


def activity(desk: "Desk") -> None:
    """Show what happened."""
    desk.app.push_screen(Activity(desk.chronicle))


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
