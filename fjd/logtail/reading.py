"""Reading lines anywhere in a text, by bytes that a `Read` gives: before an offset, after it, around it. Bounded."""

import os
from collections.abc import Callable

from fjd.logtail.lines import Piece, assemble

TAIL_LINES = 1000
"""So many lines are read at once."""
READ_MAX_BYTES = 1 << 20
"""The most that is read at one look; of a file that grew by more, the end."""
_BLOCK_BYTES = 1 << 16

Read = Callable[[int, int], bytes]
"""Gives at most so many bytes from an offset on; fewer at the end of the text, none beyond it."""


def reader_of(descriptor: int) -> Read:
    """Return what reads an open file."""
    return lambda size, offset: os.pread(descriptor, size, offset)


def before(read: Read, end: int, lines: int = TAIL_LINES) -> Piece:
    """Return the last ``lines`` lines before ``end``, at which a line begins."""
    data, start = bytes_before(read, end, lines)
    return assemble(data, start)


def after(read: Read, start: int, lines: int = TAIL_LINES) -> Piece:
    """Return the first ``lines`` lines from ``start`` on, at which a line begins.

    At most READ_MAX_BYTES are read; then what is returned may end in the middle of a line.
    """
    data, newlines = b"", 0
    while newlines < lines and len(data) < READ_MAX_BYTES:
        block = read(_BLOCK_BYTES, start + len(data))
        if not block:
            break
        newlines += block.count(b"\n")
        data += block
    return assemble(_first_lines(data, lines), start)


def line_start(read: Read, offset: int) -> int:
    """Return where the line begins in which ``offset`` is; of a line longer than READ_MAX_BYTES, somewhere in it."""
    start = offset
    while start > 0 and offset - start < READ_MAX_BYTES:
        size = min(_BLOCK_BYTES, start)
        found = read(size, start - size).rfind(b"\n")
        start -= size
        if found >= 0:
            return start + found + 1
    return start


def bytes_before(read: Read, end: int, lines: int) -> tuple[bytes, int]:
    """Return the last ``lines`` lines before the offset ``end``, and the offset at which they begin.

    At most READ_MAX_BYTES are read; then what is returned may begin in the middle of a line. A line that has no end
    before ``end`` counts as one.
    """
    blocks: list[bytes] = []
    start, newlines = end, 0
    while start > 0 and newlines <= lines and end - start < READ_MAX_BYTES:
        size = min(_BLOCK_BYTES, start)
        block = read(size, start - size)
        if len(block) < size:  # truncated while we read: what is left of it is read at the next look
            return b"", 0
        start -= size
        newlines += block.count(b"\n")
        blocks.append(block)
    data = b"".join(reversed(blocks))
    skip = _surplus(data, newlines - lines + (not data.endswith(b"\n")), partial=start > 0)
    return data[skip:], start + skip


def _surplus(data: bytes, surplus: int, *, partial: bool) -> int:
    """Return how many bytes at the beginning of ``data`` are lines too many, or the tail of a line cut by the block."""
    skip = 0
    for _ in range(max(surplus, 1 if partial else 0)):
        found = data.find(b"\n", skip, len(data) - 1)
        if found < 0:
            break
        skip = found + 1
    return skip


def _first_lines(data: bytes, lines: int) -> bytes:
    """Return as many lines of the beginning of ``data``."""
    end = -1
    for _ in range(lines):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return data
    return data[: end + 1]
