"""A log of any size, read anywhere: lines around a place, which line that is, and where a text stands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import logtail
from fjd.logtail import LoadedText, LogTail, Needle, NewlineIndex, Piece, Read, Search, index
from fjd.logtail import search as searching


def reader(data: bytes) -> Read:
    return lambda size, offset: data[offset : offset + size]


def text_of(piece: Piece) -> list[tuple[int, str]]:
    return list(zip(piece.starts, piece.lines, strict=True))


LOG = b"one\ntwo\n\nfour\nlast"


def test_lines_before_and_after_a_place_know_where_they_begin() -> None:
    assert text_of(logtail.before(reader(LOG), 9, 2)) == [(4, "two"), (8, "")]
    assert text_of(logtail.after(reader(LOG), 8, 2)) == [(8, ""), (9, "four")]
    assert text_of(logtail.after(reader(LOG), 9)) == [(9, "four"), (14, "last")]
    assert logtail.after(reader(LOG), len(LOG)).lines == ()
    joined = logtail.before(reader(LOG), 9).joined(logtail.after(reader(LOG), 9))
    assert (joined.start, joined.end, joined.lines) == (0, len(LOG), ("one", "two", "", "four", "last"))


def test_where_a_line_begins() -> None:
    starts = [logtail.line_start(reader(LOG), offset) for offset in range(len(LOG) + 1)]
    assert starts == [0] * 4 + [4] * 4 + [8] + [9] * 5 + [14] * 5
    endless = b"x" * (3 * logtail.READ_MAX_BYTES)
    assert logtail.line_start(reader(endless), len(endless)) >= logtail.READ_MAX_BYTES


@given(st.text(alphabet="ab\n", max_size=60).map(str.encode), st.integers(0, 60), st.integers(1, 4))
def test_reading_on_and_back_in_steps_gives_every_line_once(data: bytes, at: int, step: int) -> None:
    read = reader(data)
    start = end = logtail.line_start(read, min(at, len(data)))
    lines: list[tuple[int, str]] = []
    while start > 0:
        piece = logtail.before(read, start, step)
        lines, start = text_of(piece) + lines, piece.start
    while end < len(data):
        piece = logtail.after(read, end, step)
        lines, end = lines + text_of(piece), piece.end
    assert [line for _, line in lines] == data.decode().splitlines()
    assert all(data[offset:].decode().startswith(line) for offset, line in lines)


def test_the_index_knows_the_number_of_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK_BYTES", 7)
    data = b"".join(b"line %d\n" % number for number in range(50))
    read, made = reader(data), NewlineIndex()
    assert made.number(read, 40) is None
    steps = 0
    while made.advance(read, len(data), 21):
        steps += 1
    assert steps == len(data) // 21
    starts = [offset for offset in range(len(data)) if offset == 0 or data[offset - 1 : offset] == b"\n"]
    assert [made.number(read, offset) for offset in starts] == list(range(50))
    assert made.number(read, len(data)) == 50
    assert made.number(read, len(data) + 100) is None


def test_the_index_of_a_file_that_shrinks_while_it_is_made_stops() -> None:
    assert NewlineIndex().advance(reader(b"short"), 1 << 30, 1 << 30) is False


def found(data: bytes, text: str, at: int = 0, *, backwards: bool = False) -> list[int]:
    search, places = Search(Needle(text), len(data), at, backwards=backwards), []
    while not search.is_over:
        place = search.step(reader(data))
        if place is not None:
            places.append(place)
    assert search.share == 1.0
    return places


def test_a_search_goes_on_around_the_end() -> None:
    data = b"Error 1\nfine\nerror 2\nerror 3\n"
    assert found(data, "error") == [0, 13, 21]
    assert found(data, "error", 13) == [13, 21, 0]
    assert found(data, "error", 14) == [21, 0, 13]
    assert found(data, "error", 13, backwards=True) == [0, 21, 13]
    assert found(data, "Error") == [0], "a great letter finds no small one"
    assert found(data, "nowhere") == []
    assert found(data, "") == []
    assert found(b"", "x") == []


@given(
    st.text(alphabet="ab", max_size=60).map(str.encode),
    st.text(alphabet="ab", min_size=1, max_size=3),
    st.integers(-5, 70),
    st.integers(1, 8),
    st.booleans(),
)
def test_a_search_in_parts_of_any_size_finds_all(data: bytes, text: str, at: int, chunk: int, backwards: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_CHUNK_BYTES", chunk)
        places = found(data, text, at, backwards=backwards)
    all_of_them = [place for place in range(len(data)) if data.startswith(text.encode(), place)]
    assert sorted(places) == all_of_them
    first = [place for place in places if (place < at) == backwards]
    assert first == sorted(first, reverse=backwards)
    assert places[: len(first)] == first


def test_what_is_found_is_marked_where_it_stands() -> None:
    assert Needle("ab").spans("xAbab") == [(1, 3), (3, 5)]
    assert Needle("Ab").spans("xAbab") == [(1, 3)]
    assert Needle("").spans("x") == []
    assert Needle("b").spans("İİb") == [(2, 3)], "no letter becomes two"


def test_while_it_is_held_new_lines_are_counted_and_not_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n")
    tail = LogTail(str(log))
    tail.read_new()
    tail.is_held = True
    with log.open("ab") as file:
        file.write(b"new\n" * 600_000)
    counted = 0
    while (news := tail.read_new()).change is logtail.Change.MORE:
        assert news.piece is None
        counted = news.new_lines
    assert counted == 600_000
    news = tail.read_end()
    assert news.piece is not None
    assert not news.is_other
    assert news.piece.lines[-1] == "new"
    tail.is_held = True
    log.write_bytes(b"other\n")
    news = tail.read_new()
    assert (news.is_other, tail.is_held) == (True, False)


def test_a_text_that_is_loaded_is_read_like_a_file() -> None:
    texts = ["one\ntwo", "one\ntwo", "three"]
    loaded = LoadedText(lambda: texts.pop(0))
    news = loaded.read_new()
    assert news.piece is not None
    assert text_of(news.piece) == [(0, "one"), (4, "two")]
    assert loaded.read_new().change is logtail.Change.SAME
    with loaded.opened() as opened:
        assert opened is not None
        assert logtail.after(opened.read, 4).lines == ("two",)
    news = loaded.read_end()
    assert news.piece is not None
    assert news.piece.lines == ("three",)
