"""Writing: directories made, files published, opened, touched and removed, and nothing of it through a link."""

import contextlib
import errno
import os
import stat

from fjd import chance
from fjd.errors import JobFileError
from fjd.spool import syscalls
from fjd.spool.fsio.looking import check_ours, seems_there, what_it_is
from fjd.spool.fsio.moving import Moved, look_then_move
from fjd.spool.fsio.refusals import GONE, refusal, trouble

DIR_MODE = 0o700

FILE_MODE = 0o600

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)
"""What a filesystem without hard links answers to link(2): EPERM by the manual page (sshfs too), others by FUSE."""


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


def make_new_dir(path: str) -> bool:
    """Make the directory ``path``; False when something stands there."""
    with trouble("make the directory", path):
        try:
            syscalls.mkdir(path, DIR_MODE)
        except FileExistsError:
            return False
        return True


def has_links(directory: str) -> bool:
    """Tell whether a file in ``directory`` can have a second name, by trying it; where not, `publish` has to look."""
    first, second = (f"{directory}/{chance.token(8)}" for _ in range(2))
    with trouble("try links in", directory):
        try:
            _write_whole(first, b"", FILE_MODE)
            syscalls.link(first, second)
            syscalls.unlink(second)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return False
        finally:
            with contextlib.suppress(FileNotFoundError):
                syscalls.unlink(first)
    return True


def make_user_dirs(path: str) -> None:
    """Make the folder of a job's own file, with all that is missing above it, by the user's umask.

    Raises `JobFileError` where it cannot be (a file stands in the way, the permissions do not let us), `DiskError` for
    what may be tried again.
    """
    try:
        syscalls.makedirs(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE):
            raise refusal(f"make the folder {path}", error) from error
        raise JobFileError(f"the folder of its logfile cannot be made: {path}: {error.strerror}") from error


def make_own_dirs(path: str) -> None:
    """Make a folder for the user's own files, with all that is missing above it, by the user's umask."""
    with trouble("make the folder", path):
        syscalls.makedirs(path)


def remove_dir(path: str) -> bool:
    """Remove the directory ``path``; True when it is gone, False when something is in it."""
    try:
        syscalls.rmdir(path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        if error.errno not in GONE:
            raise refusal(f"remove {path}", error) from error
    return True


def publish(tmp_dir: str, target: str, data: bytes, *, replace: bool = False) -> bool:
    """Write ``data`` to ``target`` so that no reader ever sees half of it (rule 1); False when the name is taken.

    ``tmp_dir`` is a directory on the same filesystem.
    """
    temporary = f"{tmp_dir}/{chance.token(8)}"
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
        return look_then_move(temporary, target) is Moved.YES
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
        raise refusal(f"write {path}", error) from error


def sync(descriptor: int, path: str) -> None:
    """Send what was written to the disk or the server; an NFS client else keeps it to itself for a while."""
    with trouble("write", path):
        syscalls.fdatasync(descriptor, path)


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
        if error.errno in (*GONE, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENODEV, errno.EACCES):
            return None
        raise refusal(f"open {path}", error) from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_nlink == 1:
        return descriptor
    os.close(descriptor)
    return None


def clear_output(path: str) -> None:
    """Remove what stands where a job's output is to go; raise `JobFileError` for a directory."""
    if not seems_there(path):
        return
    try:
        _clear_away(path)
    except OSError as error:
        raise refusal(f"remove {path}", error) from error


def _make_output(path: str, mode: int) -> int:
    return syscalls.open_to_write(path, os.O_CREAT | os.O_EXCL | os.O_APPEND, mode)


def _clear_away(path: str) -> None:
    try:
        syscalls.unlink(path)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError) as error:
        raise JobFileError(f"its output cannot be written: {path} is {what_it_is(path)}") from error


def touch(path: str) -> bool:
    """Set the mtime of ``path`` to the filesystem's now (its own clock, not ours); False when it is gone."""
    try:
        syscalls.utime(path)
    except OSError as error:
        if error.errno in GONE:
            return False
        raise refusal(f"touch {path}", error) from error
    return True


def remove(path: str) -> bool:
    """Remove the file ``path``; False when it was gone already."""
    try:
        syscalls.unlink(path)
    except OSError as error:
        if error.errno in GONE:
            return False
        raise refusal(f"remove {path}", error) from error
    return True
