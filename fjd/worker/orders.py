"""What others tell a worker by files in its pod: to leave, drain, freeze, to kill a job, and which attempt one is."""

import os
from collections.abc import Iterable

from fjd.errors import NotAJob, UnsafeError
from fjd.spool import fsio
from fjd.spool.layout import STATUS_PREFIX, Layout

CANCEL = b"cancel"
"""Content of ``.order-fire``: the running job is given up and not given back."""

_TOLD = (".order-", ".attempt-", STATUS_PREFIX)
"""What others say to a worker, or a job says of itself, is in files whose names begin so."""


class Orders:
    """The orders to the worker ``me``, as they lay in its pod at the last look.

    Mostly there are none, and then nothing here costs a look at the disk.
    """

    def __init__(self, layout: Layout, me: str) -> None:
        self._layout = layout
        self._me = me
        self._names: frozenset[str] = frozenset()

    def see(self, names: Iterable[str]) -> None:
        """Take in the names of all that lies in the pod."""
        self._names = frozenset(name for name in names if name.startswith(_TOLD))

    @property
    def fire(self) -> bool:
        """Whether it is to leave."""
        return ".order-fire" in self._names

    @property
    def drain(self) -> bool:
        """Whether it is to begin nothing more, and to leave then."""
        return ".order-drain" in self._names

    @property
    def freeze(self) -> bool:
        """Whether it is to stand still."""
        return ".order-freeze" in self._names

    def cancels(self) -> bool:
        """Tell whether the order to leave says that the running job is given up.

        One that cannot be read, however it was made, is a plain order. Raises `DiskError`.
        """
        try:
            contents = fsio.read_plain(self._layout.order(self._me, "fire"), len(CANCEL))
        except (NotAJob, UnsafeError):
            return False
        return contents is not None and contents.data == CANCEL

    def kills(self, job: str) -> bool:
        """Tell whether that job is to be killed."""
        return bool(self._names) and os.path.basename(self._layout.order_kill(self._me, job)) in self._names

    def has_kill(self, job: str) -> bool:
        """Tell whether there is an order to kill it, seen at the last look or not."""
        return fsio.seems_there(self._layout.order_kill(self._me, job)) or self.kills(job)

    def drop_kill(self, job: str) -> None:
        """Remove the order to kill it, also one that was not seen: the next job of that name is not meant."""
        order = self._layout.order_kill(self._me, job)
        fsio.remove(order)
        self._names -= {os.path.basename(order)}

    def drop_late(self, held: Iterable[str], running: str | None) -> None:
        """Remove what is left of jobs that have ended, since it is not meant for the next job of that name.

        That are orders to kill all but those ``held``, and what all but ``running`` have said of their progress. Done
        here, where it is seen, it costs nothing where nobody says anything.
        """
        if not self._names:
            return
        meant = {os.path.basename(self._layout.order_kill(self._me, job)) for job in held}
        if running is not None:
            meant.add(os.path.basename(self._layout.status(self._me, running)))
        for name in self._names:
            if name.startswith((".order-kill-", STATUS_PREFIX)) and name not in meant:
                fsio.remove(os.path.join(self._layout.pod(self._me), name))

    def attempt(self, job: str) -> int:
        """Take the note of which attempt at the job this is; there is one only when it is not the first."""
        path = self._layout.attempt(self._me, job)
        if os.path.basename(path) not in self._names:
            return 1
        contents = fsio.read_plain(path, 20)
        fsio.remove(path)
        return int(contents.data) if contents and contents.data.isdigit() else 1

    def __bool__(self) -> bool:
        return bool(self._names)
