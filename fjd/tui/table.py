"""A table of any length, on Textual's line API: it asks for the rows that the screen shows and for no others.

The selection is a key and no row number, so what is selected stays selected while rows come and go around it.
The table knows nothing of jobs and workers; it must never iterate over all of its rows.
"""

from collections.abc import Hashable, Sequence
from typing import ClassVar

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
from fjd.tui.columns import Column, Order
from fjd.tui.grounded import Grounded
from fjd.tui.motion import Motion
from fjd.tui.rows import NoRows, Rows
from fjd.tui.tones import TONES

_GUTTER = 3
_HEAD_FROM = 8
"""A table of fewer lines has none to spare for the names of its columns."""


class Table(Grounded, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, and keeps the selection."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--cursor", "table--head", "table--order", *(tone.component for tone in TONES),
    }  # fmt: skip
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

    class HeadClicked(Message):
        """The name of a column was clicked at."""

        def __init__(self, table: "Table", column: Column) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> "Table":
            return self.table

    def __init__(
        self,
        shown: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002  # Textual's name for it
        head_from: int = _HEAD_FROM,
    ) -> None:
        """``head_from`` is from how many lines on it shows the names of its columns."""
        super().__init__(id=id)
        self._head_from = head_from
        self.columns: tuple[Column, ...] = tuple(shown)
        self.order: Order | None = None
        """What the head says of the order; the rows come in it."""
        self.rows: Rows = NoRows()
        self.key: Hashable | None = None
        self.hint: tuple[Text, ...] = ()
        """What stands in an empty table."""
        self._pinned = False
        self._widths: dict[int, tuple[int, ...]] = {}

    # ---- the rows

    def show_columns(self, shown: Sequence[Column]) -> None:
        """Show these columns from now on."""
        self.columns = tuple(shown)
        self._widths.clear()
        self.refresh()

    def show_rows(self, rows: Rows) -> None:
        """Draw these rows from now on, and find the selection again."""
        before, offset = self.cursor, self.cursor - self.scroll_offset.y
        was_visible = 0 <= offset < self.page
        self.rows = rows
        self._resize()
        index = self._found(before)
        self._select(index, by_user=False)
        if was_visible and index != before:
            self.scroll_to(y=index - offset, animate=False, force=True)
        if was_visible:
            self._scroll_into_view()
        self.refresh()

    def _resize(self) -> None:
        size = Size(1, len(self.rows) + self._head)
        if self.virtual_size != size:
            self.virtual_size = size

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
        rows, last = motion.rows(self.page, len(self.rows)), len(self.rows) - 1
        if last >= 0 and rows:
            self.move_to(min(max(self.cursor + rows, 0), last))
            self._pinned = motion is not Motion.TOP

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        before = self.cursor
        self._pinned = True
        self._select(index, by_user=True)
        self._refresh_row(before)
        self._refresh_row(index)
        self._scroll_into_view()

    def _select(self, index: int, *, by_user: bool) -> None:
        key = self.rows.key(index) if index < len(self.rows) else None
        self.cursor = index
        if key != self.key:
            self.key = key
            self.post_message(self.Selected(self, key, by_user=by_user))

    def _scroll_into_view(self) -> None:
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor - self.page + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    @property
    def page(self) -> int:
        """How many rows the screen shows."""
        return max(1, self.scrollable_content_region.height - self._head)

    @property
    def rows_on_screen(self) -> range:
        """The rows that the screen shows."""
        top = self.scroll_offset.y
        return range(top, min(top + self.page, len(self.rows)))

    @property
    def _head(self) -> int:
        """How many lines the names of the columns take."""
        return int(self.scrollable_content_region.height >= self._head_from and bool(len(self.rows)))

    # ---- the mouse

    def on_click(self, event: events.Click) -> None:
        """Select what is clicked at; a second click opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self._head:
            self._click_head(offset.x)
            return
        index = offset.y - self._head + self.scroll_offset.y
        if index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _click_head(self, x: int) -> None:
        number = columns.at(self.column_widths(self.scrollable_content_region.width), x - _GUTTER)
        if number is not None:
            self.post_message(self.HeadClicked(self, self.columns[number]))

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._resize()
        self._scroll_into_view()

    # ---- drawing

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y + self._head, self.size.width, 1))

    def column_widths(self, width: int) -> tuple[int, ...]:
        """Return the widths of the columns in a table of ``width`` cells."""
        if width not in self._widths:
            self._widths[width] = columns.widths(self.columns, width - _GUTTER)
        return self._widths[width]

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y < self._head:
            return self._head_line(width, base)
        index = y - self._head + self.scroll_offset.y
        if index < len(self.rows):
            return self._row(index, width, base)
        if not len(self.rows) and y < len(hint := self._shown_hint()):
            segments = list(hint[y].render(self.app.console))
            return Strip([Segment("  ", base), *segments]).apply_style(base).adjust_cell_length(width, base)
        return Strip.blank(width, base)

    def _shown_hint(self) -> Sequence[Text]:
        """Return the lines of the hint, without the blank ones where there is no room for these."""
        is_cut = len(self.hint) > self.scrollable_content_region.height
        return [line for line in self.hint if line.plain] if is_cut else self.hint

    def _head_line(self, width: int, base: Style) -> Strip:
        plain, chosen = (
            base + self.get_component_rich_style(name, partial=True) for name in ("table--head", "table--order")
        )
        segments = [Segment(" " * _GUTTER, plain)]
        for column, cells in zip(self.columns, self.column_widths(width), strict=True):
            if cells:
                is_chosen = self.order is not None and self.order.column == column.name
                segments.append(Segment(columns.heading(column, cells, self.order), chosen if is_chosen else plain))
                segments.append(Segment(" " * columns.GAP, plain))
        return Strip(segments).adjust_cell_length(width, plain)

    def _row(self, index: int, width: int, base: Style) -> Strip:
        is_cursor = index == self.cursor
        ground = base + self.get_component_rich_style("table--cursor", partial=True) if is_cursor else base
        segments = [Segment(f"{'▸' if is_cursor else ' '}{self._mark(index)} ", ground)]
        cells_of_row = self.rows.cells(index, self.columns)
        for column, cell, cells in zip(self.columns, cells_of_row, self.column_widths(width), strict=True):
            if cells:
                text = columns.fit(cell.text, cells, right=column.right, middle=column.middle)
                style = ground + self.get_component_rich_style(cell.tone.component, partial=True)
                # A row in reverse cannot bear colours: they would be its ground.
                style = ground if ground.reverse else style
                segments += [Segment(text, style), Segment(" " * columns.GAP, ground)]
        return Strip(segments).adjust_cell_length(width, ground)

    def _mark(self, index: int) -> str:  # noqa: ARG002  # for who has marks
        """Return the sign between the cursor's and the first cell of a row."""
        return " "
