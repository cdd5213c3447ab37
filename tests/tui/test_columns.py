"""Columns share the width, and what is cut has a sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fjd.tui import jobcolumns, workerrows
from fjd.tui.columns import GAP, Column, fit, widths

COLUMNS = (Column("a", 10, flex=1, max=15), Column("b", 5, drop=1), Column("c", 5, flex=2, drop=2))


def test_spare_room_goes_to_those_that_grow() -> None:
    assert widths(COLUMNS, 30) == (12, 5, 9)
    assert widths(COLUMNS, 100) == (15, 5, 76)


def test_the_least_important_goes_first() -> None:
    assert widths(COLUMNS, 20) == (13, 5, 0)
    assert widths(COLUMNS, 12) == (12, 0, 0)


def test_too_little_room_cuts_the_first() -> None:
    assert widths(COLUMNS, 6) == (6, 0, 0)


@pytest.mark.parametrize(
    "columns", [tuple(one.column for one in jobcolumns.ALL), jobcolumns.chosen(()), workerrows.chosen(())]
)
@given(room=st.integers(1, 400))
def test_the_room_is_never_exceeded(columns: tuple[Column, ...], room: int) -> None:
    shown = [width for width in widths(columns, room) if width]
    least = columns[0].min + sum(GAP + column.min for column in columns[1:] if not column.drop)
    assert sum(shown) + GAP * (len(shown) - 1) <= max(room, least)


@given(text=st.text(), width=st.integers(1, 40), right=st.booleans(), middle=st.booleans())
def test_a_text_takes_exactly_its_room(text: str, width: int, right: bool, middle: bool) -> None:
    assert cell_len(fit(text, width, right=right, middle=middle)) == width


def test_a_cut_is_marked() -> None:
    assert fit("abcdefgh", 5) == "abcd…"
    assert fit("abcdefghijkl", 9, middle=True) == "abcd…ijkl"
    assert fit("ab", 4, right=True) == "  ab"
