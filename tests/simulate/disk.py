"""A tree of directories and files in memory. Each node is the status of itself, as lstat(2) gives it."""

import itertools
import os
import stat
from typing import Final

_inodes = itertools.count(10)
_ME: Final = os.geteuid()
HEAD: Final = 40
"""So much of a journal is kept for whoever tells it from another."""


class Node:
    """Whatever has a name."""

    __slots__ = ("st_ctime_ns", "st_ino", "st_mtime_ns")
    st_dev = 1
    st_nlink = 1
    st_uid = _ME
    st_mode = 0
    st_size = 0

    def __init__(self, now_ns: int) -> None:
        self.st_ino = next(_inodes)
        self.st_mtime_ns = self.st_ctime_ns = now_ns


class File(Node):
    """A plain file; many may share one content."""

    __slots__ = ("data",)
    st_mode = stat.S_IFREG | 0o600

    def __init__(self, now_ns: int, data: bytes = b"") -> None:
        super().__init__(now_ns)
        self.data = data

    @property
    def st_size(self) -> int:  # type: ignore[override]
        return len(self.data)

    def read(self, offset: int, limit: int) -> bytes:
        """Return what stands there."""
        return self.data[offset : offset + limit]

    def append(self, data: bytes, now_ns: int) -> None:
        """Write on."""
        self.data += data
        self.st_mtime_ns = now_ns


class Growing(File):
    """A journal that one reader follows: what it has read is not kept, since there may be millions of lines."""

    __slots__ = ("_base", "_head")

    def __init__(self, now_ns: int) -> None:
        super().__init__(now_ns)
        self._base = 0
        self._head = b""

    @property
    def st_size(self) -> int:  # type: ignore[override]
        return self._base + len(self.data)

    def read(self, offset: int, limit: int) -> bytes:
        if offset == 0 and limit <= HEAD:
            return self._head
        assert offset >= self._base, "it was read already"
        data = self.data[offset - self._base : offset - self._base + limit]
        self.data = self.data[offset - self._base + len(data) :]
        self._base = offset + len(data)
        return data

    def append(self, data: bytes, now_ns: int) -> None:
        if len(self._head) < HEAD:
            self._head = (self._head + data)[:HEAD]
        super().append(data, now_ns)


class Bell(Node):
    """The FIFO by which a worker is nudged."""

    __slots__ = ("worker",)
    st_mode = stat.S_IFIFO | 0o600

    def __init__(self, now_ns: int, worker: int) -> None:
        super().__init__(now_ns)
        self.worker = worker


class Directory(Node):
    """Names and what stands under them."""

    __slots__ = ("entries", "worker")
    st_mode = stat.S_IFDIR | 0o700

    def __init__(self, now_ns: int, worker: int | None = None) -> None:
        super().__init__(now_ns)
        self.entries: dict[str, Node] = {}
        self.worker = worker
        """Whose pod it is, by number."""


class Tree:
    """All directories by their paths."""

    def __init__(self) -> None:
        self.directories: dict[str, Directory] = {}

    def make(self, path: str, now_ns: int, worker: int | None = None) -> Directory:
        """Make a directory; the one above it must be there, unless it is the first."""
        made = self.directories[path] = Directory(now_ns, worker)
        parent, _, name = path.rpartition("/")
        if parent in self.directories:
            self.directories[parent].entries[name] = made
        return made

    def find(self, path: str) -> Node | None:
        """Return what stands at ``path``."""
        parent, _, name = path.rpartition("/")
        directory = self.directories.get(parent)
        if directory is None:
            return self.directories.get(path)
        return directory.entries.get(name)
