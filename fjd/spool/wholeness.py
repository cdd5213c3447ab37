"""Whether a job file is whole, or somebody is still writing it (rule 4).

Two ways. On a local filesystem the kernel knows who has a file open for writing: a read lease (fcntl(2), F_SETLEASE) is
refused with EAGAIN exactly then. Elsewhere a file counts as whole when its size and mtime have stood still for the
settle time, and its age is measured against the filesystem's own clock.
"""

import errno
import fcntl
import os
import signal
from enum import Enum

from fjd import chance
from fjd.errors import DiskError
from fjd.spool import filesystems, fsio, syscalls
from fjd.spool.layout import Layout

_COARSE_NS = 10**9
"""Some filesystems know the time of a file to the second only (sshfs), and round it down."""
_ASK_NS = 10**9


class Writing(Enum):
    """What can be said about writers of a file."""

    NO = "nobody writes it"
    YES = "somebody writes it"
    UNKNOWN = "it cannot be told"


class Wholeness:
    """Answers for one spool; ``settle_s`` is the settle time in seconds."""

    def __init__(self, layout: Layout, settle_s: float, *, only_looks: bool = False) -> None:
        """``only_looks`` asks nothing of the disk for which a file must be made: it may take longer to be sure."""
        self._layout = layout
        self._settle_ns = int(settle_s * 1e9)
        self._only_looks = only_looks
        self.by_lease = not filesystems.is_network(layout.root) and (only_looks or _leases_work(layout.tmp))
        self._seen: dict[str, tuple[fsio.Stamp, int]] = {}
        self._disk_offset_ns = self._asked_ns = 0

    def is_whole(self, path: str, now_s: float, descriptor: int | None = None) -> bool:
        """Tell whether the file at ``path`` may be read as a job (one that is gone may); ``now_s`` is monotonic.

        ``descriptor`` is of that file where it is open already.
        """
        if self.by_lease:
            answer = writing(path) if descriptor is None else writing_to(descriptor)
            if answer is not Writing.UNKNOWN:
                return answer is Writing.NO
        return self._has_settled(path, int(now_s * 1e9))

    def forget(self, path: str) -> None:
        """Drop what was noted of ``path``, which has left the queue."""
        self._seen.pop(path, None)

    def _has_settled(self, path: str, now_ns: int) -> bool:
        stamp = fsio.fresh_stamp(path)
        if stamp is None:
            return True
        first = self._seen.get(path)
        if first is None or first[0] != stamp:
            self._seen[path] = first = (stamp, now_ns)
        # A file that was old when it was first seen was moved here, or has lain here since before we came.
        if now_ns - first[1] >= self._settle_ns or self._only_looks:
            return now_ns - first[1] >= self._settle_ns
        return self._disk_now_ns(now_ns) - stamp.mtime_ns >= self._settle_ns + _COARSE_NS

    def _disk_now_ns(self, now_ns: int) -> int:
        """Ask the disk once a second, and reckon in between."""
        if not self._asked_ns or now_ns - self._asked_ns >= _ASK_NS:
            self._disk_offset_ns = disk_now_ns(self._layout) - now_ns
            self._asked_ns = now_ns
        return now_ns + self._disk_offset_ns


def disk_now_ns(layout: Layout) -> int:
    """Return the filesystem's own now, by making a file of ours: our clock and the server's may differ.

    A touch would not do, for which sshfs sends our own time.
    """
    fsio.publish(layout.tmp, layout.clock_file, b"", replace=True)
    stamp = fsio.fresh_stamp(layout.clock_file)
    return stamp.mtime_ns if stamp else 0


def writing(path: str) -> Writing:
    """Ask the kernel whether some process of this host has ``path`` open for writing."""
    try:
        descriptor = os.open(path, fsio.READING)
    except OSError:
        return Writing.UNKNOWN  # gone, a link, not readable: whoever reads it next says what it is
    try:
        return writing_to(descriptor)
    finally:
        os.close(descriptor)


def writing_to(descriptor: int) -> Writing:
    """Ask the same of a file that is open for reading."""
    try:
        # Whoever opens the file for writing while the lease is held breaks it, and the holder gets SIGIO, which would
        # end this process; SIGURG is ignored by default, and so no handler needs to be installed (it may be a thread).
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return Writing.YES if error.errno == errno.EAGAIN else Writing.UNKNOWN
    return Writing.NO


def _leases_work(directory: str) -> bool:
    """Try it: a lease must be refused while a file is open for writing, and granted when it is closed."""
    path = f"{directory}/lease-{chance.token(8)}"
    try:
        descriptor = syscalls.open_to_write(path, os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise DiskError(f"cannot write in {directory}: {error.strerror}") from error
    try:
        refused = writing(path) is Writing.YES
    finally:
        os.close(descriptor)
    granted = writing(path) is Writing.NO
    fsio.remove(path)
    return refused and granted
