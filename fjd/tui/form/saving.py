"""Writing what the form says: a change, a job, or all jobs of a sweep; each is done whole or not at all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import App

from fjd import display
from fjd.control import Revision
from fjd.errors import NameTaken
from fjd.jobfile import JobSpec
from fjd.quantity import counted
from fjd.tui.backend import Backend
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.form import texts
from fjd.tui.form.sweeping import Sweep


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of the form."""

    name: str
    """Of the job, or of the first of them."""
    spec: JobSpec
    count: int = 1
    revision: Revision | None = None
    """How to take the change of a job back."""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """It was left, and what was typed is to be kept."""

    name: str
    spec: JobSpec


async def change(backend: Backend, name: str, spec: JobSpec, before: bytes) -> Saved:
    """Write a job anew whose file was ``before``."""
    revision = await asyncio.to_thread(backend.rewrite, name, before, texts.rewritten(before, spec).encode())
    return Saved(name, spec, revision=revision)


async def submit_all(app: App[None], backend: Backend, sweep: Sweep, spec: JobSpec) -> Saved | None:
    """Submit all jobs of a sweep, if its user says so."""
    lines = [f"{axis.key}: {_several(axis.values)}" for axis in sweep.axes]
    title = f"Submit {counted(sweep.count, 'job')}?"
    if await app.push_screen_wait(Ask(title, lines, [Choice("y", "yes, submit", True)])) is None:
        return None
    done = await asyncio.to_thread(backend.submit_many, sweep.template, sweep.axes)
    return Saved(done.names[0], spec, len(done.names), trouble=done.trouble)


async def submit(app: App[None], backend: Backend, name: str, spec: JobSpec) -> Saved | None:
    """Submit one job; one that waits under its name is replaced only if its user says so."""
    try:
        await asyncio.to_thread(backend.submit, name, spec, replace=False)
    except NameTaken:
        question = Ask("Replace it?", [f"A job named {name} waits already."], [Choice("y", "yes, replace", True)])
        if await app.push_screen_wait(question) is None:
            return None
        await asyncio.to_thread(backend.submit, name, spec, replace=True)
    return Saved(name, spec)


def _several(values: Sequence[str]) -> str:
    shown = ", ".join(display.clean(value, max_len=20) for value in values[:5])
    return shown if len(values) <= 5 else f"{shown} … {counted(len(values), 'value')}"
