"""A table of any length, on Textual's line API: it asks for the rows that the screen shows and for no others.

The selection is a key and no row number, so what is selected stays selected while rows come and go around it.
The table knows nothing of jobs and workers; it must never iterate over all of its rows.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fjd.tui import columns
from fjd.tui.columns import Column
from fjd.tui.motion import Motion
from fjd.tui.tones import TONES, Tone

_GUTTER = 3
_WHEEL_LINES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell; ``text`` is clean."""

    text: str
    tone: Tone = Tone.PLAIN


class Rows(Protocol):
    """The rows of a table at one moment. All but `find` must cost the same however many there are."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> Hashable:
        """Return what stays the same of a row while it moves."""

    def cells(self, index: int) -> Sequence[Cell]:
        """Return the cells of a row, one for each column of the table."""

    def find(self, key: Hashable, near: int) -> int | None:
        """Return where the row with ``key`` is, looking first around the index ``near``."""


class NoRows:
    """The rows of an empty table."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> Hashable:
        raise IndexError(index)

    def cells(self, index: int) -> Sequence[Cell]:
        raise IndexError(index)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # the protocol's
        return None


class Table(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, and keeps the selection. ``COLUMNS`` is for the subclass to fill."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor", *(tone.component for tone in TONES)}
    DEFAULT_CSS = """
    Table {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    cursor: var[int] = var(0)

    class Selected(Message):
        """Another row is selected; ``key`` is None when there is no row. ``by_user`` when a key or the mouse did it."""

        def __init__(self, table: "Table", key: Hashable | None, *, by_user: bool) -> None:
            super().__init__()
            self.table = table
            self.key = key
            self.by_user = by_user

        @property
        def control(self) -> "Table":
            return self.table

    class Opened(Message):
        """The selected row was opened, by a double click."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self.rows: Rows = NoRows()
        self.key: Hashable | None = None
        self.marks: set[Hashable] = set()
        self.hint: tuple[Text, ...] = ()
        """What stands in an empty table."""
        self._pinned = False
        self._widths: tuple[int, tuple[int, ...]] = (0, ())

    # ---- the rows

    def show_rows(self, rows: Rows) -> None:
        """Draw these rows from now on, and find the selection again."""
        before, offset = self.cursor, self.cursor - self.scroll_offset.y
        was_visible = 0 <= offset < max(1, self.scrollable_content_region.height)
        self.rows = rows
        size = Size(1, len(rows))
        if self.virtual_size != size:
            self.virtual_size = size
        index = self._found(before)
        self._select(index, by_user=False)
        if was_visible and index != before:
            self.scroll_to(y=index - offset, animate=False, force=True)
        if was_visible:
            self._scroll_into_view()
        self.refresh()

    def _found(self, near: int) -> int:
        """Return where the selection is now: at its key, or where that was when it is gone.

        As long as nobody has moved the cursor, it is the first row that is looked at, whatever stands there.
        """
        if not self._pinned:
            return 0
        found = None if self.key is None else self.rows.find(self.key, near)
        return min(near, max(0, len(self.rows) - 1)) if found is None else found

    # ---- moving

    def move(self, motion: Motion) -> None:
        """Move the cursor as a key says."""
        page = max(1, self.scrollable_content_region.height)
        last = len(self.rows) - 1
        steps = {
            Motion.UP: -1,
            Motion.DOWN: 1,
            Motion.HALF_UP: -max(1, page // 2),
            Motion.HALF_DOWN: max(1, page // 2),
            Motion.PAGE_UP: -page,
            Motion.PAGE_DOWN: page,
            Motion.TOP: -len(self.rows),
            Motion.BOTTOM: len(self.rows),
        }
        if last >= 0 and motion in steps:
            self.move_to(min(max(self.cursor + steps[motion], 0), last))
            self._pinned = motion is not Motion.TOP

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        before = self.cursor
        self._pinned = True
        self._select(index, by_user=True)
        self._refresh_row(before)
        self._refresh_row(index)
        self._scroll_into_view()

    def toggle_mark(self) -> None:
        """Mark the selected row, or take its mark away, and go to the next."""
        if self.key is None:
            return
        self.marks ^= {self.key}
        self._refresh_row(self.cursor)
        self.move(Motion.DOWN)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.marks.clear()
        self.refresh()

    def keep_marks(self, keys: Iterable[Hashable]) -> None:
        """Forget the marks of rows that are no more."""
        self.marks.intersection_update(keys)

    def _select(self, index: int, *, by_user: bool) -> None:
        key = self.rows.key(index) if index < len(self.rows) else None
        self.cursor = index
        if key != self.key:
            self.key = key
            self.post_message(self.Selected(self, key, by_user=by_user))

    def _scroll_into_view(self) -> None:
        height = max(1, self.scrollable_content_region.height)
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor - height + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    # ---- the mouse

    def on_click(self, event: events.Click) -> None:
        """Select what is clicked at; a second click opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._scroll_into_view()

    # ---- drawing

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))

    def column_widths(self, width: int) -> tuple[int, ...]:
        """Return the widths of the columns in a table of ``width`` cells."""
        if self._widths[0] != width:
            self._widths = (width, columns.widths(self.COLUMNS, width - _GUTTER))
        return self._widths[1]

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        index = y + self.scroll_offset.y
        if index < len(self.rows):
            return self._row(index, width, base)
        if not self.rows and y < len(self.hint):
            segments = list(self.hint[y].render(self.app.console))
            return Strip([Segment("  ", base), *segments]).apply_style(base).adjust_cell_length(width, base)
        return Strip.blank(width, base)

    def _row(self, index: int, width: int, base: Style) -> Strip:
        is_cursor = index == self.cursor
        is_marked = bool(self.marks) and self.rows.key(index) in self.marks
        ground = base + self.get_component_rich_style("table--cursor", partial=True) if is_cursor else base
        segments = [Segment(f"{'▸' if is_cursor else ' '}{'✓' if is_marked else ' '} ", ground)]
        for column, cell, cells in zip(self.COLUMNS, self.rows.cells(index), self.column_widths(width), strict=True):
            if cells:
                text = columns.fit(cell.text, cells, right=column.right, middle=column.middle)
                style = ground + self.get_component_rich_style(cell.tone.component, partial=True)
                # A row in reverse cannot bear colours: they would be its ground.
                style = ground if ground.reverse else style
                segments += [Segment(text, style), Segment(" " * columns.GAP, ground)]
        return Strip(segments).adjust_cell_length(width, ground)
