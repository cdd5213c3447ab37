"""The nudge: a FIFO in a worker's pod by which a process of the same host wakes it at once.

It carries no information and nothing depends on it: a worker that is not nudged looks by itself a little later. On a
network filesystem a FIFO connects processes of one host only, which is just what is wanted.
"""

import errno
import os
import stat

from fjd.errors import DiskError
from fjd.spool import syscalls

_DRAUGHT = 4096


def open_bell(path: str) -> int | None:
    """Make the FIFO at ``path`` and return the end that a worker waits on; None where the filesystem has no FIFOs.

    It is opened for reading and writing, so that it never reports end-of-file when the last nudger has closed it. A
    link or a plain file in its place, which would be readable for ever, is none.
    """
    try:
        syscalls.mkfifo(path, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
            return None
        raise DiskError(f"cannot make {path}: {error.strerror}") from error
    return _open_fifo(path, os.O_RDWR)


def ring(path: str) -> bool:
    """Wake whoever waits at ``path``; False when nobody does."""
    descriptor = _open_fifo(path, os.O_WRONLY)
    if descriptor is None:
        return False
    try:
        os.write(descriptor, b"!")
    except OSError:
        return True  # EAGAIN: the pipe is full of nudges already
    finally:
        os.close(descriptor)
    return True


def _open_fifo(path: str, flags: int) -> int | None:
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        # ENXIO: nobody waits on this host. ENOENT: no such worker any more. Either way there is nobody to wake.
        return None
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def drain(descriptor: int) -> None:
    """Take all nudges that have come."""
    try:
        while len(os.read(descriptor, _DRAUGHT)) == _DRAUGHT:
            pass
    except BlockingIOError:
        return
