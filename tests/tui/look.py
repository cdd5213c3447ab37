"""What a test sees of the screen, and how it waits for it."""

import asyncio
import time
from collections.abc import Callable

from textual._context import visible_screen_stack
from textual.pilot import Pilot

from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk

DEADLINE_S = 10.0


def desk_of(pilot: Pilot[None]) -> Desk:
    app = pilot.app
    assert isinstance(app, FjdApp)
    return next(screen for screen in app.screen_stack if isinstance(screen, Desk))


def text_of(pilot: Pilot[None]) -> str:
    """Everything that is on the screen, line by line."""
    # With what shines through beside a dialog: Textual keeps what it has rendered, and would keep it without.
    before = visible_screen_stack.set(pilot.app._background_screens)
    try:
        lines = pilot.app.screen._compositor.render_strips()
    finally:
        visible_screen_stack.reset(before)
    return "\n".join("".join(segment.text for segment in strip) for strip in lines)


async def until(pilot: Pilot[None], condition: Callable[[], object], why: str = "") -> None:
    """Wait for a condition, with a deadline."""
    end_s = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end_s:
            raise AssertionError(f"{why or 'it did not come true'}; the screen shows\n{text_of(pilot)}")
        await asyncio.sleep(0.01)
        await pilot.pause()


async def until_still(pilot: Pilot[None]) -> None:
    """Wait until the screen does not change any more: what is laid out anew is so by several messages in turn."""
    seen: list[str] = []

    def is_still() -> bool:
        seen.append(text_of(pilot))
        return len(seen) > 10 and len(set(seen[-10:])) == 1

    await until(pilot, is_still, "the screen does not come to rest")


async def until_shown(pilot: Pilot[None], text: str) -> None:
    """Wait until the screen shows a text."""
    await until(pilot, lambda: text in text_of(pilot), f"{text!r} was not shown")
