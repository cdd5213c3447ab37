"""Looking: listings, stamps and contents, asked of the server where a stale answer would decide something (rule 9).

Nothing is changed here but the mtime of a directory that is to be listed afresh.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fjd.errors import BeingWritten, JobFileError, NotAJob, UnsafeError
from fjd.spool import freshness, syscalls
from fjd.spool.fsio.refusals import GONE, refusal, trouble

READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""To read what may be anything: no link is followed, no FIFO waited for, no child inherits it."""
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another; two equal stamps mean that nothing was written between."""

    inode: int
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Contents:
    """A plain file as it was read: at most the limit asked for and one byte more."""

    data: bytes
    stamp: Stamp


def names(path: str, *, fresh: bool = False) -> list[str] | None:
    """Return the names in the directory ``path``, or None when it is not there (a link to one is none).

    Whoever lists does so to move and remove what is there, and that must not reach out of the spool. ``fresh`` touches
    the directory first: on a network filesystem a change that falls into the clock tick of the last listing is
    otherwise never seen (measured on NFS 3).
    """
    try:
        descriptor = _open_to_list(path, fresh=fresh)
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in (*GONE, errno.ELOOP):
            return None
        raise refusal(f"list {path}", error) from error


def each_name(path: str, *, fresh: bool = False) -> Iterator[str] | None:
    """Do so for a directory of which the names are not to be held all at once."""
    try:
        return _scanned(_open_to_list(path, fresh=fresh), path)
    except OSError as error:
        if error.errno in (*GONE, errno.ELOOP):
            return None
        raise refusal(f"list {path}", error) from error


def raw_names(path: str) -> list[bytes]:
    """Return the names in the directory ``path`` as the disk has them, for who counts a million; none if it is gone."""
    try:
        return os.listdir(os.fsencode(path))
    except OSError as error:
        if error.errno in (*GONE, errno.ENOTDIR):
            return []
        raise refusal(f"list {path}", error) from error


def _scanned(descriptor: int, path: str) -> Iterator[str]:
    try:
        with trouble("list", path), os.scandir(descriptor) as entries:
            for entry in entries:
                yield entry.name
    finally:
        os.close(descriptor)


def _open_to_list(path: str, *, fresh: bool) -> int:
    if fresh:
        syscalls.utime(path)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def refresh(directory: str) -> None:
    """Let whoever asks next what stands in ``directory`` be told what the server says.

    An NFS client believes for half a minute that what was not there is not there still, unless the mtime of the
    directory has changed; so this changes it (measured: after it, 24 of 24 names were seen that were not before).
    """
    try:
        syscalls.utime(directory)
    except OSError as error:
        if error.errno not in GONE:
            raise refusal(f"touch {directory}", error) from error


def dir_stamp(path: str) -> int | None:
    """Return the mtime of a directory in ns, which on a local disk grows with every change in it; None when gone."""
    try:
        status = os.lstat(path)
        return status.st_mtime_ns if stat.S_ISDIR(status.st_mode) else None
    except OSError as error:
        if error.errno in GONE:
            return None
        raise refusal(f"look at {path}", error) from error


def stamp(path: str) -> Stamp | None:
    """Return the stamp of whatever stands at ``path`` (a link itself, not its target), None when nothing does."""
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise refusal(f"look at {path}", error) from error
    return _stamp_of(status)


def seems_there(path: str) -> bool:
    """Tell whether anything stands at ``path``, by the cheapest look there is; a cache may answer it (rule 9)."""
    return os.access(path, os.F_OK, follow_symlinks=False)


def room(path: str) -> tuple[int, int]:
    """Return how many bytes of the filesystem at ``path`` are free for who is not root, and how many it has."""
    with trouble("look at the disk of", path):
        status = os.statvfs(path)
        return status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize


def changed_ns(path: str) -> int | None:
    """Return when ``path`` was last changed, moved or renamed, by the disk's own clock; None when it is gone.

    A rename sets the time of the last status change (ctime) on the common filesystems, though POSIX leaves it open, and
    so it tells since when a job has been where it is.
    """
    try:
        return os.lstat(path).st_ctime_ns
    except OSError as error:
        if error.errno in GONE:
            return None
        raise refusal(f"look at {path}", error) from error


def fresh_stamp(path: str) -> Stamp | None:
    """Return the stamp of the file at ``path`` as the server has it, None when it is gone.

    A bare `stamp` may come from a cache that lags by seconds (rule 9), and then a file that is written to on another
    host seems to stand still. What cannot be opened is looked at as it is.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError:
        return stamp(path)
    try:
        status = _fresh_status(descriptor, path)
        return None if status is None else _stamp_of(status)
    finally:
        os.close(descriptor)


def is_plain(path: str) -> bool:
    """Tell whether a plain file stands at ``path``: no directory, link, FIFO or device, and not nothing."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError as error:
        if error.errno in GONE:
            return False
        raise refusal(f"look at {path}", error) from error


def is_open_at(path: str, descriptor: int) -> bool:
    """Tell whether ``descriptor`` is of the file that stands at ``path``, and not of one that was removed."""
    try:
        ours, theirs = os.fstat(descriptor), os.lstat(path)
    except OSError as error:
        if error.errno in GONE:
            return False
        raise refusal(f"look at {path}", error) from error
    return ours.st_ino == theirs.st_ino and ours.st_dev == theirs.st_dev


def heartbeat(path: str) -> int | None:
    """Return the mtime of an announcement in ns, None when it is gone.

    It is opened first, because over the network an open asks the server and a bare stat may answer from a cache that is
    a minute old.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*GONE, errno.ELOOP):
            return None
        raise refusal(f"open {path}", error) from error
    try:
        status = _fresh_status(descriptor, path)
        return None if status is None else status.st_mtime_ns
    finally:
        os.close(descriptor)


def _fresh_status(descriptor: int, path: str) -> os.stat_result | None:
    """Return the status of an open file as the server has it; None when it was removed after the open (NFS 3)."""
    try:
        return freshness.fstat(descriptor)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise refusal(f"look at {path}", error) from error


def read_plain(path: str, limit: int, is_whole: Callable[[int], bool] | None = None) -> Contents | None:
    """Read a file that must be plain, ours, and not writable by everybody; None when it is gone.

    ``is_whole`` tells of the open file whether it may be read yet; if not, `BeingWritten` is raised.

    At most ``limit + 1`` bytes are read, so that a file that is too large shows as such and costs no memory. Raises
    `NotAJob` for a directory, a link, a FIFO, a device; `UnsafeError` for a file that somebody else could have written.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in GONE:
            return None
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise NotAJob(what_it_is(path)) from error
        if error.errno == errno.EACCES:
            raise UnsafeError("it cannot be read with your permissions") from error
        raise refusal(f"open {path}", error) from error
    try:
        status = freshness.fstat(descriptor)
        if is_whole is not None and stat.S_ISREG(status.st_mode) and not is_whole(descriptor):
            raise BeingWritten(path)
        _check_plain(status)
        return Contents(_read_up_to(descriptor, limit + 1, status.st_size), _stamp_of(status))
    except OSError as error:
        raise refusal(f"read {path}", error) from error
    finally:
        os.close(descriptor)


def read_new(path: str, offset: int, limit: int) -> bytes | None:
    """Read at most ``limit`` bytes of ``path`` from ``offset``, opened anew (close-to-open, rule 9).

    None when it is gone, or no plain file.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*GONE, errno.ELOOP, errno.ENXIO, errno.ENODEV):
            return None
        raise refusal(f"open {path}", error) from error
    try:
        with trouble("read", path):
            status = freshness.fstat(descriptor)  # FUSE reads no further than the size that it remembers
            if not stat.S_ISREG(status.st_mode):
                return None
            return os.pread(descriptor, min(limit, max(0, status.st_size - offset) + _PAGE), offset)
    finally:
        os.close(descriptor)


def open_input(path: str) -> int:
    """Open what a job is to read as its stdin: the user's own path, through links and to devices as they like.

    Raises `JobFileError` where there is nothing to read, `DiskError` for what may be tried again. A FIFO is refused: to
    open one waits for its writer, and the worker must not.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno in (errno.ESTALE, errno.EIO, errno.EMFILE, errno.ENFILE):
            raise refusal(f"open {path}", error) from error
        raise JobFileError(f"its stdin {path} cannot be read: {error.strerror}") from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        os.set_blocking(descriptor, True)
        return descriptor
    os.close(descriptor)
    raise JobFileError(f"its stdin {path} is {_kind(mode)}, and must be a file")


def open_read(path: str) -> int | None:
    """Open a plain file to follow it, and return the descriptor; None when it is gone, or no plain file."""
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*GONE, errno.ELOOP, errno.ENXIO, errno.ENODEV):
            return None
        raise refusal(f"open {path}", error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return descriptor


def read_at(descriptor: int, offset: int, limit: int, path: str) -> tuple[bytes, int]:
    """Read at most ``limit`` bytes of an open file from ``offset``; return them and the size as the server has it."""
    with trouble("read", path):
        size = freshness.fstat(descriptor).st_size
        return os.pread(descriptor, limit, offset), size


def check_ours(path: str) -> None:
    """Raise `UnsafeError` unless ``path`` is a directory of this user's that not everybody may write (rule 12).

    A link to a directory is none: what fjd moves and removes there must not be outside of the spool.
    """
    with trouble("look at", path):
        status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafeError(f"{path} is {_kind(status.st_mode)} and must be a directory: put one in its place")
    if status.st_uid != os.geteuid():
        raise UnsafeError(f"{path} belongs to user {status.st_uid}, not to you: use a directory of your own")
    if status.st_mode & stat.S_IWOTH:
        raise UnsafeError(f"everybody can write {path}, and so could run commands as you: chmod o-w {path}")


def _check_plain(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotAJob(_kind(status.st_mode))
    if status.st_uid != os.geteuid():
        raise UnsafeError(f"it belongs to user {status.st_uid}, not to you")
    if status.st_mode & stat.S_IWOTH:
        raise UnsafeError("everybody can write it: chmod o-w")


def _read_up_to(descriptor: int, size: int, expected: int) -> bytes:
    """Read to the end, but no more than ``size`` bytes; that there are as many as ``expected`` shows the end.

    A buffer for all that there might be would cost more than to read what there is.
    """
    data = os.read(descriptor, min(size, max(expected + 1, _PAGE)))
    while data and len(data) < size and len(data) != expected:
        more = os.read(descriptor, size - len(data))
        if not more:
            break
        data += more
    return data


def _stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


def what_it_is(path: str) -> str:
    """Return words for the kind of thing that stands at ``path``."""
    try:
        return _kind(os.lstat(path).st_mode)
    except OSError:
        return "not a plain file"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFREG: "a file",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "not a plain file")
