"""Listings of a spool's directories, made only where they can show something new."""

import time
from collections.abc import Iterator

from fjd.spool import filesystems, fsio
from fjd.spool.layout import Layout

_TICK_NS = 100_000_000
"""No filesystem's clock ticks less often."""


class Listings:
    """Knows of each directory how it was when it was looked at."""

    def __init__(self, layout: Layout) -> None:
        self.is_network = filesystems.is_network(layout.root)
        self._stamps: dict[str, int | None] = {}

    def names(self, directory: str) -> list[str] | None:
        """Return what is in it, None when it is not there."""
        return fsio.names(directory, fresh=self.is_network)

    def each_name(self, directory: str) -> Iterator[str] | None:
        """Do so one by one."""
        return fsio.each_name(directory, fresh=self.is_network)

    def has_changed(self, directory: str) -> bool:
        """Tell whether a listing can show anything new: on a local disk a directory's mtime grows with each change.

        Within the last tick of the filesystem's clock it may change twice and show once, so a stamp that is so young is
        not remembered.
        """
        stamp = fsio.dir_stamp(directory)
        if self.is_network or stamp is None or stamp != self._stamps.get(directory):
            is_settled = stamp is not None and time.time_ns() - stamp > _TICK_NS
            self._stamps[directory] = stamp if is_settled else None
            return True
        return False

    def forget(self, directory: str | None = None) -> None:
        """Let it be listed the next time in any case; without a directory, all of them."""
        if directory is None:
            self._stamps.clear()
        else:
            self._stamps.pop(directory, None)
