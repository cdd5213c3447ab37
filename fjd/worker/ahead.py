"""What the next job files of a pod say, read many at a time before their turn.

After each job's process the code that reads and parses comes from a cold cache: a file then takes 45 us, and 12 us
together with others (measured). What was read ahead counts only while the file has the stamp that it had then. On a
network filesystem nothing is read ahead, since a stamp may come from a cache there.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from fjd import jobfile
from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.spool import fsio
from fjd.spool.fsio import Stamp

_AT_ONCE = 16
"""So many are read together. Of one that is taken back it was in vain."""


class Read(NamedTuple):
    """A job file as it was read."""

    stamp: Stamp
    spec: JobSpec


def read(path: str) -> Read | None:
    """Read the job file at ``path``, None when it is gone. Raises as `fsio.read_plain` and `jobfile.parse` do."""
    contents = fsio.read_plain(path, jobfile.MAX_BYTES)
    return None if contents is None else Read(contents.stamp, jobfile.parse(contents.data))


class Ahead:
    """Reads ahead. ``path_of(job)`` is where the file of a job stands before its turn; None reads nothing ahead."""

    def __init__(self, path_of: Callable[[str], str] | None) -> None:
        self._path_of = path_of
        self._known: dict[str, Read] = {}

    def look(self, job: str, others: list[str]) -> None:
        """It is the turn of ``job``: read it with the next of ``others``, of which the last one is next."""
        if self._path_of is not None and others and job not in self._known:
            self._known = dict(_each_read([job, *others[:-_AT_ONCE:-1]], self._path_of))

    def take(self, job: str, path: str) -> Read | None:
        """Return what the file of ``job`` says, which stands at ``path`` now; None if it is gone. Raises as `read`."""
        known = self._known.pop(job, None)
        return known if known is not None and fsio.stamp(path) == known.stamp else read(path)


def _each_read(jobs: Iterable[str], path_of: Callable[[str], str]) -> Iterator[tuple[str, Read]]:
    for job in jobs:
        try:
            found = read(path_of(job))
        except FjdError:  # what is wrong with it shows when its turn comes
            continue
        if found is not None:
            yield job, found
