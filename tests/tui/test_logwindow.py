"""The lines that the log pane holds, and where they stand on the screen; its colours; what it copies."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from fjd.logtail import Piece
from fjd.tui import ansi, clipboard
from fjd.tui.panes import logwindow
from fjd.tui.panes.logwindow import LogWindow


def piece(*lines: str, start: int = 0, open_line: str = "") -> Piece:
    starts, at = [], start
    for line in lines:
        starts.append(at)
        at += len(line.encode()) + 1
    return Piece(lines, tuple(starts), start, at, open_line)


def window(*lines: str, start: int = 0, open_line: str = "") -> LogWindow:
    made, of = LogWindow(), piece(*lines, start=start, open_line=open_line)
    made.replace(of, of.end + len(open_line))
    return made


def test_what_stands_beside_is_added_and_what_does_not_is_left() -> None:
    held = window("cc", "dd", start=6)
    assert held.add_above(piece("aa", "bb")) == 2
    assert held.add_above(piece("aa", "bb")) == 0
    assert held.add_below(piece("ee", start=12), 15)
    assert not held.add_below(piece("ee", start=12), 15)
    assert [held.line(index) for index in range(len(held))] == ["aa", "bb", "cc", "dd", "ee"]
    assert (held.start, held.end, held.reaches_end) == (0, 15, True)


def test_a_line_is_found_by_any_byte_of_it() -> None:
    held = window("aa", "b", start=10, open_line="ccc")
    assert [held.index(offset) for offset in range(9, 17)] == [None, 0, 0, 0, 1, 1, 2, None]
    assert window().index(0) is None


@pytest.mark.parametrize("near", [0, 99])
def test_too_much_is_forgotten_far_from_the_reader(near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logwindow, "LINES_MAX", 80)
    held = window(*(f"{number:03}" for number in range(100)))
    gone = held.trim(near)
    assert len(held) == 75
    assert (gone, held.line(0), held.reaches_end) == ((0, "000", False) if near == 0 else (25, "025", True))
    assert held.starts == [int(line) * 4 for line in held.lines]


@given(
    st.lists(st.text(alphabet="x宽", max_size=12), min_size=1, max_size=12),
    st.sampled_from([0, 2, 3, 5]),
    st.integers(1, 6),
    st.integers(-40, 40),
)
def test_moving_by_rows_is_moving_in_the_list_of_all_rows(lines: list[str], width: int, height: int, by: int) -> None:
    held = window(*lines)
    places = held.page((0, 0), 10_000, width)
    last = held.last_page(height, width)
    assert places.index(last) == max(0, len(places) - height)
    assert held.page(last, height, width) == places[-height:]
    moved = held.moved(last, by, width)
    assert moved == places[min(max(places.index(last) + by, 0), len(places) - 1)]


COLOURS = [
    ("\x1b[31mred\x1b[0m plain", "red plain"),
    ("\x1b[1;38;5;208mx\x1b[m", "x"),
    ("\x1b[38;2;1;2;3mtrue\x1b[39m", "true"),
    ("a\tb\x1b[1m\tc", "a       b       c"),
]


@pytest.mark.parametrize(("line", "shown"), COLOURS)
def test_colours_are_kept_and_say_nothing(line: str, shown: str) -> None:
    text = ansi.styled(line)
    assert text.plain == shown
    assert [span for span in text.spans if str(span.style) != str(ansi._CALM)]


@pytest.mark.parametrize(
    "line",
    [
        "\x1b]2;TITLE\x07", "\x1b]0;T", "\x1b]52;c;aGk=\x1b\\", "\x1bPq#0\x1b\\", "\x1b[2J", "\x1b[?1049h", "\x1b[5;5H",
        "\x1b[6n", "\x1bc", "\x1b(0", "\x1b#8", "\x1b[", "\x1b[3", "\x1b]", "\x1b^pm\x1b\\", "\x1b_apc\x1b\\",
        "\x1b]8;;http://example.org\x1b\\",
    ],
)  # fmt: skip
def test_every_other_sequence_is_gone_whole(line: str) -> None:
    assert ansi.plain(f"a{line}").startswith("a")
    assert ansi.plain(f"a{line}") == "a"
    assert ansi.plain(f"\x1b[32ma{line}") == "a"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x9b31mred", "\\u009b31mred"),
        ("bell\x07", "bell\\x07"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("[red]x[/]", "[red]x[/]"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("\x1b[31m\u202ex", "\\u202ex"),
        ("\x1b[" + "1" * 4000 + "mx", "x"),
        ("\x1b[²mx", "\\x1b[²mx"),
        ("\udcff", "\\xff"),
    ],
)
def test_what_remains_is_shown_and_not_obeyed(line: str, shown: str) -> None:
    assert ansi.plain(line) == shown


def test_nothing_blinks_and_nothing_is_hidden() -> None:
    text = ansi.styled("\x1b[5;6;8;31mx")
    style = text.get_style_at_offset(Console(), 0)
    assert (style.blink, style.blink2, style.conceal) == (False, False, False)
    assert style.color is not None
    assert style.link is None


@given(st.text(alphabet="\x1b[]0123456789;:mHJhl\\PX^_\x07\x9b\t a²(#宽\udcff", max_size=40))
def test_whatever_a_line_holds_nothing_of_it_is_obeyed(line: str) -> None:
    shown = ansi.plain(line)
    assert shown.isprintable()
    assert "\x1b" not in shown


def test_copying_says_it_in_base_64_and_through_screen_in_pieces() -> None:
    hostile = "\x1b]2;T\x07" * 200
    plain = clipboard.sequence(hostile, {})
    assert plain == f"\x1b]52;c;{base64.b64encode(hostile.encode()).decode()}\x07"
    wrapped = clipboard.sequence(hostile, {"STY": "1.x"})
    pieces = wrapped.split("\x1b\\")[:-1]
    assert all(part.startswith("\x1bP") and len(part) <= 202 for part in pieces)
    assert "".join(part[2:] for part in pieces) == plain
    assert clipboard.sequence(hostile, {"STY": "1.x", "TMUX": "y"}) == plain
