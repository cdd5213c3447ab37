"""Replacing the text of one very file: not of another that has come under its name, and of none that has left.

``rename`` over a name that has left would make the file anew, and so a job that runs already would wait once more.
"""

from fjd import chance
from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.fsio import Moved, Stamp
from fjd.spool.layout import numbered

_TRIES = 1000


def replace(tmp_dir: str, path: str, data: bytes, was: Stamp) -> bool:
    """Put ``data`` in the place of the file at ``path``, which is the one with the stamp ``was``; False if it is not.

    Where the system cannot exchange names (NFS, FUSE) it is a look and a rename, with microseconds between the two.
    """
    temporary = f"{tmp_dir}/{chance.token(8)}"
    fsio.publish(tmp_dir, temporary, data)
    exchanged = fsio.exchange(temporary, path)
    if exchanged is None:
        is_same = fsio.stamp(path) == was
        if is_same and fsio.move(temporary, path) is Moved.YES:
            return True
    elif exchanged is Moved.YES and fsio.stamp(temporary) != was:
        _put_back(temporary, path)
        return False
    fsio.remove(temporary)
    return exchanged is Moved.YES


def _put_back(temporary: str, path: str) -> None:
    """Another file stood there: it comes back to its name, or under a number beside whatever stands there now."""
    if fsio.exchange(temporary, path) is Moved.YES:
        fsio.remove(temporary)
        return
    directory, _, name = path.rpartition("/")
    for number in range(1, _TRIES):
        target = path if number == 1 else f"{directory}/{numbered(name, number)}"
        if fsio.move_new(temporary, target) is Moved.YES:
            return
    raise DiskError(f"cannot put {temporary} back to {path}: {_TRIES} files of that name are there")
