"""Lets its user choose the columns of a table, their places, and the order. It acts at once."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fjd.tui.keyline import KeyLine
from fjd.tui.worktable import WorkTable

_KEYS = (("space", "show or hide"), ("enter", "order by it"), ("J K", "move it"), ("esc", "close"))


class ColumnsDialog(ModalScreen[None]):
    """The columns of ``table``, those that are shown first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c,s", "leave", show=False),
        Binding("j,down", "go(1)", show=False),
        Binding("k,up", "go(-1)", show=False),
        Binding("J,shift+down", "carry(1)", show=False),
        Binding("K,shift+up", "carry(-1)", show=False),
        Binding("space", "show_or_hide", show=False),
        Binding("enter", "order", show=False),
    ]

    def __init__(self, table: WorkTable) -> None:
        super().__init__()
        self._table = table
        shown = [column.name for column in table.columns]
        self._shown = set(shown)
        self._names = shown + [column.name for column in table.all_columns if column.name not in self._shown]
        self._at = 0

    def compose(self) -> ComposeResult:
        """Make the box."""
        with VerticalScroll(classes="dialog", id="columns", can_focus=False) as box:
            box.border_title = "Columns"
            yield Static(id="column-list")
            yield KeyLine(_KEYS)

    def on_mount(self) -> None:
        """Draw the list."""
        self._draw()

    def _draw(self) -> None:
        sentences = {column.name: column.sentence for column in self._table.all_columns}
        order = self._table.order
        text = Text(no_wrap=True, overflow="ellipsis")
        for number, name in enumerate(self._names):
            is_here = number == self._at
            sign = order.sign if order and order.column == name else " "
            text.append("▸ " if is_here else "  ", "bold" if is_here else "")
            text.append("✓ " if name in self._shown else "· ")
            text.append(f"{name:<8} {sign} ", "bold" if is_here or name in self._shown else "")
            text.append(f"{sentences[name]}\n", "" if is_here else "dim")
        self.query_one("#column-list", Static).update(text)

    def action_go(self, step: int) -> None:
        """Go to the next column, or the one before."""
        self._at = (self._at + step) % len(self._names)
        self._draw()

    def action_carry(self, step: int) -> None:
        """Move the column."""
        there = self._at + step
        if 0 <= there < len(self._names):
            names = self._names
            names[self._at], names[there] = names[there], names[self._at]
            self._at = there
            self._apply()

    def action_show_or_hide(self) -> None:
        """Show the column, or hide it; one at least is shown."""
        changed = self._shown ^ {self._names[self._at]}
        if changed:
            self._shown = changed
            self._apply()

    def action_order(self) -> None:
        """Let the rows be in the order of this column, then the other way, then in their own."""
        name = self._names[self._at]
        column = next(column for column in self._table.all_columns if column.name == name)
        self._table.put_in_order(self._table.order_after_click(column))
        self._draw()

    def action_leave(self) -> None:
        """Close."""
        self.dismiss()

    def _apply(self) -> None:
        self._table.choose_columns([name for name in self._names if name in self._shown])
        self._draw()
