"""A table that people work with: they mark its rows, choose its columns and put it in order.

Marks and the begin of a range are keys and no row numbers, as the selection is.
"""

from collections.abc import Hashable, Iterable, Sequence

from textual.message import Message

from fjd.tui.columns import Column, Order
from fjd.tui.motion import Motion
from fjd.tui.rows import Rows
from fjd.tui.table import Table


class WorkTable(Table):
    """Keeps the marks, and what its user has arranged."""

    class Arranged(Message):
        """Somebody has chosen other columns or another order for the table."""

        def __init__(self, table: "WorkTable") -> None:
            super().__init__()
            self.table = table

    def __init__(self, shown: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(shown, id=id)
        self.marks: set[Hashable] = set()
        self._anchor: Hashable | None = None
        self._anchor_at = 0

    def show_rows(self, rows: Rows) -> None:
        """Draw these rows from now on, and find the selection and the begin of the range again."""
        if self._anchor is not None:
            found = rows.find(self._anchor, self._anchor_at)
            self._anchor_at = min(self._anchor_at, max(0, len(rows) - 1)) if found is None else found
        super().show_rows(rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; a range goes with it."""
        super().move_to(index)
        if self._anchor is not None:
            self.refresh()

    # ---- the columns and the order

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns that there are to choose from. For a subclass."""
        return self.columns

    def choose_columns(self, names: Sequence[str]) -> None:
        """Show the columns of these names, in this order; what is unknown is passed by, and nothing changes nothing."""
        known = {column.name: column for column in self.all_columns}
        chosen = tuple(known[name] for name in dict.fromkeys(names) if name in known)
        if chosen and chosen != self.columns:
            self.show_columns(chosen)
            self.post_message(self.Arranged(self))

    def put_in_order(self, order: Order | None) -> None:
        """Let the rows come in an order; in their own when it is None. For a subclass: the rows are its."""
        self.order = order

    def turn_order(self, step: int) -> None:
        """Go by the next column, or the one before; beyond the last comes the rows' own order."""
        names = [None, *(column.name for column in self.columns)]
        at = names.index(self.order.column) if self.order and self.order.column in names else 0
        name = names[(at + step) % len(names)]
        self.put_in_order(Order(name) if name else None)

    def turn_round(self) -> None:
        """Let the order go the other way."""
        self.put_in_order(self.order.reversed() if self.order else Order(self.columns[0].name, descending=True))

    def order_after_click(self, column: Column) -> Order | None:
        """Return the order that a click at a column's name asks for: up, then down, then none."""
        if self.order is None or self.order.column != column.name:
            return Order(column.name)
        return None if self.order.descending else self.order.reversed()

    # ---- the marks

    @property
    def span(self) -> range:
        """The rows of the range that was begun, up to the cursor; empty when none was."""
        if self._anchor is None or not len(self.rows):
            return range(0)
        return range(min(self._anchor_at, self.cursor), max(self._anchor_at, self.cursor) + 1)

    @property
    def has_range(self) -> bool:
        """Whether a range was begun."""
        return self._anchor is not None

    def toggle_range(self) -> None:
        """Begin a range at the cursor, or let it be."""
        self._anchor, self._anchor_at = (self.key if self._anchor is None else None), self.cursor
        self.refresh()

    def toggle_mark(self) -> None:
        """Mark the selected row, or take its mark away, and go to the next."""
        if self.key is None:
            return
        self.marks ^= {self.key}
        self._refresh_row(self.cursor)
        self.move(Motion.DOWN)

    def add_marks(self, keys: Iterable[Hashable]) -> None:
        """Mark these as well; a range becomes marks by this."""
        self._anchor = None
        self.marks.update(keys)
        self.refresh()

    def clear_marks(self) -> None:
        """Take all marks away."""
        self._anchor = None
        self.marks = set()
        self.refresh()

    def keys_of(self, span: range) -> list[Hashable]:
        """Return the keys of these rows. Of many it takes a while: call it from a thread."""
        rows = self.rows
        return [rows.key(index) for index in span if index < len(rows)]

    def keep_marks(self, keys: Iterable[Hashable]) -> None:
        """Forget the marks of rows that are no more."""
        self.marks.intersection_update(keys)

    def _mark(self, index: int) -> str:
        if self.marks and self.rows.key(index) in self.marks:
            return "✓"
        return "┃" if index in self.span else " "
