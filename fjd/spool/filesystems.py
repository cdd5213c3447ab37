"""What kind of filesystem something is on, and so whether other hosts may change it without this kernel's knowledge."""

import os
from functools import cache

_NETWORK = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "9p", "virtiofs", "vboxsf",
    "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "orangefs", "pvfs2", "panfs", "wekafs", "gfs2", "ocfs2",
)  # fmt: skip


def type_of(path: str) -> str:
    """Return the type of the filesystem that ``path`` is on, as ``/proc/self/mountinfo`` names it; "" if unknown."""
    try:
        return _type_of_device(os.stat(path).st_dev)
    except FileNotFoundError:
        return ""


def is_network(path: str) -> bool:
    """Tell whether other hosts may change what is at ``path`` without this kernel's knowledge."""
    return _is_network(type_of(path))


@cache
def is_disk(device: int) -> bool:
    """Tell whether ``device``, as in ``st_dev``, is a disk of this host.

    False where it cannot be told for good: what is on no block device has a number that is another's after the next
    mount.
    """
    if os.major(device) == 0:
        return False
    kind = _type_of_device(device)
    return kind != "" and not _is_network(kind)


def _is_network(kind: str) -> bool:
    return kind in _NETWORK or kind.startswith("fuse")


def _type_of_device(device: int) -> str:
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            lines = file.readlines()
    except FileNotFoundError:
        return ""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    found = ""
    for line in lines:
        fields = line.split()
        if fields[2] == wanted:
            found = fields[fields.index("-") + 1]
    return found
