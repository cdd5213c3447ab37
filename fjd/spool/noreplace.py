"""``rename`` that does not replace, or exchanges two names: renameat2(2), which Python's ``os`` does not offer.

Linux has had it since 3.15 and glibc since 2.28; ext4, xfs, btrfs, tmpfs and overlayfs support it, NFS and FUSE answer
EINVAL. ctypes is imported with the first call, since a worker hardly ever makes one.
"""

import errno
import os
from functools import cache
from typing import Any

from fjd.spool import syscalls

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2


def rename(source: str, target: str) -> bool:
    """Rename; False where the system has no such call. Raises ``FileExistsError`` when the target's name is taken."""
    return syscalls.change("rename", target, _rename, source, target, _RENAME_NOREPLACE)


def exchange(source: str, target: str) -> bool:
    """Exchange two names; False where the system cannot. Raises ``FileNotFoundError`` unless both are there."""
    return syscalls.change("exchange", target, _rename, source, target, _RENAME_EXCHANGE)


def _rename(source: str, target: str, flags: int) -> bool:
    call = _renameat2()
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags) == 0:
        return True
    import ctypes

    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), source)


@cache
def _renameat2() -> Any:
    import ctypes

    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    call.restype = ctypes.c_int
    return call
