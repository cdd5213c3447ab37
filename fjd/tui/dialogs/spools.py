"""The spools that were used lately, with what is in them; one is chosen to go to.

What a spool has is counted by a thread for each, since one of them may be on a server that does not answer. Nobody
waits for such a thread, also not at the end of the program.
"""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from fjd import display
from fjd.errors import FjdError
from fjd.snapshot import Counts
from fjd.tui.columns import Column
from fjd.tui.dialogs.tablebox import TableBox
from fjd.tui.rows import Cell
from fjd.tui.table import Table
from fjd.tui.tones import Tone

_NUMBERS = ("waiting", "running", "failed", "done")
_COLUMNS = (
    Column("spool", min=16, flex=1, middle=True),
    *(Column(name, min=9, right=True, drop=drop) for name, drop in zip(_NUMBERS, (0, 0, 0, 1), strict=True)),
)
_LOOK_S = 0.1
_ROWS_MAX = 14
_KEYS = (("enter", "go there"), ("esc", "stay here"))

Found = Counts | str | None
"""What is known of a spool: its counts, why there are none, or nothing yet."""


class SpoolRows:
    """The rows of the table; ``here`` is the spool that is on the screen."""

    def __init__(self, roots: Sequence[str], found: Mapping[str, Found], here: str) -> None:
        self._roots = roots
        self._found = found
        self._here = here

    def __len__(self) -> int:
        return len(self._roots)

    def root(self, index: int) -> str:
        """Return the spool in a row."""
        return self._roots[index]

    def key(self, index: int) -> str:
        """Return the same."""
        return self._roots[index]

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return where it is, and what it has."""
        root = self._roots[index]
        found = self._found.get(root)
        place = Cell(f"{display.clean(root)}{'  (here)' if root == self._here else ''}")
        return tuple(place if column.name == "spool" else _number(column.name, found) for column in columns)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # there are few
        """Return where it is."""
        return self._roots.index(key) if key in self._roots else None


def _number(name: str, found: Found) -> Cell:
    if not isinstance(found, Counts):
        return Cell("…" if found is None else "–", Tone.DIM)
    number = found.waiting + found.handed if name == "waiting" else getattr(found, name)
    tones = {"running": Tone.ACTIVE, "failed": Tone.BAD, "done": Tone.GOOD}
    return Cell(display.count(number), tones.get(name, Tone.PLAIN) if number else Tone.DIM)


class Spools(TableBox[str]):
    """Returns the spool to go to. ``count`` is called in threads; it raises `FjdError` where there is no spool."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c,o", "leave", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, roots: Sequence[str], here: str, count: Callable[[str], Counts]) -> None:
        super().__init__(_COLUMNS, _KEYS, id="spools", most=_ROWS_MAX)
        self._roots = roots
        self._here = here
        self._count = count
        self._found: dict[str, Found] = {}
        self._shown = -1
        self._why = Static(id="spool-why", markup=False)

        self.box.border_title = "Spools used lately"

    def beneath(self) -> ComposeResult:
        """Make the place for why there are no counts."""
        yield self._why

    def on_mount(self) -> None:
        """Show them, and begin to count."""
        self._look()
        for root in self._roots:
            threading.Thread(target=self._find, args=(root,), daemon=True, name="spools").start()
        self.set_interval(_LOOK_S, self._look)

    def _find(self, root: str) -> None:
        try:
            self._found[root] = self._count(root)
        except FjdError as error:
            self._found[root] = str(error)

    def _look(self) -> None:
        if len(self._found) != self._shown:
            self._shown = len(self._found)
            self.show_rows(SpoolRows(self._roots, dict(self._found), self._here))
            self._explain()

    @property
    def _chosen(self) -> str:
        return self._roots[self.table.cursor] if self._roots else self._here

    @on(Table.Selected)
    def _explain(self) -> None:
        """Say why there are no counts of the selected one."""
        found = self._found.get(self._chosen)
        self._why.update(Text(f"✗ {display.clean(found, max_len=400)}" if isinstance(found, str) else ""))

    @on(Table.Opened)
    def action_choose(self) -> None:
        """Go to the selected one; the one that is here already is none to go to."""
        self.dismiss(None if self._chosen == self._here else self._chosen)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
