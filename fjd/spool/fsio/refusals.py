"""What the disk answers where it does not do as asked: which answers are a race's, and the words for the others."""

import errno

from fjd.errors import DiskError, FileRefused

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
"""ESTALE: on NFS 3 an atomic replace or an unlink by another host shows so (measured); look the name up anew."""

_OF_ONE_FILE = (errno.EIO, errno.EPERM, errno.ESTALE, errno.EBADMSG, errno.EUCLEAN, errno.EREMOTEIO)
"""A bad sector, a file that is immutable (chattr +i), a broken inode: other files may be well."""


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
            raise refusal(f"{self._doing} {self._path}", error) from error


def refusal(what: str, error: OSError) -> DiskError:
    """Return the error that says that ``what`` cannot be done, and what a person could do about it."""
    kind = FileRefused if error.errno in _OF_ONE_FILE else DiskError
    return kind(f"cannot {what}: {error.strerror or error}{_advice(error.errno)}")


def _advice(code: int | None) -> str:
    return {
        errno.ENOSPC: " (free some space; nothing is lost, fjd goes on when there is room)",
        errno.EDQUOT: " (your quota is used up; nothing is lost, fjd goes on when there is room)",
        errno.EROFS: " (the filesystem is read-only at the moment)",
        errno.EACCES: " (the permissions do not let you)",
        errno.ENOENT: " (is the spool still there?)",
    }.get(code or 0, "")
