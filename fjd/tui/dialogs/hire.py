"""Asks how many workers to hire, where, and with which tags; the last answer is filled in."""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fjd import display, quantity
from fjd.errors import FjdError
from fjd.hiring.cluster import KINDS
from fjd.quantity import counted
from fjd.tui.entry import Entry
from fjd.tui.keyline import KeyLine
from fjd.tui.places import HERE, Hiring

_DIGITS = 5
_NAME_MAX = 30


class HireDialog(ModalScreen[Hiring | None]):
    """Asks for number, place and tags. ``find`` returns the places besides this machine; it is called in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False),
        Binding("down", "place(1)", show=False),
        Binding("up", "place(-1)", show=False),
    ]
    AUTO_FOCUS = "#count"

    def __init__(self, last: Hiring, find: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._last = last
        self._find = find
        # What was chosen the last time is there at once: enter must not mean another place for being quick.
        self._places = list(dict.fromkeys([HERE, last.place]))
        self._place = last.place

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(classes="dialog", id="hire") as box:
            box.border_title = "Hire workers"
            yield Static(id="where")
            yield Entry(
                str(self._last.count),
                restrict=r"[0-9]*",
                max_length=_DIGITS,
                select_on_focus=True,
                compact=True,
                id="count",
            )
            yield Static("with tags, for jobs that ask for them", classes="label", markup=False)
            yield Entry(quantity.format_words(self._last.tags), placeholder="none", compact=True, id="tags")
            yield Static(id="hint")
            yield KeyLine(_KEYS)

    def on_mount(self) -> None:
        """Show the places that are known, and look for all there are."""
        self._show()
        self._look_for_places()

    @work
    async def _look_for_places(self) -> None:
        try:
            found = await asyncio.to_thread(self._find)
        except FjdError as error:
            self.query_one("#hint", Static).update(Text(display.clean(str(error))))
            return
        self._places = list(dict.fromkeys([*self._places, *found]))
        self._show()

    def _show(self) -> None:
        where = Text(f"How many, on {_called(self._place)}?")
        if len(self._places) > 1:
            where.append("\n↑↓ ", "bold")
            for number, place in enumerate(self._places):
                where.append(" · " if number else "")
                where.append(_called(place), "reverse" if place == self._place else "dim")
        self.query_one("#where", Static).update(where)
        self._check()

    def action_place(self, step: int) -> None:
        """Choose another place."""
        self._place = self._places[(self._places.index(self._place) + step) % len(self._places)]
        self._show()

    @on(Input.Changed)
    def _check(self) -> None:
        hint, _ = self._judged()
        self.query_one("#hint", Static).update(Text(hint))

    @on(Input.Submitted)
    def _hire(self) -> None:
        _, wish = self._judged()
        if wish:
            self.dismiss(wish)

    def action_leave(self) -> None:
        """Hire nobody."""
        self.dismiss(None)

    def _judged(self) -> tuple[str, Hiring | None]:
        """Return what to say of the answer, and the answer, None when it is none."""
        count = int(self.query_one("#count", Input).value or 0)
        if not count:
            return "Give a number from 1 on.", None
        try:
            tags = quantity.parse_words(self.query_one("#tags", Input).value)
        except ValueError as error:
            return display.clean(str(error)), None
        return _hint(count, self._place), Hiring(count, self._place, tags)


_KEYS = (("enter", "hire"), ("esc", "not"))


def _called(place: str) -> str:
    return display.clean(place, max_len=_NAME_MAX) or "this machine"


def _hint(count: int, place: str) -> str:
    if place in KINDS:
        return "One in each of its jobs, for an hour; recruiter.py hire --on can ask for more."
    if place != HERE:
        return "Over ssh, as remote.conf says."
    cores = os.cpu_count() or 1
    each = f": {count / cores:.1f} workers for each" if count > cores else ""
    return f"{counted(cores, 'core')} here{each}."
