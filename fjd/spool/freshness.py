"""``fstat`` that asks the server: statx(2) with ``AT_STATX_FORCE_SYNC``, which Python's ``os`` does not offer.

On a network filesystem the kernel answers stat and fstat from attributes that it remembers for seconds (bindfs, sshfs
as told, NFS for 3 to 60 s), and FUSE does not even read beyond the size that it remembers. Asked like this it
asks the server, and remembers the new answer, so that the fstat after it is fresh as well. A disk of this host has
nobody to ask. Linux has it since 4.11 and glibc since 2.28; elsewhere a plain fstat has to do.
"""

import os
from functools import cache
from typing import Any

from fjd.spool import filesystems

_AT_EMPTY_PATH = 0x1000
_AT_STATX_FORCE_SYNC = 0x2000
_STATX_BASIC_STATS = 0x7FF
_STATX_BYTES = 256


def fstat(descriptor: int) -> os.stat_result:
    """Return the status of the open file ``descriptor`` as the server has it now."""
    status = os.fstat(descriptor)
    if filesystems.is_disk(status.st_dev):
        return status
    call = _statx()
    if call is not None:  # what it refuses, fstat below refuses too, with an exception
        call(descriptor, b"", _AT_EMPTY_PATH | _AT_STATX_FORCE_SYNC, _STATX_BASIC_STATS, _answer())
    return os.fstat(descriptor)


@cache
def _statx() -> Any:
    import ctypes

    try:
        call = ctypes.CDLL(None).statx
    except AttributeError:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
    call.restype = ctypes.c_int
    return call


@cache
def _answer() -> Any:
    """Where the kernel puts its answer, which nobody reads; so it does not matter who writes it at the same time."""
    import ctypes

    return ctypes.create_string_buffer(_STATX_BYTES)
