"""Shortening journals whose writers have left: what is old and tells of no job that is still here goes.

A journal has one writer (rule 10), and so only those of workers that are announced no more are touched, and those of
dispatchers and users that have written nothing for a day: each is written anew as a whole, or removed where nothing is
left.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from fjd.spool import fsio, journal, lines
from fjd.spool.layout import Layout

_QUIET_NS = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Shortening:
    """A journal, and how much of it goes."""

    writer: str
    lines: int
    """How many lines go."""
    kept: tuple[bytes, ...]
    stamp: fsio.Stamp
    """The file as it was read; one that was written since is left."""


def plan(layout: Layout, live: Collection[str], left: Collection[str], until_ns: int) -> Iterator[Shortening]:
    """Yield what can be shortened; ``left`` are the jobs that stay in the spool, ``live`` the announced workers."""
    for writer in sorted(journal.writers(layout)):
        path = layout.journal(writer)
        stamp = fsio.stamp(path)
        if stamp is None or writer in live or not _is_over(writer, stamp.mtime_ns, until_ns):
            continue
        found = list(journal.lines(path))
        kept = tuple(line for line in found if _tells_of(line, left))
        if len(kept) < len(found):
            yield Shortening(writer, len(found) - len(kept), kept, stamp)


def _is_over(writer: str, written_ns: int, until_ns: int) -> bool:
    """Tell whether nobody will write it any more; nothing but silence tells that of those who are not announced."""
    is_worker = not writer.startswith((journal.USER, journal.DISPATCHER))
    return written_ns <= (until_ns if is_worker else until_ns - _QUIET_NS)


def _tells_of(line: bytes, jobs: Collection[str]) -> bool:
    record = journal.parse(line)
    return record is not None and (lines.name(record, "job") in jobs or lines.name(record, "name") in jobs)


def carry_out(layout: Layout, one: Shortening) -> bool:
    """Do it; False when somebody has written it meanwhile."""
    path = layout.journal(one.writer)
    if fsio.stamp(path) != one.stamp:
        return False
    if not one.kept:
        return fsio.remove(path)
    return fsio.publish(layout.tmp, path, b"".join(line + b"\n" for line in one.kept), replace=True)
