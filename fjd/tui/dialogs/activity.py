"""What happened and what was done, newest first, with a line to filter it."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from fjd.tui.chronicle import Chronicle, Happening
from fjd.tui.columns import Column
from fjd.tui.dialogs.tablebox import TableBox
from fjd.tui.entry import Entry
from fjd.tui.rows import Cell
from fjd.tui.table import Table
from fjd.tui.tones import Tone

_COLUMNS = (
    Column("time", min=8),
    Column("who", min=10, flex=1, max=24, drop=1, middle=True),
    Column("what", min=20, flex=6),
)
_LOOK_S = 0.25
_KEYS = (("/", "filter"), ("j k", "move"), ("esc", "close"))


class HappeningRows:
    """The rows of the table."""

    def __init__(self, happenings: Sequence[Happening]) -> None:
        self._happenings = happenings

    def __len__(self) -> int:
        return len(self._happenings)

    def happening(self, index: int) -> Happening:
        """Return what is in a row."""
        return self._happenings[index]

    def key(self, index: int) -> int:
        """Return its number."""
        return self._happenings[index].number

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return when, who, what."""
        one = self._happenings[index]
        cells = {"time": Cell(one.clock, Tone.DIM), "who": Cell(one.who), "what": Cell(one.text, one.tone)}
        return tuple(cells[column.name] for column in columns)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # there are few
        """Return where it is."""
        return next((index for index, one in enumerate(self._happenings) if one.number == key), None)


class Activity(TableBox[None]):
    """Shows a chronicle, which may grow meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c,at,enter", "leave", show=False),
        Binding("slash", "filter", show=False),
    ]

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(_COLUMNS, _KEYS, id="activity")
        self._chronicle = chronicle
        self._shown: tuple[int, str] | None = None
        self._rows = HappeningRows(())
        self.table.hint = (Text("Nothing has happened yet."),)
        self._whole = Static(id="whole", markup=False)
        self._filter = Entry(placeholder="show only what holds these words", compact=True)

    def beneath(self) -> ComposeResult:
        """Make the place for the whole of a line, and the filter."""
        yield self._whole
        yield self._filter

    def on_mount(self) -> None:
        """Show what there is, and what comes."""
        self._look()
        self.set_interval(_LOOK_S, self._look)

    def _look(self) -> None:
        shown = (self._chronicle.latest, self._filter.value)
        if shown == self._shown:
            return
        self._shown = shown
        self._rows = HappeningRows(self._chronicle.newest_first(self._filter.value))
        self.show_rows(self._rows)
        self.box.border_title = f"Activity · {len(self._rows)} of {len(self._chronicle)}"
        self._tell_whole()

    @on(Table.Selected)
    def _tell_whole(self) -> None:
        """Show all of what is selected: its line may be too short."""
        index = self.table.cursor
        self._whole.update(Text(self._rows.happening(index).text) if index < len(self._rows) else "")

    def action_filter(self) -> None:
        """Let its user type."""
        self.set_focus(self._filter)

    def action_leave(self) -> None:
        """Leave the line, take the filter away, or close; one at a time."""
        if self._filter.has_focus:
            self.set_focus(self.table)
        elif self._filter.value:
            self._filter.value = ""
        else:
            self.dismiss()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._look()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.set_focus(self.table)
