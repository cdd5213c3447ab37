"""The end of a log file as it grows, and what its owner did to it since the last look."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum

from fjd.errors import FjdError
from fjd.logtail.lines import Assembler, Piece, assemble
from fjd.logtail.reading import READ_MAX_BYTES, TAIL_LINES, Read, bytes_before, reader_of

_TRACE_BYTES = 64


class Change(Enum):
    """What a look at the file found."""

    SAME = "same"
    MORE = "more"
    """It has grown; what is new stands behind what was read, or was counted."""
    ANEW = "anew"
    """The lines replace all earlier ones: first look, truncated, rotated, or grown by more than can be followed."""
    ABSENT = "absent"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class News:
    """What one look found."""

    change: Change
    piece: Piece | None = None
    """The lines that are new; None while the end is not followed."""
    size: int = 0
    """The file's, in bytes."""
    new_lines: int = 0
    """How many lines have come since the end was followed no more."""
    why: str = ""
    """What the system said, when the file is unreadable."""
    is_other: bool = False
    """Whether it is another file than before, or another text in it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that can be read anywhere."""

    read: Read
    size: int


class LogTail:
    """Follows the end of the file at ``path``, which need not exist yet. Not thread-safe: one thread looks."""

    def __init__(self, path: str, *, tail_lines: int = TAIL_LINES) -> None:
        self.path = path
        self.is_held = False
        """While somebody reads elsewhere in the file, what comes at its end is counted and not read."""
        self.generation = 0
        """Another number when it is another file, or another text in it: what was learned of it holds no more."""
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

    def read_end(self) -> News:
        """Follow the end again, and return it as if it were seen for the first time."""
        self.is_held, self._is_stale = False, True
        return self.read_new()

    @contextmanager
    def opened(self) -> Iterator[Opened | None]:
        """Open the file that was last looked at, to be read anywhere; None when another one stands there by now."""
        try:
            fd = _open(self.path)
        except OSError:
            yield None
            return
        try:
            status = os.fstat(fd)
            is_same = _identity(status) == self._identity
            yield Opened(_calm(reader_of(fd)), status.st_size) if is_same else None
        finally:
            os.close(fd)

    def _forget(self) -> None:
        self.is_held = self._is_stale = False
        self._identity: tuple[int, int] | None = None
        self._end = self._counted = self._new_lines = self._mtime_ns = 0
        self._trace = b""
        self._assembler = Assembler()

    def _gone(self, change: Change, why: str = "") -> News:
        self._forget()
        return News(change, why=why)

    def _look(self, fd: int) -> News:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return self._gone(Change.UNREADABLE, "not a plain file")
        grown = status.st_size - self._end
        if _identity(status) != self._identity or grown < 0 or self._rewritten(fd, status):
            self.generation += 1
            return replace(self._begin(fd, status), is_other=True)
        if self._is_stale or (grown > READ_MAX_BYTES and not self.is_held):
            return self._begin(fd, status)
        self._mtime_ns = status.st_mtime_ns
        if self.is_held:
            return self._count(fd, status.st_size)
        if grown == 0:
            return News(Change.SAME, size=status.st_size)
        return self._take_in(os.pread(fd, grown, self._end), Change.MORE, status.st_size)

    def _rewritten(self, fd: int, status: os.stat_result) -> bool:
        """Tell whether what was read last no longer stands where it stood: truncated and written again in between."""
        if status.st_size == self._end and status.st_mtime_ns == self._mtime_ns:
            return False
        return os.pread(fd, len(self._trace), self._end - len(self._trace)) != self._trace

    def _begin(self, fd: int, status: os.stat_result) -> News:
        self._forget()
        self._identity, self._mtime_ns = _identity(status), status.st_mtime_ns
        data, self._end = bytes_before(reader_of(fd), status.st_size, self._tail_lines)
        self._assembler = Assembler(self._end)
        return self._take_in(data, Change.ANEW, status.st_size)

    def _take_in(self, data: bytes, change: Change, size: int) -> News:
        self._end += len(data)
        self._counted = self._end
        self._trace = (self._trace + data[-_TRACE_BYTES:])[-_TRACE_BYTES:]
        return News(change, self._assembler.feed(data), size)

    def _count(self, fd: int, size: int) -> News:
        data = os.pread(fd, READ_MAX_BYTES, self._counted)
        self._counted += len(data)
        self._new_lines += data.count(b"\n")
        return News(Change.MORE if data else Change.SAME, size=size, new_lines=self._new_lines)


class LoadedText:
    """A text that somebody gives whole, looked at as a file is."""

    def __init__(self, load: Callable[[], str]) -> None:
        self.is_held = False
        self.generation = 0
        self.load = load
        """May be exchanged for what gives the text as it is by now."""
        self._data: bytes | None = None

    def read_new(self) -> News:
        """Load it, and return it when it is another one than before."""
        try:
            data = self.load().encode("utf-8", "surrogateescape")
        except FjdError as error:
            self._data = None
            return News(Change.UNREADABLE, why=str(error))
        if data == self._data:
            return News(Change.SAME, size=len(data))
        self._data = data
        self.generation += 1
        return News(Change.ANEW, assemble(data, 0), len(data), is_other=True)

    def read_end(self) -> News:
        """Return all of it."""
        self.is_held = False
        self._data = None
        return replace(self.read_new(), is_other=False)

    @contextmanager
    def opened(self) -> Iterator[Opened | None]:
        """Give what was loaded."""
        data = self._data or b""
        yield Opened(lambda size, offset: data[offset : offset + size], len(data))


def _calm(read: Read) -> Read:
    """Return what reads as ``read``, and nothing where the disk refuses: the next look says so."""

    def calm(size: int, offset: int) -> bytes:
        try:
            return read(size, offset)
        except OSError:
            return b""

    return calm


def _open(path: str) -> int:
    """Open for reading; a FIFO does not make us wait for its writer."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
