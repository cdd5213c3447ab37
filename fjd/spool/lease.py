"""The dispatcher's lease: a hint about who should dispatch (rule 7). No safety rests on it; the renames decide.

`filelock.SoftFileLease` observes a holder on the observer's own monotonic clock, takes over at once from a holder of
this host that is dead, and from one of another host when its claim was not renewed for the lease's time. It is imported
where it is used: with some versions of Python it brings asyncio with it, and who only asks should not wait for that.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fjd import identity
from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.layout import Layout

if TYPE_CHECKING:
    from filelock import OwnerRecord, SoftFileLease

_PATIENCE = 1.25
"""Leases to wait for a sign of life, so that filelock, which waits for one, comes first where it can."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease, as whoever does not want it can tell."""

    host: str
    pid: int
    beat_ns: int
    """When it last showed a sign of life, on the disk's clock."""
    lives: bool | None
    """Whether its process lives; None on another host, where it cannot be asked."""


def holder(layout: Layout) -> Holder | None:
    """Return who holds the lease of the spool, None when nobody does; takes nothing and changes nothing."""
    beat_ns = fsio.heartbeat(layout.lease_file)
    if beat_ns is None:
        return None
    from filelock import SoftFileLease  # which is not wanted where nobody dispatches

    with fsio.trouble("read the dispatcher's lease", layout.lease_file):
        owner = SoftFileLease(layout.lease_file, lease_duration=1.0, thread_local=False).owner
    if owner is None:
        return None
    host, _, space = owner.hostname.partition("?")
    in_this_space = not space or space.rpartition("-")[2] in identity.this_host().pid_space
    is_here = _is_of_this_name(owner) and in_this_space and not _is_of_another_kernel(owner)
    lives = identity.start_time(owner.pid) is not None if is_here else None
    return Holder(host, owner.pid, beat_ns, lives)


def _is_of_this_name(owner: "OwnerRecord") -> bool:
    return owner.hostname.partition("?")[0].partition(".")[0] == identity.this_host().name


def _is_of_another_kernel(owner: "OwnerRecord") -> bool:
    """Tell by the boot id, which filelock has in the upper half of the start token, whether it runs elsewhere.

    It is another host, or this one before it was started anew.
    """
    boot = (owner.start or 0) >> 64
    return boot != 0 and f"{boot:032x}" != identity.this_host().boot_id.replace("-", "")


class Lease:
    """This process's part in the question of who dispatches; where ``lease_s`` differ, that of the holder counts."""

    def __init__(self, layout: Layout, lease_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._private = layout.private
        self._path = layout.lease_file
        self._clock = clock
        self._lock = self._lock_of(lease_s)
        self._beat_ns: int | None = None
        self._beat_seen_s = self._looked_s = clock()

    def _lock_of(self, lease_s: float) -> "SoftFileLease":
        from filelock import SoftFileLease

        return SoftFileLease(self._path, lease_duration=lease_s, thread_local=False, mode=fsio.FILE_MODE)

    def is_ours(self) -> bool:
        """Take the lease if nobody has it, and tell whether we have it. Does not wait."""
        from filelock import LeaseSettingsMismatch, Timeout

        if fsio.dir_stamp(self._private) is None:  # filelock would make it, and so bring back a removed spool
            raise DiskError(f"cannot take the dispatcher's lease: there is no {self._private} any more")
        with fsio.trouble("take the dispatcher's lease", self._path):
            if self._lock.is_locked:
                if self._lock.compromise is None:
                    return True
                self._lock.release()  # somebody took it while we were frozen: what is theirs is left to them
            if self._is_of_a_namesake():
                return self._is_left_behind() and self._take_what_is_left()
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                return self._is_left_behind() and self._take_what_is_left()
            except LeaseSettingsMismatch:
                self._go_by_the_holders_time()
                return False
        return True

    def _is_of_a_namesake(self) -> bool:
        """Tell whether the holder is on another host that has the same name as this one.

        filelock would take it for a process of this host from before its last boot, and the lease away at once, to and
        fro; so such a holder is told by its silence.
        """
        owner = self._lock.owner
        return owner is not None and _is_of_this_name(owner) and _is_of_another_kernel(owner)

    def _is_left_behind(self) -> bool:
        """Tell whether the holder has shown no sign of life for well over its lease.

        filelock does not take over where names cannot be exchanged (NFS, FUSE), lest it take the lease from somebody
        who lives. To us that does no harm, and a dispatcher that was killed there would be waited for for ever.
        """
        now_s, beat_ns = self._clock(), fsio.heartbeat(self._path)
        lease_s = self._lock.lease_duration
        if beat_ns != self._beat_ns:
            self._beat_ns, self._beat_seen_s = beat_ns, now_s
        else:  # as with workers, time in which we did not look is no silence
            self._beat_seen_s += max(0.0, now_s - self._looked_s - lease_s / 2)
        self._looked_s = now_s
        return beat_ns is not None and now_s - self._beat_seen_s > _PATIENCE * lease_s

    def _take_what_is_left(self) -> bool:
        from filelock import Timeout

        self._lock.break_lock()
        try:
            self._lock.acquire(timeout=0)
        except Timeout:  # somebody else was faster
            return False
        return True

    def _go_by_the_holders_time(self) -> None:
        """Time the holder by the ``lease_s`` that it was given, another than ours; the next look is by that."""
        owner = self._lock.owner
        if owner is not None and owner.lease_duration:
            self._lock = self._lock_of(owner.lease_duration)

    def holder(self) -> str:
        """Return who has it, as ``host:pid``; empty when nobody does."""
        with fsio.trouble("read the dispatcher's lease", self._path):
            owner = self._lock.owner
        return f"{owner.hostname.partition('?')[0]}:{owner.pid}" if owner else ""

    def release(self) -> None:
        """Let the next one have it at once."""
        with fsio.trouble("release the dispatcher's lease", self._path):
            self._lock.release()


class NoLease:
    """In the place of a `Lease`, for one who only looks on: it is never ours, and nothing is written."""

    def __init__(self, layout: Layout, lease_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._layout = layout
        self._lease_s = lease_s
        self._clock = clock
        self._beat_ns: int | None = None
        self._beat_seen_s = clock()

    def is_ours(self) -> bool:
        """Never."""
        return False

    def holder(self) -> str:
        """Return who has it, as ``host:pid``; empty when nobody does, or who had it is dead or has fallen silent."""
        found, now_s = holder(self._layout), self._clock()
        if found is None or found.lives is False:
            return ""
        if found.beat_ns != self._beat_ns:
            self._beat_ns, self._beat_seen_s = found.beat_ns, now_s
        is_silent = found.lives is None and now_s - self._beat_seen_s > _PATIENCE * self._lease_s
        return "" if is_silent else f"{found.host}:{found.pid}"

    def release(self) -> None:
        """There is nothing to let go of."""
