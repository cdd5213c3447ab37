"""The bytes of a file that somebody else writes, from some line on: all that is there, and what comes.

`fjd.logtail` shows the end of a log to a person, and may pass over what comes too fast; here nothing is passed over.
The file stays open, so that one that takes its place has another inode, and is begun from its start when this one is
read to its end: each attempt of a job writes a new file.
"""

from dataclasses import dataclass

from fjd.spool import fsio

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Read:
    """What a look gave."""

    data: bytes
    is_anew: bool = False
    """It is the begin of another file than what was read before, or of another text in it."""


class Growing:
    """The file at ``path``, which need not exist yet, from its last ``lines`` lines on, or from its begin."""

    def __init__(self, path: str, lines: int | None = None) -> None:
        self._path = path
        self._lines = lines
        self._descriptor: int | None = None
        self._offset = 0
        self._has_read = False

    def read(self) -> Read:
        """Return the next bytes, at most so many as make a chunk; none when there are none now."""
        if self._descriptor is None:
            self._open()
            if self._descriptor is None:
                return Read(b"")
        data, size = fsio.read_at(self._descriptor, self._offset, _CHUNK, self._path)
        if size < self._offset:
            self._offset = 0
            data, _ = fsio.read_at(self._descriptor, 0, _CHUNK, self._path)
            return self._take(data, is_anew=True)
        if data:
            return self._take(data, is_anew=self._offset == 0 and self._has_read)
        if not fsio.is_open_at(self._path, self._descriptor):
            self.close()
            return self.read() if fsio.stamp(self._path) is not None else Read(b"")
        return Read(b"")

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            fsio.close(self._descriptor)
            self._descriptor, self._offset = None, 0

    def _open(self) -> None:
        self._descriptor = fsio.open_read(self._path)
        if self._descriptor is not None and self._lines is not None:
            self._offset = self._start_of_last(self._descriptor, self._lines)
            self._lines = None  # of the next file, all is new

    def _take(self, data: bytes, *, is_anew: bool) -> Read:
        self._offset += len(data)
        self._has_read = True
        return Read(data, is_anew)

    def _start_of_last(self, descriptor: int, lines: int) -> int:
        """Return where the last ``lines`` lines begin; a last line without its end is one."""
        _, at = fsio.read_at(descriptor, 0, 0, self._path)
        if not lines:
            return at
        is_last = True
        while at > 0:
            begin = max(0, at - _CHUNK)
            block, _ = fsio.read_at(descriptor, begin, at - begin, self._path)
            end = len(block) - (is_last and block.endswith(b"\n"))
            is_last = False
            while (end := block.rfind(b"\n", 0, end)) >= 0:
                lines -= 1
                if not lines:
                    return begin + end + 1
            at = begin
        return 0
