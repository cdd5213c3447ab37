"""Taking something out of the program: a name, a path, a picture; and going into the folder."""

import asyncio
import os
import shlex
from typing import TYPE_CHECKING

from fjd.quantity import counted
from fjd.tui import clipboard
from fjd.tui.lend import lend
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


def why_not_copy(desk: "Desk") -> str:
    """Say why there is no name to copy."""
    if desk.pane is desk.workers_pane:
        return "" if desk.workers_pane.worker else "There is no worker whose name could be copied."
    return "" if desk.jobs_pane.job else "There is no job whose name could be copied."


async def copy_name(desk: "Desk") -> None:
    """Copy the names of what is chosen, one a line."""
    if desk.pane is desk.workers_pane:
        names = [worker.id for worker in desk.workers_pane.chosen or filter(None, [desk.workers_pane.worker])]
    else:
        names = [job.name for job in await asyncio.to_thread(lambda: desk.jobs_pane.chosen)]
    _copy(desk, names, "name")


async def copy_path(desk: "Desk") -> None:
    """Copy where the files of what is chosen are, one a line."""
    if desk.pane is desk.workers_pane:
        paths = [worker.log for worker in desk.workers_pane.chosen if worker.log]
    else:
        paths = await asyncio.to_thread(lambda: [desk.backend.find_job(job)[0] for job in desk.jobs_pane.chosen])
    _copy(desk, paths, "path")


def _copy(desk: "Desk", texts: list[str], word: str) -> None:
    """Copy texts as a shell reads them: a name with a line end in it is quoted, and runs nothing when pasted."""
    if not texts:
        desk.say(f"There is no {word} to copy.", Tone.WARN)
        return
    clipboard.copy(desk.app, "\n".join(map(shlex.quote, texts)))
    what = f"{counted(len(texts), word)}" if len(texts) > 1 else f"the {word} {texts[0]}"
    desk.say(f"Copied {what}, if the terminal takes it (OSC 52).", Tone.GOOD)


async def screenshot(desk: "Desk") -> None:
    """Save a picture of the screen."""
    svg = desk.app.export_screenshot(title="fjd")
    path = await asyncio.to_thread(desk.backend.save_picture, svg)
    desk.say(f"The screen is in {path}.", Tone.GOOD)


async def shell(desk: "Desk") -> None:
    """Open the spool's folder in a shell, and come back when that ends."""
    status = lend(
        desk.app,
        [os.environ.get("SHELL") or "/bin/sh"],
        cwd=desk.backend.root,
        variables={"FJD_DIR": desk.backend.root},
    )
    desk.say("Back from the shell." if status == 0 else f"Back from the shell, which ended with status {status}.")
