"""A box with a table in it, in which keys move as they do in the panes: what several dialogs have in common."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from fjd.tui.columns import Column
from fjd.tui.keyline import KeyLine, Pairs
from fjd.tui.motion import KEYS, Motion
from fjd.tui.rows import Rows
from fjd.tui.table import Table

T = TypeVar("T")


class TableBox(ModalScreen[T | None], Generic[T]):
    """Shows rows, with what a subclass has beneath, and says what the keys do. The names of the columns are shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"go('{motion.name}')", show=False) for motion, keys in KEYS.items()
    ]

    def __init__(self, columns: Sequence[Column], keys: Pairs, *, id: str, most: int = 0) -> None:  # noqa: A002  # Textual's
        """``most`` is how many rows it grows to; 0: it is as high as the style says."""
        super().__init__()
        self._most = most
        self.box = Vertical(classes="dialog tablebox", id=id)
        self.table = Table(columns, id=f"{id}-table", head_from=0)
        self.key_line = KeyLine(keys)

    def compose(self) -> ComposeResult:
        """Make the box."""
        with self.box:
            yield self.table
            yield from self.beneath()
            yield self.key_line

    def beneath(self) -> ComposeResult:
        """Make what stands between the table and the keys. For a subclass."""
        yield from ()

    def on_mount(self) -> None:
        """Go to the table."""
        self.table.focus()

    def show_rows(self, rows: Rows) -> None:
        """Show these rows, in a box as high as they are."""
        self.table.show_rows(rows)
        if self._most:
            self.table.styles.height = min(self._most, max(1, len(rows))) + bool(len(rows))

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text fires no keys."""
        event.stop()

    def action_go(self, motion: str) -> None:
        """Move in the table."""
        self.table.move(Motion[motion])
