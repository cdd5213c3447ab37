import math
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fjd import display

ANY_TEXT = st.text(st.characters(exclude_categories=()))
NASTY = st.text(
    st.sampled_from("a \\…é日\t\n\r\x1b\x07\x00\x7f\x80\x9b\x9d\u061c\u200b\u200d\u200e\u202e\u2066\u2028\u2029\ufeff"
                    "\u3000\xa0\u0301\u3164\ufe0f\udcff\ud800\ue000\U000e0041\U0010ffff"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain [red]text[/] é 日本 ✔️", "plain [red]text[/] é 日本 ✔️"),
        ("a\x1b]2;title\x07b", r"a\x1b]2;title\x07b"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\x00\x7f", r"\x00\x7f"),
        ("\x9b31m", r"\u009b31m"),
        ("a\tb\xa0c\u3000d", "a b c d"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("a\u2028b\u200bc\ufeff", r"a\u2028b\u200bc\ufeff"),
        ("caf\udcff", r"caf\xff"),
        ("\ud800", r"\ud800"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("blank\u3164", r"blank\u3164"),
        ("\u0301a\u0301", "\\u0301a\u0301"),
        ("private \ue000", r"private \ue000"),
        ("\U0001f3fb", r"\U0001f3fb"),
    ],
)
def test_clean_shows(text: str, shown: str) -> None:
    assert display.clean(text) == shown


@given(ANY_TEXT | NASTY)
def test_what_is_clean_is_harmless(text: str) -> None:
    shown = display.clean(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in shown)
    assert not text or cell_len(shown) > 0


@given(ANY_TEXT | NASTY)
def test_clean_is_clean(text: str) -> None:
    assert display.clean(display.clean(text)) == display.clean(text)


@given(ANY_TEXT | NASTY, st.integers(-1, 20))
def test_a_cut_is_marked(text: str, max_len: int) -> None:
    whole, cut = display.clean(text), display.clean(text, max_len=max_len)
    assert len(cut) <= max(max_len, 0)
    if len(whole) <= max_len:
        assert cut == whole
    elif max_len > 0:
        assert cut == whole[: max_len - 1] + "…"


def test_a_cut_of_a_long_text_is_cheap() -> None:
    text = "\x1b" * 10_000_000
    began = time.process_time()
    assert len(display.clean(text, max_len=80)) == 80
    assert time.process_time() - began < 0.1


def test_harmless_text_is_handed_back() -> None:
    for text in ("job0001.conf", "日本.conf"):
        assert display.clean(text) is text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (-3, "0:00"),
        (12.9, "0:12"),
        (280, "4:40"),
        (3599.99, "59:59"),
        (3753, "1:02:33"),
        (86399, "23:59:59"),
        (2 * 86400 + 3 * 3600 + 4 * 60 + 5, "2d 3:04"),
        (5000 * 86400, "5,000d 0:00"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_duration(seconds: float, shown: str) -> None:
    assert display.duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (-1, "0s"),
        (0.2, "1s"),
        (59.5, "1m 0s"),
        (160, "2m 40s"),
        (3600, "1h 0m"),
        (3601, "1h 1m"),
        (86399, "1d 0h"),
        (2 * 86400 + 1, "2d 1h"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_eta(seconds: float, shown: str) -> None:
    assert display.eta(seconds) == shown


@given(st.floats())
def test_any_figure_can_be_shown(seconds: float) -> None:
    assert display.duration(seconds)
    assert display.eta(seconds)


def test_count() -> None:
    assert [display.count(number) for number in (0, 999, 6120, 1_000_000)] == ["0", "999", "6,120", "1,000,000"]
