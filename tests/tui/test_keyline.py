"""The line that says what the keys of a dialog do."""

import pytest

from fjd.tui import keyline

PAIRS = (("enter", "go"), ("s", "keep it"), ("esc", "back"))


@pytest.mark.parametrize(
    ("width", "rows"),
    [(80, [3]), (35, [3]), (34, [2, 1]), (10, [1, 1, 1]), (1, [1, 1, 1])],
)
def test_a_key_and_its_words_stay_together(width: int, rows: list[int]) -> None:
    found = keyline.lines(PAIRS, width)
    assert [pair for line in found for pair in line] == list(PAIRS)
    assert [len(line) for line in found] == rows
