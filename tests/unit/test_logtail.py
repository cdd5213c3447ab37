"""The end of a log file, followed through everything that its owner may do to it."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fjd import logtail
from fjd.logtail import Change, LogTail, News


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "job.out"


def lines_of(news: News) -> tuple[str, ...]:
    return news.piece.lines if news.piece else ()


def rest_of(news: News) -> str:
    return news.piece.open_line if news.piece else ""


def earlier(tail: LogTail, start: int, count: int = 1000) -> tuple[str, ...]:
    """Up to ``count`` lines before ``start``; none when the file is another one by now."""
    with tail.opened() as opened:
        return logtail.before(opened.read, start, count).lines if opened else ()


def add(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


def test_a_file_that_is_not_there_is_absent_until_it_comes(log: Path) -> None:
    tail = LogTail(str(log))
    assert tail.read_new().change is Change.ABSENT
    log.write_bytes(b"one\n")
    news = tail.read_new()
    assert (news.change, lines_of(news)) == (Change.ANEW, ("one",))
    log.unlink()
    assert tail.read_new().change is Change.ABSENT


def test_a_path_through_a_file_is_absent(log: Path) -> None:
    log.write_bytes(b"")
    assert LogTail(str(log / "below")).read_new().change is Change.ABSENT


def test_growth_is_followed_and_a_line_without_end_is_shown_as_far_as_it_is(log: Path) -> None:
    log.write_bytes(b"one\ntw")
    tail = LogTail(str(log))
    news = tail.read_new()
    assert (lines_of(news), rest_of(news)) == (("one",), "tw")
    assert tail.read_new().change is Change.SAME
    add(log, b"o\nthree")
    news = tail.read_new()
    assert (news.change, lines_of(news), rest_of(news)) == (Change.MORE, ("two",), "three")


def test_only_the_last_lines_are_read_and_the_earlier_ones_when_asked(log: Path) -> None:
    log.write_bytes(b"".join(b"line %d\n" % n for n in range(100)))
    tail = LogTail(str(log), tail_lines=10)
    news = tail.read_new()
    assert lines_of(news) == tuple(f"line {n}" for n in range(90, 100))
    assert news.piece is not None
    start = news.piece.start
    assert start > 0
    assert earlier(tail, start, 30) == tuple(f"line {n}" for n in range(60, 90))
    assert earlier(tail, len(b"".join(b"line %d\n" % n for n in range(60))), 100) == tuple(
        f"line {n}" for n in range(60)
    )
    assert earlier(tail, 0) == ()
    add(log, b"new\n")
    assert lines_of(tail.read_new()) == ("new",)


def test_the_last_lines_count_one_that_is_not_ended(log: Path) -> None:
    log.write_bytes(b"a\nb\nc\nd")
    news = LogTail(str(log), tail_lines=2).read_new()
    assert (lines_of(news), rest_of(news)) == (("c",), "d")


@pytest.mark.parametrize("rewrite", [b"x\n", b"other line 1\n", b"much longer than it was before\nand on\n"])
def test_a_truncated_file_is_read_anew(log: Path, rewrite: bytes) -> None:
    log.write_bytes(b"first line 1\n")
    tail = LogTail(str(log))
    tail.read_new()
    log.write_bytes(rewrite)
    os.utime(log, ns=(1, time.time_ns()))
    news = tail.read_new()
    assert news.change is Change.ANEW
    assert "\n".join(lines_of(news)) + "\n" == rewrite.decode()


def test_a_rotated_file_is_read_anew(log: Path) -> None:
    log.write_bytes(b"old\n")
    tail = LogTail(str(log))
    tail.read_new()
    log.rename(log.with_suffix(".1"))
    log.write_bytes(b"new\nold\n")
    news = tail.read_new()
    assert (news.change, lines_of(news)) == (Change.ANEW, ("new", "old"))


def test_earlier_lines_of_another_file_are_not_mixed_in(log: Path) -> None:
    log.write_bytes(b"a\nb\nc\n")
    tail = LogTail(str(log), tail_lines=1)
    tail.read_new()
    log.rename(log.with_suffix(".1"))
    log.write_bytes(b"x\ny\nz\n")
    assert earlier(tail, 4) == ()


def bytes_read() -> int:
    """Return how much this process has read until now (proc_pid_io(5), ``rchar``)."""
    return int(Path("/proc/self/io").read_text().split()[1])


def test_a_gigabyte_opens_at_once(log: Path) -> None:
    with log.open("wb") as file:
        file.truncate(1 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + b"the end\n" * 5)
    before = bytes_read()
    news = LogTail(str(log), tail_lines=5).read_new()
    assert bytes_read() - before < 1 << 23
    assert lines_of(news) == ("the end",) * 5
    assert news.piece is not None
    assert news.piece.start > 1 << 29


def test_a_very_long_line_is_cut_and_says_so(log: Path) -> None:
    log.write_bytes(b"x" * 10_000 + b"\nshort\n")
    news = LogTail(str(log)).read_new()
    assert lines_of(news)[1] == "short"
    assert lines_of(news)[0].startswith("x" * logtail.LINE_MAX_BYTES)
    assert lines_of(news)[0].endswith(f" … ({10_000 - logtail.LINE_MAX_BYTES:,} bytes more)")


def test_one_endless_line_stays_bounded(log: Path) -> None:
    log.write_bytes(b"x" * (3 * logtail.READ_MAX_BYTES))
    tail = LogTail(str(log))
    news = tail.read_new()
    assert len(rest_of(news)) < logtail.LINE_MAX_BYTES + 50
    add(log, b"y" * 100)
    news = tail.read_new()
    assert news.change is Change.MORE
    assert len(rest_of(news)) < logtail.LINE_MAX_BYTES + 50


def test_growth_that_cannot_be_followed_skips_to_the_end(log: Path) -> None:
    log.write_bytes(b"start\n")
    tail = LogTail(str(log), tail_lines=3)
    tail.read_new()
    add(log, b"flood\n" * 1_000_000)
    news = tail.read_new()
    assert (news.change, lines_of(news)) == (Change.ANEW, ("flood",) * 3)


@pytest.mark.parametrize(
    ("pieces", "lines", "rest"),
    [
        ([b"one\r\ntwo\r\n"], ("one", "two"), ""),
        ([b"one\r", b"\ntwo"], ("one",), "two"),
        ([b"10%\r20%\r30%"], (), "30%"),
        ([b"\r10%", b"\r20%", b"\r30%\n"], ("30%",), ""),
        ([b"10%\r", b"20%\r", b"done\n"], ("done",), ""),
        ([b"kept\r\r"], (), "kept"),
    ],
)
def test_a_carriage_return_overwrites_as_on_a_terminal(
    log: Path, pieces: list[bytes], lines: tuple[str, ...], rest: str
) -> None:
    tail = LogTail(str(log))
    seen: list[str] = []
    for piece in pieces:
        add(log, piece)
        news = tail.read_new()
        seen += lines_of(news)
    assert (tuple(seen), rest_of(news)) == (lines, rest)


def test_bytes_that_are_not_utf8_are_replaced(log: Path) -> None:
    log.write_bytes(b"caf\xe9\n\xff\xfe\n")
    assert lines_of(LogTail(str(log)).read_new()) == ("caf\ufffd", "\ufffd\ufffd")


def test_what_is_not_a_plain_file_is_not_waited_for(log: Path) -> None:
    os.mkfifo(log)
    news = LogTail(str(log)).read_new()
    assert (news.change, news.why) == (Change.UNREADABLE, "not a plain file")
    assert LogTail(str(log.parent)).read_new().change is Change.UNREADABLE


def test_nothing_stays_open(log: Path) -> None:
    log.write_bytes(b"one\n")
    before = len(os.listdir("/proc/self/fd"))
    tail = LogTail(str(log))
    tail.read_new()
    earlier(tail, 4)
    assert len(os.listdir("/proc/self/fd")) == before


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(st.text(alphabet="ab\n", max_size=30).map(str.encode), max_size=20), keep=st.integers(1, 5))
def test_following_in_pieces_shows_what_reading_at_once_shows(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], keep: int
) -> None:
    log = tmp_path_factory.mktemp("tail") / "log"
    log.write_bytes(b"")
    tail = LogTail(str(log))
    lines: list[str] = []
    rest = ""
    for piece in pieces:
        add(log, piece)
        news = tail.read_new()
        lines += lines_of(news)
        rest = rest if news.change is Change.SAME else rest_of(news)
    whole = b"".join(pieces).decode()
    assert "".join(f"{line}\n" for line in lines) + rest == whole
    short = LogTail(str(log), tail_lines=keep)
    end = short.read_new()
    shown = "".join(f"{line}\n" for line in lines_of(end)) + rest_of(end)
    assert shown == "".join(whole.splitlines(keepends=True)[-keep:])
    above = earlier(short, end.piece.start if end.piece else 0, 10_000)
    assert "".join(f"{line}\n" for line in above) + shown == whole
