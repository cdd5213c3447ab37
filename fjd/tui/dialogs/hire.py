"""Asks how many workers to hire."""

import os
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fjd.tui.deeds.words import counted
from fjd.tui.entry import Entry

_DIGITS = 5


class HireDialog(ModalScreen[int | None]):
    """Asks for a number, with the last answer filled in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False)]
    AUTO_FOCUS = "Input"

    def __init__(self, last: int) -> None:
        super().__init__()
        self._last = last

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(classes="dialog", id="hire") as box:
            box.border_title = "Hire workers"
            yield Static("How many, on this machine?", markup=False)
            yield Entry(str(self._last), restrict=r"[0-9]*", max_length=_DIGITS, select_on_focus=True, compact=True)
            yield Static(id="hint")
            yield Static(Text.assemble((" enter ", "reverse bold"), "  hires   ", ("  esc  ", "reverse bold"), "  not"))

    @on(Input.Changed)
    def _check(self) -> None:
        hint, _ = self._judged()
        self.query_one("#hint", Static).update(Text(hint))

    @on(Input.Submitted)
    def _hire(self) -> None:
        _, count = self._judged()
        if count:
            self.dismiss(count)

    def action_leave(self) -> None:
        """Hire nobody."""
        self.dismiss(None)

    def _judged(self) -> tuple[str, int]:
        """Return what to say of the number, and the number, 0 when it is none."""
        text = self.query_one(Input).value
        count, cores = int(text or 0), os.cpu_count() or 1
        if not count:
            return "Give a number from 1 on.", 0
        if count > cores:
            return f"{counted(cores, 'core')} here: {count / cores:.1f} workers for each.", count
        return f"{counted(cores, 'core')} here.", count
