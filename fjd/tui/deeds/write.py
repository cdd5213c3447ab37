"""Making and changing jobs: the form for a new one, a copy, a change; and the user's own editor."""

import asyncio
import os
import re
import shlex
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from fjd import jobfile
from fjd.control import Draft, Revision
from fjd.errors import FjdError, JobFileError
from fjd.jobfile import JobSpec
from fjd.quantity import counted
from fjd.snapshot import JobView
from fjd.tui.deeds import queue
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.form import texts
from fjd.tui.form.saving import Left, Saved
from fjd.tui.form.screen import Form
from fjd.tui.lend import lend
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

_NUMBERED = re.compile(r"[-_]?\d*(?:\.conf)?$")
_TEMPLATE = "template"
"""The habit under which the job that was made last is remembered."""


# ---- the form


async def new(desk: "Desk") -> None:
    """Make a job in the form; what was left in it the last time is there again."""
    left = desk.left
    name = await asyncio.to_thread(desk.backend.free_name)
    await _fill_in(desk, left.name if left else name, left.spec if left else None)


def why_not_clone(desk: "Desk") -> str:
    """Say why nothing can be copied."""
    return "" if desk.jobs_pane.job else "No job is selected that could be copied."


async def clone(desk: "Desk") -> None:
    """Make a job in the form that begins as a copy of the selected one."""
    job = desk.jobs_pane.job
    if job is None:
        return
    _, data = await asyncio.to_thread(desk.backend.find_job, job)
    _require_form(desk, job, data)
    name = await asyncio.to_thread(desk.backend.free_name, _NUMBERED.sub("", job.name) or "job")
    await _fill_in(desk, name, texts.spec_of(data))


async def _fill_in(desk: "Desk", name: str, spec: JobSpec | None) -> None:
    form = Form(desk.backend, name, spec, last=texts.from_plain(desk.remembered(_TEMPLATE)))
    result = await desk.app.push_screen_wait(form)
    desk.left = result if isinstance(result, Left) else None
    if isinstance(result, Left):
        desk.say("What you typed is kept" + desk.registry.with_key("jobs.new", "; {} brings it back") + ".")
    elif result is not None:
        desk.remember(_TEMPLATE, texts.as_plain(result.spec))
        desk.say(_told(result) + _hint(desk), Tone.WARN if result.trouble else Tone.GOOD)


def _told(saved: Saved) -> str:
    if saved.count == 1:
        return f"{saved.name} waits in the queue."
    return f"{counted(saved.count, 'job')} wait in the queue, from {saved.name} on. {saved.trouble}".rstrip()


def _hint(desk: "Desk") -> str:
    return "" if desk.snapshot.workers else desk.registry.with_key("workers.hire", " {} hires workers to do it.")


async def edit(desk: "Desk") -> None:
    """Change the selected job, which waits or is held, in the form."""
    job = desk.jobs_pane.job
    if job is None:
        return
    _, data = await asyncio.to_thread(desk.backend.find_job, job)
    _require_form(desk, job, data)
    result = await desk.app.push_screen_wait(Form(desk.backend, job.name, texts.spec_of(data), before=data))
    if isinstance(result, Saved) and result.revision is not None:
        _changed(desk, result.revision)


def why_not_edit(desk: "Desk") -> str:
    """Say why the selected job cannot be changed."""
    job = desk.jobs_pane.job
    if job is None:
        return "No job is selected."
    copies = desk.registry.with_key("jobs.clone", "; {} makes a copy")
    return "" if job.state in queue.WAITS else f"Only a job that waits or is held can be changed{copies}."


def _require_form(desk: "Desk", job: JobView, data: bytes) -> None:
    if words := texts.why_no_form(data):
        opens = desk.registry.with_key("jobs.editor", "; {} opens it in your editor")
        raise JobFileError(f"the form cannot show all of {job.name}: {words}{opens}")


def _changed(desk: "Desk", revision: Revision) -> None:
    if revision.before == revision.after:
        desk.say(f"{revision.job} is as it was.")
        return
    desk.undos.add(f"editing {revision.job}", [(revision.job, partial(desk.backend.revert, revision))])
    desk.say(f"Changed {revision.job}." + desk.registry.with_key("undo", " {} undoes it."), Tone.GOOD)


# ---- the editor


def editor(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the words that start the user's editor: POSIX has vi everywhere."""
    try:
        chosen = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "")
    except ValueError:
        chosen = []
    return chosen or ["vi"]


async def edit_outside(desk: "Desk") -> None:
    """Change the selected job in the user's editor; a text that is no job file is not taken, and not lost."""
    job = desk.jobs_pane.job
    if job is None:
        return
    _, before = await asyncio.to_thread(desk.backend.find_job, job)
    draft = await asyncio.to_thread(desk.backend.draft, job.name, before)
    while True:
        if status := lend(desk.app, [*editor(), draft.path]):
            await asyncio.to_thread(draft.discard)
            desk.say(f"The editor ended with status {status}; {job.name} is as it was.", Tone.WARN)
            return
        try:
            revision = await asyncio.to_thread(_take, desk, draft, before)
        except FjdError as error:
            if not await _again(desk, draft, str(error)):
                return
        else:
            _changed(desk, revision)
            return


def _take(desk: "Desk", draft: Draft, before: bytes) -> Revision:
    after = draft.read()
    jobfile.parse(after)
    revision = desk.backend.rewrite(draft.job, before, after) if after != before else Revision(draft.job, after, after)
    draft.discard()
    return revision


async def _again(desk: "Desk", draft: Draft, why: str) -> bool:
    question = Ask(f"{draft.job} was not changed", [why], [Choice("y", "yes, back into the editor", True)])
    if await desk.app.push_screen_wait(question) is not None:
        return True
    desk.say(f"{draft.job} is as it was; what you wrote is in {draft.path}.", Tone.WARN)
    return False
