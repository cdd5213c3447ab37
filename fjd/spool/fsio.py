"""Every touch of the disk: publish, move, look, read; the only module that catches ``OSError`` by errno.

Two kinds of answer come out of here. What a race makes (somebody else moved it, the name is taken) is a value, because
it is an answer and no error. What the disk refuses (full, read-only, gone away) is a `DiskError` with a sentence. The
rules that are named here are those of ``ARCHITECTURE.md``.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fjd.errors import DiskError, JobFileError, NotAJob, UnsafeError
from fjd.spool import freshness, noreplace, syscalls

DIR_MODE = 0o700
FILE_MODE = 0o600

READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""To read what may be anything: no link is followed, no FIFO waited for, no child inherits it."""

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
"""ESTALE: on NFS 3 an atomic replace or an unlink by another host shows so (measured); look the name up anew."""

_STALE_TRIES = 2
"""An ESTALE while the source stands goes away when the name is looked up again; a missing directory does not."""

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)
"""What a filesystem without hard links answers to link(2): EPERM by the manual page (sshfs too), others by FUSE."""


class Moved(Enum):
    """What came of a move."""

    YES = "moved"
    GONE = "somebody else moved it"
    TAKEN = "the target's name is taken"
    ASTRAY = "the directory that it was to be moved to is not there"


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


class trouble:  # noqa: N801  # used as a function is; a generator for it would take a microsecond more, many times a job
    """Turn what the disk refuses inside the block into a `DiskError` that says what was tried and where."""

    __slots__ = ("_doing", "_path")

    def __init__(self, doing: str, path: str) -> None:
        self._doing = doing
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise DiskError(f"cannot {self._doing} {self._path}: {reason}{_advice(error.errno)}") from error


def _advice(code: int | None) -> str:
    return {
        errno.ENOSPC: " (free some space; nothing is lost, fjd goes on when there is room)",
        errno.EDQUOT: " (your quota is used up; nothing is lost, fjd goes on when there is room)",
        errno.EROFS: " (the filesystem is read-only at the moment)",
        errno.EACCES: " (the permissions do not let you)",
        errno.ENOENT: " (is the spool still there?)",
    }.get(code or 0, "")


# ---- directories


def make_dir(path: str) -> None:
    """Make the directory ``path`` if it is not there, as open as its parent is to its group and to nobody else.

    A user who opens a spool to a trusted group has said so by its mode; fjd never opens one wider than its parent.
    Raises `UnsafeError` for what is there already and is not to be trusted, see `check_ours`.
    """
    with trouble("make the directory", path):
        parent_mode = stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode)
        try:
            syscalls.mkdir(path, DIR_MODE | (parent_mode & 0o2070))
        except FileExistsError:
            check_ours(path)


def make_user_dirs(path: str) -> None:
    """Make the folder of a job's own file, with all that is missing above it, by the user's umask.

    Raises `JobFileError` where it cannot be (a file stands in the way, the permissions do not let us), `DiskError` for
    what may be tried again.
    """
    try:
        syscalls.makedirs(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE):
            raise DiskError(f"cannot make the folder {path}: {error.strerror}{_advice(error.errno)}") from error
        raise JobFileError(f"the folder of its logfile cannot be made: {path}: {error.strerror}") from error


def make_own_dirs(path: str) -> None:
    """Make a folder for the user's own files, with all that is missing above it, by the user's umask."""
    with trouble("make the folder", path):
        syscalls.makedirs(path)


def names(path: str, *, fresh: bool = False) -> list[str] | None:
    """Return the names in the directory ``path``, or None when it is not there (a link to one is none).

    Whoever lists does so to move and remove what is there, and that must not reach out of the spool. ``fresh`` touches
    the directory first: on a network filesystem a change that falls into the clock tick of the last listing is
    otherwise never seen (measured on NFS 3).
    """
    try:
        if fresh:
            syscalls.utime(path)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in (*_GONE, errno.ELOOP):
            return None
        raise DiskError(f"cannot list {path}: {error.strerror}") from error


def remove_dir(path: str) -> bool:
    """Remove the directory ``path``; True when it is gone, False when something is in it."""
    try:
        syscalls.rmdir(path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        if error.errno not in _GONE:
            raise DiskError(f"cannot remove {path}: {error.strerror}") from error
    return True


def dir_stamp(path: str) -> int | None:
    """Return the mtime of a directory in ns, which on a local disk grows with every change in it; None when gone."""
    try:
        status = os.lstat(path)
        return status.st_mtime_ns if stat.S_ISDIR(status.st_mode) else None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error


def moved_ns(path: str) -> int | None:
    """Return when a file was moved to ``path``, in ns of the filesystem's clock; None when it is not there.

    A rename sets the time of the last change of status (ctime) on the filesystems of Linux; nothing else is done to a
    job that has ended.
    """
    try:
        return os.lstat(path).st_ctime_ns
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error


# ---- moving


def move(source: str, target: str) -> Moved:
    """Rename ``source`` to ``target``: one winner (rule 2).

    A rename over the network may report ENOENT though its first try was carried out (the answer was lost and the client
    asked again). Whoever needs to know looks with `stands_at` whether it was, and must then have a way to tell its own
    rename from somebody else's, who moves the very same file.
    """
    return _persist(_replacing, source, target)


def _replacing(source: str, target: str) -> Moved:
    syscalls.rename(source, target)
    return Moved.YES


def _persist(rename: Callable[[str, str], Moved], source: str, target: str) -> Moved:
    """Rename, and look what it means when that says that something is not there."""
    stale: OSError | None = None
    for _ in range(_STALE_TRIES):
        try:
            return rename(source, target)
        except OSError as error:
            if error.errno not in _GONE:
                raise DiskError(f"cannot move {source} to {target}: {error.strerror}{_advice(error.errno)}") from error
            if stamp(source) is None:
                return Moved.GONE
            stale = error if error.errno == errno.ESTALE else None
    if stale is not None:  # the server's trouble, which must not be taken for a directory that is not there
        raise DiskError(f"cannot move {source} to {target}: {stale.strerror}")
    return Moved.ASTRAY


def stands_at(path: str, inode: int | None) -> bool:
    """Tell whether the file with this inode is the one at ``path``."""
    found = stamp(path)
    return found is not None and found.inode == inode


def move_new(source: str, target: str) -> Moved:
    """Rename ``source`` to ``target`` unless something stands there (rule 13)."""
    return _persist(_not_replacing, source, target)


def _not_replacing(source: str, target: str) -> Moved:
    try:
        return Moved.YES if noreplace.rename(source, target) else _look_then_move(source, target)
    except FileExistsError:
        return Moved.TAKEN


def _look_then_move(source: str, target: str) -> Moved:
    """Where the kernel or the filesystem (NFS, sshfs) has no exclusive rename: a look, and then the rename.

    Between the two a user may drop a file of that very name; that window of microseconds is the price, since a link
    and an unlink in place of one rename would let a crash leave the job in two states.
    """
    return Moved.TAKEN if os.path.lexists(target) else move(source, target)


def exchange(source: str, target: str) -> Moved | None:
    """Exchange the names of two files at once; `Moved.YES` only if both are there, None where that cannot be done."""
    can = True

    def swap(_source: str, _target: str) -> Moved:
        nonlocal can
        can = noreplace.exchange(source, target)
        return Moved.YES

    moved = _persist(swap, source, target)
    return moved if can else None


# ---- writing


def publish(tmp_dir: str, target: str, data: bytes, *, replace: bool = False) -> bool:
    """Write ``data`` to ``target`` so that no reader ever sees half of it (rule 1); False when the name is taken.

    ``tmp_dir`` is a directory on the same filesystem.
    """
    temporary = f"{tmp_dir}/{secrets.token_hex(8)}"
    with trouble("write", target):
        try:
            _write_whole(temporary, data, _file_mode(tmp_dir))
            if replace:
                syscalls.rename(temporary, target)
                return True
            return _link_new(temporary, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                syscalls.unlink(temporary)


def _file_mode(directory: str) -> int:
    """Return the mode of a file that is made in ``directory``: as open as that is to its group, and to nobody else."""
    return FILE_MODE | (stat.S_IMODE(os.stat(directory).st_mode) & 0o060)


def _write_whole(path: str, data: bytes, mode: int) -> None:
    descriptor = syscalls.open_to_write(path, os.O_CREAT | os.O_EXCL, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[syscalls.write(descriptor, view, path) :]
    finally:
        syscalls.close(descriptor, path)  # on NFS "disk full" comes only now, and raises


def _link_new(temporary: str, target: str) -> bool:
    try:
        syscalls.link(temporary, target)
    except OSError as error:
        if error.errno == errno.EEXIST:
            return False
        if error.errno not in _NO_LINKS:
            raise
        return _look_then_move(temporary, target) is Moved.YES
    return True


def open_append(path: str) -> int:
    """Open a journal or a log for appending and return the descriptor; neither a link nor a FIFO will do."""
    with trouble("open", path):
        flags = os.O_CREAT | os.O_APPEND | os.O_NONBLOCK  # else the open of a FIFO waits for its reader
        descriptor = syscalls.open_to_write(path, flags, _file_mode(os.path.dirname(path)))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is no plain file")
        os.set_blocking(descriptor, True)
        return descriptor


def append(descriptor: int, data: bytes, path: str) -> int:
    """Append ``data`` with one write and return how many bytes were taken, which on a full disk is not all."""
    try:
        return syscalls.write(descriptor, data, path)
    except OSError as error:
        raise DiskError(f"cannot write {path}: {error.strerror}{_advice(error.errno)}") from error


def is_open_at(path: str, descriptor: int) -> bool:
    """Tell whether ``descriptor`` is of the file that stands at ``path``, and not of one that was removed."""
    try:
        ours, theirs = os.fstat(descriptor), os.lstat(path)
    except OSError as error:
        if error.errno in _GONE:
            return False
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error
    return ours.st_ino == theirs.st_ino and ours.st_dev == theirs.st_dev


def close(descriptor: int) -> None:
    """Close a journal; what the disk refuses of it only now (NFS) cannot be had back, and is a line of a story."""
    with contextlib.suppress(OSError):
        os.close(descriptor)


def open_output(path: str, *, like: str = "") -> int:
    """Make the file that a job's output goes to, new and empty, and return the descriptor.

    What stands there is never written to, since it may be a link to something dear, or another name of it; it is
    replaced. Raises `JobFileError` where that cannot be, because a directory stands there. It is as open to the group
    as the directory ``like``, which is its own unless it is given.
    """
    with trouble("open", path):
        mode = _file_mode(like or os.path.dirname(path))
        try:
            return _make_output(path, mode)
        except FileExistsError:
            _clear_away(path)
            return _make_output(path, mode)


def reopen_output(path: str) -> int | None:
    """Open what a job has printed to print more, None where nothing is that we may write to.

    That is a plain file of ours which has no other name: a link, or another name of something dear, may have been put
    there meanwhile.
    """
    try:
        descriptor = syscalls.open_to_write(path, os.O_APPEND | os.O_NONBLOCK, 0)
    except OSError as error:
        if error.errno in (*_GONE, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENODEV, errno.EACCES):
            return None
        raise DiskError(f"cannot open {path}: {error.strerror}{_advice(error.errno)}") from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_nlink == 1:
        return descriptor
    os.close(descriptor)
    return None


def open_input(path: str) -> int:
    """Open what a job is to read as its stdin: the user's own path, through links and to devices as they like.

    Raises `JobFileError` where there is nothing to read, `DiskError` for what may be tried again. A FIFO is refused: to
    open one waits for its writer, and the worker must not.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno in (errno.ESTALE, errno.EIO, errno.EMFILE, errno.ENFILE):
            raise DiskError(f"cannot open {path}: {error.strerror}") from error
        raise JobFileError(f"its stdin {path} cannot be read: {error.strerror}") from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        os.set_blocking(descriptor, True)
        return descriptor
    os.close(descriptor)
    raise JobFileError(f"its stdin {path} is {_kind(mode)}, and must be a file")


def _make_output(path: str, mode: int) -> int:
    return syscalls.open_to_write(path, os.O_CREAT | os.O_EXCL | os.O_APPEND, mode)


def clear_output(path: str) -> None:
    """Remove what stands where a job's output is to go; raise `JobFileError` for a directory."""
    try:
        _clear_away(path)
    except OSError as error:
        raise DiskError(f"cannot remove {path}: {error.strerror}{_advice(error.errno)}") from error


def _clear_away(path: str) -> None:
    try:
        syscalls.unlink(path)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError) as error:
        raise JobFileError(f"its output cannot be written: {path} is {_what_it_is(path)}") from error


def touch(path: str) -> bool:
    """Set the mtime of ``path`` to the filesystem's now (its own clock, not ours); False when it is gone."""
    try:
        syscalls.utime(path)
    except OSError as error:
        if error.errno in _GONE:
            return False
        raise DiskError(f"cannot touch {path}: {error.strerror}{_advice(error.errno)}") from error
    return True


def remove(path: str) -> bool:
    """Remove the file ``path``; False when it was gone already."""
    try:
        syscalls.unlink(path)
    except OSError as error:
        if error.errno in _GONE:
            return False
        raise DiskError(f"cannot remove {path}: {error.strerror}{_advice(error.errno)}") from error
    return True


# ---- looking


def stamp(path: str) -> Stamp | None:
    """Return the stamp of whatever stands at ``path`` (a link itself, not its target), None when nothing does."""
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error
    return _stamp_of(status)


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
        if error.errno in _GONE:
            return None
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error


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
        if error.errno in _GONE:
            return False
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error


def heartbeat(path: str) -> int | None:
    """Return the mtime of an announcement in ns, None when it is gone.

    It is opened first, because over the network an open asks the server and a bare stat may answer from a cache that is
    a minute old.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*_GONE, errno.ELOOP):
            return None
        raise DiskError(f"cannot open {path}: {error.strerror}") from error
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
        if error.errno in _GONE:
            return None
        raise DiskError(f"cannot look at {path}: {error.strerror}") from error


def read_plain(path: str, limit: int) -> Contents | None:
    """Read a file that must be plain, ours, and not writable by everybody; None when it is gone.

    At most ``limit + 1`` bytes are read, so that a file that is too large shows as such and costs no memory. Raises
    `NotAJob` for a directory, a link, a FIFO, a device; `UnsafeError` for a file that somebody else could have written.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in _GONE:
            return None
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise NotAJob(_what_it_is(path)) from error
        if error.errno == errno.EACCES:
            raise UnsafeError("it cannot be read with your permissions") from error
        raise DiskError(f"cannot open {path}: {error.strerror}") from error
    try:
        status = freshness.fstat(descriptor)
        _check_plain(status)
        return Contents(_read_up_to(descriptor, limit + 1), _stamp_of(status))
    except OSError as error:
        raise DiskError(f"cannot read {path}: {error.strerror}") from error
    finally:
        os.close(descriptor)


def read_new(path: str, offset: int, limit: int) -> bytes | None:
    """Read at most ``limit`` bytes of ``path`` from ``offset``, opened anew (close-to-open, rule 9).

    None when it is gone, or no plain file.
    """
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*_GONE, errno.ELOOP, errno.ENXIO, errno.ENODEV):
            return None
        raise DiskError(f"cannot open {path}: {error.strerror}") from error
    try:
        with trouble("read", path):
            status = freshness.fstat(descriptor)  # FUSE reads no further than the size that it remembers
            if not stat.S_ISREG(status.st_mode):
                return None
            return os.pread(descriptor, limit, offset)
    finally:
        os.close(descriptor)


def open_read(path: str) -> int | None:
    """Open a plain file to follow it, and return the descriptor; None when it is gone, or no plain file."""
    try:
        descriptor = os.open(path, READING)
    except OSError as error:
        if error.errno in (*_GONE, errno.ELOOP, errno.ENXIO, errno.ENODEV):
            return None
        raise DiskError(f"cannot open {path}: {error.strerror}") from error
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


def _read_up_to(descriptor: int, size: int) -> bytes:
    data = os.read(descriptor, size)
    while data and len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            break
        data += more
    return data


def _stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


def _what_it_is(path: str) -> str:
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
