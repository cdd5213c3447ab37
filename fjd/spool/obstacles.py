"""What a rename does not replace: a directory where a job's file is to go, which people make by hand.

Nothing waits for a person to come and take it away: it is renamed to a numbered name beside, as a job is that comes
back and finds its name taken, and nothing of it is lost.
"""

from collections.abc import Callable

from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.layout import numbered

_TRIES = 1000


def move(source: str, target: str, say: Callable[[str], None]) -> Moved:
    """Move as `fsio.move` does; what stands in the way goes aside first, and ``say`` is told where to."""
    moved = fsio.move(source, target)
    if moved is Moved.BLOCKED:
        say(f"{target} stands in the way, and is now {_set_aside(target)}")
        moved = fsio.move(source, target)
    if moved is Moved.BLOCKED:
        raise DiskError(f"cannot move {source} to {target}: something is put in its way all the time")
    return moved


def _set_aside(path: str) -> str:
    parent, _, name = path.rpartition("/")
    for number in range(2, _TRIES):
        aside = f"{parent}/{numbered(name, number)}"
        if fsio.move_new(path, aside) is not Moved.TAKEN:  # one that has gone meanwhile stands in nobody's way
            return aside
    raise DiskError(f"cannot move {path} out of the way: {_TRIES} others of that name are there")
