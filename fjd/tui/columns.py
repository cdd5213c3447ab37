"""How a table's columns share its width, and by which one its rows are in order. Pure: numbers and text in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

GAP = 2
"""Blanks between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Widths are in cells of the terminal."""

    name: str
    min: int
    flex: int = 0
    """Its share of the room that is left; 0 keeps it at ``min``."""
    max: int = 0
    """It grows no wider; 0 for no bound."""
    drop: int = 0
    """The higher, the earlier it goes when room is short; 0 stays."""
    right: bool = False
    middle: bool = False
    """Cut in the middle: names that differ in their last letters stay apart."""
    sentence: str = ""
    """What it shows, for who chooses among columns."""


@dataclass(frozen=True, slots=True)
class Order:
    """The column by whose values the rows are in order."""

    column: str
    descending: bool = False

    @property
    def sign(self) -> str:
        """The sign beside the column's name."""
        return "▾" if self.descending else "▴"

    def reversed(self) -> "Order":
        """Return the same, the other way round."""
        return Order(self.column, not self.descending)


def heading(column: Column, width: int, order: Order | None) -> str:
    """Return the name of a column in exactly ``width`` cells, with a sign when the rows are in its order."""
    is_it = order is not None and order.column == column.name
    name = f"{column.name} {order.sign}" if order is not None and is_it else column.name
    return fit(name, width, right=column.right)


def at(widths: Sequence[int], x: int) -> int | None:
    """Return which of the columns of these widths the cell ``x`` belongs to, the blanks behind one included."""
    for number, width in enumerate(widths):
        if width and x < width + GAP:
            return number if x >= 0 else None
        x -= width + GAP if width else 0
    return None


def widths(columns: Sequence[Column], room: int) -> tuple[int, ...]:
    """Return the width of each column in ``room`` cells, 0 for one that is left out."""
    kept = list(range(len(columns)))
    while _least(columns, kept) > room and any(columns[index].drop for index in kept):
        kept.remove(max(kept, key=lambda index: columns[index].drop))
    result = [0] * len(columns)
    for index in kept:
        result[index] = columns[index].min
    _share_out(columns, kept, result, room - _least(columns, kept))
    return tuple(result)


def _least(columns: Sequence[Column], kept: Sequence[int]) -> int:
    return sum(columns[index].min for index in kept) + GAP * max(0, len(kept) - 1)


def _share_out(columns: Sequence[Column], kept: Sequence[int], result: list[int], spare: int) -> None:
    """Give ``spare`` cells to those that can grow; where one is at its bound, the others get the rest."""
    if spare < 0:
        first = kept[0]
        result[first] = max(1, result[first] + spare)
        return
    growing = [index for index in kept if columns[index].flex]
    while growing and spare > 0:
        shares = sum(columns[index].flex for index in growing)
        before = spare
        for index in list(growing):
            column = columns[index]
            wanted = max(1, before * column.flex // shares)
            bound = column.max - result[index] if column.max else wanted
            grown = min(wanted, bound, spare)
            result[index] += grown
            spare -= grown
            if column.max and result[index] >= column.max:
                growing.remove(index)


@lru_cache(4096)
def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Return ``text`` in exactly ``width`` cells; what is cut has an ellipsis."""
    size = cell_len(text)
    if size <= width:
        blanks = " " * (width - size)
        return blanks + text if right else text + blanks
    if width < 2:
        return "…" * width
    if middle and width >= 7:
        tail = _tail(text, (width - 1) // 2)
        return set_cell_size(set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail, width)
    return set_cell_size(text, width - 1) + "…"


def _tail(text: str, width: int) -> str:
    """Return the end of ``text`` in ``width`` cells at most."""
    end = text[-width:]
    while cell_len(end) > width:
        end = end[1:]
    return end
