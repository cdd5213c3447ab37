"""The end of a log file as it grows: the state of the file, apart from any widget that shows it.

The file belongs to somebody else, who writes, truncates, rotates or removes it while we look. So nothing is mapped
into memory (a truncation under ``mmap`` kills the reader with SIGBUS), nothing stays open between two looks (on NFS
only an open shows new content, and a removed log gives its space back), and no line is ever held whole without a bound.
All methods read the disk: call them from a thread.
"""

import errno
import os
import stat
from dataclasses import dataclass
from enum import Enum

LINE_MAX_BYTES = 4096
"""A longer line is cut here, and says how much more there was."""
TAIL_LINES = 1000
"""So many of the last lines are read when a file is opened."""
READ_MAX_BYTES = 1 << 20
"""The most that is read at one look; of a file that grew by more, the end."""
_BLOCK_BYTES = 1 << 16
_TRACE_BYTES = 64


class Change(Enum):
    """What a look at the file found."""

    SAME = "same"
    MORE = "more"
    ANEW = "anew"
    """The lines replace all earlier ones: first look, truncated, rotated, or grown by more than can be followed."""
    ABSENT = "absent"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class News:
    """What one look found. ``lines`` are whole lines, oldest first, without their ends, and are foreign text."""

    change: Change
    lines: tuple[str, ...] = ()
    open_line: str = ""
    """The last line, as far as it is written."""
    above_bytes: int = 0
    """How much of the file stands before the first line that was ever returned."""
    why: str = ""
    """What the system said, when the file is unreadable."""


class LogTail:
    """Follows the end of the file at ``path``, which need not exist yet. Not thread-safe: one thread looks."""

    _start: int
    """How much of the file stands before what was read."""

    def __init__(self, path: str, *, tail_lines: int = TAIL_LINES) -> None:
        self.path = path
        self._tail_lines = tail_lines
        self._forget()

    def read_new(self) -> News:
        """Return what happened to the file since the last look."""
        try:
            fd = _open(self.path)
        except FileNotFoundError:
            return self._gone(Change.ABSENT)
        except OSError as error:
            if error.errno == errno.ENOTDIR:
                return self._gone(Change.ABSENT)
            return self._gone(Change.UNREADABLE, os.strerror(error.errno or errno.EIO))
        try:
            return self._look(fd)
        except OSError as error:
            return self._gone(Change.UNREADABLE, os.strerror(error.errno or errno.EIO))
        finally:
            os.close(fd)

    def read_earlier(self, lines: int = TAIL_LINES) -> tuple[str, ...]:
        """Return up to ``lines`` lines that stand before all returned so far; empty at the beginning of the file."""
        if self._start == 0:
            return ()
        try:
            fd = _open(self.path)
        except OSError:
            return ()
        try:
            if _identity(os.fstat(fd)) != self._identity:
                return ()
            data, self._start = _back(fd, self._start, lines)
        except OSError:
            return ()
        finally:
            os.close(fd)
        assembler = _Assembler()
        found = assembler.feed(data)
        return tuple(found) if data.endswith(b"\n") else (*found, assembler.open_line)

    @property
    def above_bytes(self) -> int:
        """How much of the file stands before the first line returned."""
        return self._start

    def _forget(self) -> None:
        self._identity: tuple[int, int] | None = None
        self._start = self._end = self._mtime_ns = 0
        self._trace = b""
        self._assembler = _Assembler()

    def _gone(self, change: Change, why: str = "") -> News:
        self._forget()
        return News(change, why=why)

    def _look(self, fd: int) -> News:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return self._gone(Change.UNREADABLE, "not a plain file")
        grown = status.st_size - self._end
        if _identity(status) != self._identity or not 0 <= grown <= READ_MAX_BYTES or self._rewritten(fd, status):
            return self._begin(fd, status)
        self._mtime_ns = status.st_mtime_ns
        if grown == 0:
            return News(Change.SAME, open_line=self._assembler.open_line, above_bytes=self._start)
        return self._take_in(os.pread(fd, grown, self._end), Change.MORE)

    def _rewritten(self, fd: int, status: os.stat_result) -> bool:
        """Tell whether what was read last no longer stands where it stood: truncated and written again in between."""
        if status.st_size == self._end and status.st_mtime_ns == self._mtime_ns:
            return False
        return os.pread(fd, len(self._trace), self._end - len(self._trace)) != self._trace

    def _begin(self, fd: int, status: os.stat_result) -> News:
        self._forget()
        self._identity, self._mtime_ns = _identity(status), status.st_mtime_ns
        data, self._start = _back(fd, status.st_size, self._tail_lines)
        self._end = self._start
        return self._take_in(data, Change.ANEW)

    def _take_in(self, data: bytes, change: Change) -> News:
        self._end += len(data)
        self._trace = (self._trace + data[-_TRACE_BYTES:])[-_TRACE_BYTES:]
        lines = tuple(self._assembler.feed(data))
        return News(change, lines, self._assembler.open_line, self._start)


class _Assembler:
    """Makes lines of bytes that come in pieces. What a carriage return overwrites is gone, as on a terminal."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._dropped = 0
        self._returned = False

    def feed(self, data: bytes) -> list[str]:
        *whole, rest = data.split(b"\n")
        lines = []
        for part in whole:
            self._add(part)
            lines.append(self.open_line)
            self._clear()
        self._add(rest)
        return lines

    @property
    def open_line(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        return f"{text} … ({self._dropped:,} bytes more)" if self._dropped else text

    def _add(self, part: bytes) -> None:
        if not part:
            return
        body = part.rstrip(b"\r")
        if self._returned and body:
            self._clear()
        overwritten = body.rfind(b"\r")
        if overwritten >= 0:
            self._clear()
            body = body[overwritten + 1 :]
        room = LINE_MAX_BYTES - len(self._kept)
        self._kept += body[:room]
        self._dropped += max(0, len(body) - room)
        self._returned = part.endswith(b"\r")

    def _clear(self) -> None:
        self._kept.clear()
        self._dropped = 0
        self._returned = False


def _open(path: str) -> int:
    """Open for reading; a FIFO does not make us wait for its writer."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _back(fd: int, end: int, lines: int) -> tuple[bytes, int]:
    """Return the last ``lines`` lines before the offset ``end``, and the offset at which they begin.

    At most READ_MAX_BYTES are read; then what is returned may begin in the middle of a line.
    """
    blocks: list[bytes] = []
    start, newlines = end, 0
    while start > 0 and newlines <= lines and end - start < READ_MAX_BYTES:
        size = min(_BLOCK_BYTES, start)
        block = os.pread(fd, size, start - size)
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
