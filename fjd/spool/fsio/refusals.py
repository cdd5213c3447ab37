"""What the disk answers where it does not do as asked: which answers are a race's, and the words for the others."""

import errno

from fjd.errors import DiskError

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
"""ESTALE: on NFS 3 an atomic replace or an unlink by another host shows so (measured); look the name up anew."""


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
            raise DiskError(f"cannot {self._doing} {self._path}: {reason}{advice(error.errno)}") from error


def advice(code: int | None) -> str:
    """Return what is to be added to the message of an error for a person who could do something about it."""
    return {
        errno.ENOSPC: " (free some space; nothing is lost, fjd goes on when there is room)",
        errno.EDQUOT: " (your quota is used up; nothing is lost, fjd goes on when there is room)",
        errno.EROFS: " (the filesystem is read-only at the moment)",
        errno.EACCES: " (the permissions do not let you)",
        errno.ENOENT: " (is the spool still there?)",
    }.get(code or 0, "")
