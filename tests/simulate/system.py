"""Stands in for the module ``os`` under `fjd.spool`: the same calls, on a tree in memory, counted and timed."""

import contextlib
import errno
import os
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tests.simulate.clock import Clock
from tests.simulate.disk import Bell, Directory, File, Node, Tree
from tests.simulate.storage import Storage

Changed = Callable[[str, str], None]
"""Told of each name that changes in a directory: the directory's path, and the name."""

_FIRST: Final = 1000


class _Entry(NamedTuple):
    """What a directory is found to have."""

    name: str


class _Open:
    """An open file."""

    __slots__ = ("node", "offset", "path")

    def __init__(self, node: Node, path: str) -> None:
        self.node = node
        self.path = path
        self.offset = 0


class System:
    """The calls. What is not listed here touches no disk, and is the real thing."""

    def __init__(self, tree: Tree, storage: Storage, clock: Clock, go_on: Callable[[], None]) -> None:
        """``go_on`` lets everybody else come as far as the clock is."""
        self.tree = tree
        self.calls: Counter[str] = Counter()
        self.path = _Paths(self)
        self.on_change: Changed = lambda _directory, _name: None
        self.on_placed: Callable[[int], None] = lambda _worker: None
        self.on_nudge: Callable[[int], None] = lambda _worker: None
        self._storage = storage
        self._clock = clock
        self._go_on = go_on
        self._open: dict[int, _Open] = {}
        self._next = _FIRST

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def _begin(self, call: str) -> None:
        self._clock.pause()
        self.calls[call] += 1
        self._go_on()

    def _end(self, took_s: float) -> None:
        self._clock.now_s += took_s
        self._clock.resume()

    def _gone(self, path: str) -> FileNotFoundError:
        self._end(self._storage.look_in_vain() if path.startswith("/spool") else self._storage.small())
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    # ---- looking

    def lstat(self, path: str) -> Node:
        self._begin("lstat")
        node = self.tree.find(path)
        if node is None:
            raise self._gone(path)
        self._end(self._storage.look(path, self._clock.now_s))
        return node

    stat = lstat  # there are no links here

    def fstat(self, descriptor: int) -> Node:
        self._begin("fstat")
        self._end(self._storage.small())
        return self._open[descriptor].node

    def fresh_fstat(self, descriptor: int) -> Node:
        """As `fjd.spool.freshness.fstat`: two calls, of which the first asks the server."""
        self._begin("statx")
        self._end(self._storage.ask(self._open[descriptor].path, self._clock.now_s))
        return self.fstat(descriptor)

    def listdir(self, descriptor: int) -> list[str]:
        self._begin("getdents")
        opened = self._open[descriptor]
        assert isinstance(opened.node, Directory)
        names = list(opened.node.entries)
        self._end(self._storage.listing(opened.path, len(names), self._clock.now_s))
        return names

    def scandir(self, descriptor: int) -> "contextlib.AbstractContextManager[list[_Entry]]":
        return contextlib.nullcontext([_Entry(name) for name in self.listdir(descriptor)])

    def read(self, descriptor: int, size: int) -> bytes:
        opened = self._open[descriptor]
        data = self.pread(descriptor, size, opened.offset)
        opened.offset += len(data)
        return data

    def pread(self, descriptor: int, size: int, offset: int) -> bytes:
        self._begin("read")
        node = self._open[descriptor].node
        assert isinstance(node, File)
        data = node.read(offset, size)
        self._end(self._storage.read(len(data)))
        return data

    # ---- opening and closing

    def open(self, path: str, flags: int, mode: int = 0) -> int:
        self._begin("open")
        node = self.tree.find(path)
        if node is None and flags & os.O_CREAT and self._parent(path) is not None:
            node = self._create(path)
        if node is None:
            raise self._gone(path)
        if isinstance(node, Bell):
            if self._storage.is_network:
                self._end(self._storage.look(path, self._clock.now_s))
                raise OSError(errno.ENXIO, os.strerror(errno.ENXIO), path)
            took_s = self._storage.small()
        elif isinstance(node, Directory):
            took_s = self._storage.open_directory()
        else:
            took_s = self._storage.open(path, self._clock.now_s, is_shared=_is_shared(path))
        self._next += 1
        self._open[self._next] = _Open(node, path)
        self._end(took_s)
        return self._next

    def close(self, descriptor: int) -> None:
        self._begin("close")
        opened = self._open.pop(descriptor)
        is_file = isinstance(opened.node, File)
        self._end(
            self._storage.close(opened.path, is_shared=_is_shared(opened.path)) if is_file else self._storage.small()
        )

    def set_blocking(self, descriptor: int, blocking: bool) -> None:
        """Do nothing: nothing blocks."""

    def _create(self, path: str) -> File:
        parent = self._parent(path)
        assert parent is not None
        made = File(self._clock.disk_ns)
        parent.entries[path.rpartition("/")[2]] = made
        self._clock.now_s += self._storage.change()
        return made

    def _parent(self, path: str) -> Directory | None:
        return self.tree.directories.get(path.rpartition("/")[0])

    # ---- changing

    def write(self, descriptor: int, data: "bytes | memoryview") -> int:
        self._begin("write")
        node = self._open[descriptor].node
        if isinstance(node, Bell):
            self.on_nudge(node.worker)
            self._end(self._storage.small())
            return len(data)
        assert isinstance(node, File)
        node.append(bytes(data), self._clock.disk_ns)
        self._end(self._storage.change())
        return len(data)

    def fdatasync(self, descriptor: int) -> None:
        self._begin("fdatasync")
        self._end(self._storage.change())

    def utime(self, path: str, *, follow_symlinks: bool = False) -> None:
        self._begin("utime")
        node = self.tree.find(path)
        if node is None:
            raise self._gone(path)
        node.st_mtime_ns = self._clock.disk_ns
        self._end(self._storage.change())

    def unlink(self, path: str) -> None:
        self._begin("unlink")
        parent, name = self._parent(path), path.rpartition("/")[2]
        if parent is None or name not in parent.entries:
            raise self._gone(path)
        del parent.entries[name]
        self._end(self._storage.change())

    def rename(self, source: str, target: str) -> None:
        self._begin("rename")
        above, name = self._parent(source), source.rpartition("/")[2]
        below = self._parent(target)
        if above is None or below is None or name not in above.entries:
            raise self._gone(source)
        now_ns = self._clock.disk_ns
        node = below.entries[target.rpartition("/")[2]] = above.entries.pop(name)
        above.st_mtime_ns = below.st_mtime_ns = node.st_ctime_ns = now_ns
        self.on_change(source.rpartition("/")[0], name)
        if below.worker is not None:
            self.on_placed(below.worker)
        self._end(self._storage.rename(source, target))

    def rename_new(self, source: str, target: str) -> bool:
        """As `fjd.spool.noreplace.rename`, which NFS cannot."""
        if self._storage.is_network:
            return False
        if self.tree.find(target) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        self.rename(source, target)
        return True

    def pass_time(self, call: str, took_s: float) -> None:
        """Something else is asked of the system that takes so long."""
        self._begin(call)
        self._end(took_s)


class _Paths:
    """Stands in for ``os.path``."""

    def __init__(self, system: System) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        return getattr(os.path, name)

    def lexists(self, path: str) -> bool:
        try:
            self._system.lstat(path)
        except FileNotFoundError:
            return False
        return True


class Leases:
    """Stands in for the module ``fcntl`` under `fjd.spool.wholeness`: nobody writes any file."""

    F_SETSIG = F_SETLEASE = F_RDLCK = F_UNLCK = 0

    def __init__(self, system: System) -> None:
        self._system = system

    def fcntl(self, _descriptor: int, _command: int, _argument: int) -> int:
        """Let it be had."""
        self._system.pass_time("fcntl", 1e-6)
        return 0


def _is_shared(path: str) -> bool:
    """Tell whether another client writes it."""
    return path.endswith((".jsonl", ".worker"))
