"""Durations, sizes, moments and lists: what is taken, what is refused, and that what is written is read back."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import quantity


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("90", 90), ("1.5", 1.5), ("1h30m", 5400), ("7d", 604_800), ("2w", 1_209_600), ("500ms", 0.5)),
        *(
            (" 2 hours 5 min ", 7500),
            ("1D", 86_400),
            ("01:00", 60),
            ("1:00:00", 3600),
            ("2-00:00:01", 172_801),
            ("0", 0),
        ),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert quantity.parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "x", "5x", "-1", "1h 3", "h", "1:99:00", "1e5", "nan", "inf", "9" * 30, "1mm", "٣"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration|too long"):
        quantity.parse_duration(text)


@given(st.integers(0, 10**9) | st.floats(0.001, 59, allow_nan=False).map(lambda number: round(number, 3)))
def test_a_duration_is_read_back(seconds: float) -> None:
    assert quantity.parse_duration(quantity.format_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"), [("4096", 4096), ("1k", 1024), ("1.5 GiB", 3 << 29), ("2G", 2 << 30), ("500MB", 500 << 20)]
)
def test_sizes(text: str, size: int) -> None:
    assert quantity.parse_size(text) == size


@given(st.integers(0, 1 << 50))
def test_a_size_is_read_back_roughly(size: int) -> None:
    assert quantity.parse_size(quantity.format_size(size)) == pytest.approx(size, rel=0.06)


def test_moments() -> None:
    assert quantity.parse_moment("2026-12-01T18:00:00Z") == quantity.parse_moment("2026-12-01 19:00+01:00")
    assert quantity.parse_moment("2026-12-01") < quantity.parse_moment("2026-12-01 00:01")
    assert quantity.parse_moment(quantity.format_moment(1_790_000_000.0)) == 1_790_000_000.0


@pytest.mark.parametrize(
    ("text", "statuses"), [("1", {1}), ("1, 3-5", {1, 3, 4, 5}), ("137 0", {0, 137}), ("1 .. 3", {1, 2, 3})]
)
def test_statuses(text: str, statuses: set[int]) -> None:
    assert quantity.parse_statuses(text) == statuses


@pytest.mark.parametrize(("text", "is_on"), [("yes", True), ("Off", False), ("1", True), ("FALSE", False)])
def test_switches(text: str, is_on: bool) -> None:
    assert quantity.parse_switch(text) is is_on


@pytest.mark.parametrize(
    ("parse", "texts"),
    [
        (quantity.parse_size, ["", "x", "-1", "1X", "9" * 20, "1 2"]),
        (quantity.parse_moment, ["", "soon", "2026-13-01", "0001-01-01", "9999-12-31", "18:00"]),
        (quantity.parse_statuses, ["", "256", "5-3", "-1", "a", "1;2", "1--2", "9" * 30]),
        (quantity.parse_switch, ["", "perhaps"]),
        (quantity.parse_words, ["'", "a\\", 'b "c']),
        (lambda text: quantity.parse_whole(text, 0, 9), ["", "10", "-1", "1.0", "x", "9" * 5000]),
    ],
)
def test_what_means_nothing(parse: Callable[[str], Any], texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(ValueError, match=r"is n|has a quote"):
            parse(text)


@given(st.text())
def test_nothing_but_a_sentence_is_raised(text: str) -> None:
    for parse in (quantity.parse_duration, quantity.parse_size, quantity.parse_moment, quantity.parse_statuses):
        with contextlib.suppress(ValueError):
            parse(text)


def test_words() -> None:
    assert quantity.parse_words(r"gpu, fast big,gpu 'a, b' c\ d #1") == ("gpu", "fast", "big", "a, b", "c d", "#1")


@given(st.lists(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1), unique=True))
def test_words_are_read_back(words: list[str]) -> None:
    assert quantity.parse_words(quantity.format_words(words)) == tuple(words)


@pytest.mark.parametrize(
    ("number", "word", "text"),
    [(1, "job", "1 job"), (0, "worker", "0 workers"), (6120, "job", "6,120 jobs"), (2, "process", "2 processes")],
)
def test_what_is_counted(number: int, word: str, text: str) -> None:
    assert quantity.counted(number, word) == text
