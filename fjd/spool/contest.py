"""One side of a contest between two hosts that share a spool: who takes a name, and when one sees what the other did.

All is done as fjd does it elsewhere, by the same functions, so that what is found holds for a crew. Both sides act in
one folder, made and removed by whoever asks for the contest; what they say to each other goes another way.
"""

import os
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout

FIRST: Final = "first"
SECOND: Final = "second"

_LOOK_S = 0.02
_COARSE_S = 1.1
"""Some filesystems know the time of a file to the second only (sshfs)."""
_TEXT_MAX = 1 << 16


class Prize(Enum):
    """What both sides try to have, a hundred times and more."""

    FILE = "rename"
    """A file that is moved: whose rename succeeds has it."""
    DIRECTORY = "mkdir"
    NAME = "link"
    """A file's name, published unless it is taken."""


class Sight(Enum):
    """What one side does and the other is to see."""

    LISTING = "listing"
    """A file comes or goes."""
    BEAT = "beat"
    """A file is touched."""
    TEXT = "text"
    """A file grows."""


class Side:
    """What one of the two does in ``folder``; ``name`` is `FIRST` or `SECOND`."""

    def __init__(self, layout: Layout, folder: str, name: str) -> None:
        self._layout = layout
        self._folder = folder
        self.name = name
        self._seen: dict[Sight, object] = {}
        self._changes = 0

    # ---- taking

    def prepare(self, prize: Prize, numbers: range) -> None:
        """Lay out what is to be taken; one side does it, before both take."""
        for name in (FIRST, SECOND):
            fsio.make_dir(self._of(name))
        if prize is Prize.FILE:
            for number in numbers:
                fsio.publish(self._layout.tmp, self._at(prize, number), b"", replace=True)

    def take(self, prize: Prize, numbers: range) -> list[int]:
        """Try to have each, and return those that this side was told it has."""
        take = {Prize.FILE: self._move, Prize.DIRECTORY: self._make, Prize.NAME: self._publish}[prize]
        return [number for number in numbers if take(prize, number)]

    def having(self, prize: Prize, numbers: range) -> list[int]:
        """Return those that this side has in the end, whatever it was told."""
        if prize is Prize.FILE:
            moved = set(fsio.names(self._of(self.name), fresh=True) or ())
            return [number for number in numbers if f"{prize.value}-{number}" in moved]
        mine = self.name.encode()
        return [number for number in numbers if fsio.read_new(self._at(prize, number), 0, _TEXT_MAX) == mine]

    def _move(self, prize: Prize, number: int) -> bool:
        source = self._at(prize, number)
        return fsio.move(source, os.path.join(self._of(self.name), os.path.basename(source))) is Moved.YES

    def _make(self, prize: Prize, number: int) -> bool:
        return fsio.make_new_dir(self._at(prize, number))

    def _publish(self, prize: Prize, number: int) -> bool:
        return fsio.publish(self._layout.tmp, self._at(prize, number), self.name.encode())

    def _at(self, prize: Prize, number: int) -> str:
        return f"{self._folder}/{prize.value}-{number}"

    def _of(self, name: str) -> str:
        return f"{self._folder}/{name}"

    # ---- seeing

    def look(self, sight: Sight) -> None:
        """Look, so that this host remembers what it saw, as one that works does."""
        self._seen[sight] = self._sight(sight)

    def change(self, sight: Sight) -> None:
        """Do what the other side is to see."""
        self._changes += 1
        path = self._watched(sight)
        if sight is Sight.LISTING and self._changes % 2:
            fsio.publish(self._layout.tmp, f"{path}/{self.name}", b"", replace=True)
        elif sight is Sight.LISTING:
            fsio.remove(f"{path}/{self.name}")
        elif sight is Sight.BEAT:
            time.sleep(_COARSE_S)
            fsio.touch(path)
        else:
            self._append(path)

    def seen_after_s(self, sight: Sight, limit_s: float, clock: Callable[[], float] = time.monotonic) -> float | None:
        """Return how long it took until something else was seen than at the last look; None when it was not."""
        began_s = clock()
        while self._sight(sight) == self._seen.get(sight):
            if clock() - began_s > limit_s:
                return None
            time.sleep(_LOOK_S)
        return clock() - began_s

    def lay_out(self) -> None:
        """Make what is to be seen; one side does it."""
        fsio.make_dir(self._watched(Sight.LISTING))
        for sight in (Sight.BEAT, Sight.TEXT):
            fsio.publish(self._layout.tmp, self._watched(sight), b"begun", replace=True)

    def _sight(self, sight: Sight) -> object:
        path = self._watched(sight)
        if sight is Sight.LISTING:
            return frozenset(fsio.names(path, fresh=True) or ())
        return fsio.heartbeat(path) if sight is Sight.BEAT else fsio.read_new(path, 0, _TEXT_MAX)

    def _watched(self, sight: Sight) -> str:
        return f"{self._folder}/{sight.value}"

    def _append(self, path: str) -> None:
        descriptor = fsio.open_append(path)
        try:
            fsio.append(descriptor, b"more", path)
            fsio.sync(descriptor, path)
        finally:
            fsio.close(descriptor)


def clear(folder: str) -> None:
    """Remove what is in a contest's folder, and the folder."""
    for _ in range(3):  # what a network filesystem keeps for open files (``.nfs…``) goes by itself
        for name in fsio.names(folder, fresh=True) or ():
            path = os.path.join(folder, name)
            if fsio.names(path) is None:
                fsio.remove(path)
            else:
                clear(path)
        if fsio.remove_dir(folder):
            return
