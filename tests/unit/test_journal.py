"""Journals: what is written is read, through torn lines, garbage, full disks and any number of looks."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.errors import DiskError
from fjd.spool import fsio, journal
from fjd.spool.journal import Journal, Tail
from fjd.spool.layout import Layout

TEXTS = st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


@pytest.fixture
def path(layout: Layout) -> Path:
    return Path(layout.journal("w"))


def events(tail: Tail) -> list[str]:
    return [record["event"] for record in tail.read()]


@given(lines=st.lists(st.dictionaries(st.sampled_from(["job", "reason", "exit"]), VALUES), max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, object]]) -> None:
    layout = Layout(str(tmp_path_factory.mktemp("spool")))
    os.mkdir(layout.journals)
    writer = Journal(layout, "w", clock=lambda: 1.0004)
    for values in lines:
        writer.write("end", **values)
    writer.close()
    assert Tail(writer.path).read() == [{"t": 1.0, "event": "end", **values} for values in lines]


def test_each_look_shows_what_is_new(layout: Layout) -> None:
    writer, tail = Journal(layout, "w"), Tail(layout.journal("w"))
    assert events(tail) == []
    writer.write("one")
    writer.write("two")
    assert events(tail) == ["one", "two"]
    writer.write("three")
    assert events(tail) == ["three"]
    assert events(tail) == []
    writer.close()


def test_each_line_is_one_write(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    append = fsio.append

    def spying(descriptor: int, data: bytes, path: str) -> int:
        written.append(data)
        return append(descriptor, data, path)

    monkeypatch.setattr(fsio, "append", spying)
    writer = Journal(layout, "w")
    writer.write("one", job="a\nb")
    writer.write("two")
    writer.close()
    assert [data.count(b"\n") for data in written] == [1, 1]


def test_a_torn_line_waits_until_it_is_complete(path: Path) -> None:
    tail = Tail(str(path))
    path.write_bytes(b'{"event":"one"}\n{"event":"tw')
    assert events(tail) == ["one"]
    assert events(tail) == []
    with path.open("ab") as file:
        file.write(b'o"}\n{"event":"three"}\n')
    assert events(tail) == ["two", "three"]
    assert tail.torn == 0


def test_a_journal_that_is_another_after_the_first_look_is_read_from_its_beginning(path: Path) -> None:
    tail = Tail(str(path))
    assert events(tail) == []
    path.write_bytes(b'{"event":"one","job":"a job of a name that is long enough"}\n')
    assert events(tail) == ["one"]
    path.unlink()
    path.write_bytes(b'{"event":"other","job":"a job of a name that is longer than the one before"}\n')
    assert events(tail) == ["other"]


def test_of_a_journal_of_which_nothing_was_read_nothing_is_asked_beside_its_contents(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail, opened = Tail(str(path)), list[str]()
    path.touch()
    real_open = os.open

    def spying(name: str, flags: int) -> int:
        opened.append(name)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", spying)
    assert (events(tail), events(tail)) == ([], [])
    assert opened == [str(path)] * 2


GARBAGE = [
    b"{",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"event"',
    b"{}",
    b'{"event":1}',
    b'{"event":"torn","jo{"event":"whole"}',
    b"[" * 100_000,
    b"9" * 10_000,
    b"\0" * 4096,
]


@pytest.mark.parametrize("line", GARBAGE, ids=range(len(GARBAGE)))
def test_a_line_that_is_garbage_is_counted_and_skipped(path: Path, line: bytes) -> None:
    path.write_bytes(b'{"event":"one"}\n' + line + b'\n\n{"event":"two"}\n')
    tail = Tail(str(path))
    assert events(tail) == ["one", "two"]
    assert tail.torn == 1


@given(st.binary(max_size=300))
def test_no_bytes_are_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("journal") / "w.jsonl"
    path.write_bytes(data)
    Tail(str(path)).read()


def test_a_journal_of_many_chunks_is_read_whole(path: Path) -> None:
    lines = [json.dumps({"event": "end", "job": f"job{number}", "pad": "x" * 3000}) for number in range(1000)]
    path.write_text("\n".join([*lines, ""]))
    assert path.stat().st_size > 2 << 20
    assert [record["job"] for record in Tail(str(path)).read()] == [f"job{number}" for number in range(1000)]


def test_what_a_full_disk_does_not_take_waits_and_is_lost_no_part_of(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes five bytes of each line, then none, and has room again at the end."""
    append = fsio.append
    room = [5]

    def full(descriptor: int, data: bytes, path: str) -> int:
        if not room:
            raise DiskError("no space left")
        return append(descriptor, data[: room.pop()], path)

    writer, tail = Journal(layout, "w"), Tail(layout.journal("w"))
    monkeypatch.setattr(fsio, "append", full)
    writer.write("one")
    writer.write("two")
    assert not writer.flush()
    assert tail.read() == []
    monkeypatch.setattr(fsio, "append", append)
    writer.write("three")
    assert writer.flush()
    writer.close()
    assert events(tail) == ["one", "two", "three"]
    assert tail.torn == 0


def test_a_journal_that_cannot_be_opened_is_tried_again(layout: Layout) -> None:
    writer = Journal(layout, "w")
    Path(layout.journal("w")).mkdir()
    writer.write("one")
    assert not writer.flush()
    Path(layout.journal("w")).rmdir()
    assert writer.flush()
    writer.close()
    assert events(Tail(writer.path)) == ["one"]


def test_lines_that_wait_take_no_more_memory_than_a_bound(layout: Layout) -> None:
    writer = Journal(layout, "w")
    Path(layout.journal("w")).mkdir()
    for _ in range(100):
        writer.write("end", reason="x" * 50_000)
    Path(layout.journal("w")).rmdir()
    writer.close()
    assert len(Tail(writer.path).read()) < 30


def test_a_journal_that_is_closed_unwritten_is_an_empty_one_or_none(layout: Layout) -> None:
    Journal(layout, "w").close()
    assert Tail(layout.journal("w")).read() == []


def test_who_has_written_a_journal(layout: Layout) -> None:
    for name in ("a.jsonl", "b-1.jsonl", ".c.jsonl", "d.json", "\udcff.jsonl"):
        Path(layout.journals, name).write_bytes(b"")
    assert sorted(journal.writers(layout)) == ["a", "b-1", "\udcff"]
