"""Reads the journals from their beginning, or from where they were read to the last time.

What still matters of what was read is written down in ``.fjd/history.jsonl``: the place in each journal, and the lines
that `Past` has kept. It is a help and no more: where it is missing or does not fit, the journals are read whole.
"""

import contextlib
import heapq
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from fjd.dispatcher import lines
from fjd.dispatcher.past import Past
from fjd.errors import DiskError, FileRefused, NotAJob, UnsafeError
from fjd.spool import fsio, journal
from fjd.spool.journal import Record
from fjd.spool.layout import Layout

_FORMAT = 1
_MAX_BYTES = 1 << 26
_START, _END, _JOB = b'"event":"start"', b'"event":"end"', b'"job":"'
_FOR_GOOD = (b'"outcome":"done"', b'"outcome":"failed"')
"""Outcomes that say all. A job that was given back is still the one that was begun."""
_MANY = 100_000
"""After so many ended jobs it is written down anew: to read their lines takes half a second."""


class Place(NamedTuple):
    """How far a journal was read, and by what it is known again."""

    offset: int
    inode: int
    head: str


class History:
    """The past of the spool at ``layout``. ``say`` is told which journal the disk refuses."""

    def __init__(self, layout: Layout, say: Callable[[str, FileRefused], None] = lambda _writer, _error: None) -> None:
        self._layout = layout
        self._say = say
        self.past = Past()
        self._places: dict[str, Place] = {}
        self._offsets: dict[str, int] = {}
        self.news = 0
        """How many lines were read that were not written down before."""

    def read(self) -> None:
        """Read all that is in the journals now."""
        with contextlib.suppress(DiskError, NotAJob, UnsafeError):
            self._recall()
        streams = [self._since(writer) for writer in sorted(journal.writers(self._layout))]
        for _, writer, record in heapq.merge(*streams, key=itemgetter(0)):
            self.past.tell(writer, record)

    def offset(self, writer: str) -> int:
        """Return how far that one was read, in bytes."""
        return self._offsets.get(writer, 0)

    def write_down(self) -> None:
        """Write down what was read. Raises `DiskError`."""
        first = {"format": _FORMAT, "places": self._places}
        text = [json.dumps(first), *(json.dumps(line, separators=(",", ":")) for line in self.past.lines())]
        data = "\n".join(text).encode("ascii")
        if len(data) <= _MAX_BYTES:
            fsio.publish(self._layout.tmp, self._layout.history_file, data, replace=True)

    # ---- what was written down

    def _recall(self) -> None:
        contents = fsio.read_plain(self._layout.history_file, _MAX_BYTES)
        if contents is None:
            return
        past = Past()
        try:
            first, *rest = (json.loads(line) for line in contents.data.split(b"\n"))
            places = {writer: Place(*_checked(place)) for writer, place in first["places"].items()}
            for writer, record in rest:
                past.tell(str(writer), record)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return
        if first["format"] == _FORMAT:
            self.past = past
            self._places = {writer: place for writer, place in places.items() if self._fits(writer, place)}

    def _fits(self, writer: str, place: Place) -> bool:
        """Tell whether it is still the journal of which that was noted."""
        path = self._layout.journal(writer)
        stamp = fsio.stamp(path)
        if stamp is None or stamp.inode != place.inode or stamp.size < place.offset:
            return False
        return journal.head_of(path).startswith(place.head.encode("ascii", "replace"))

    # ---- what has come since

    def _since(self, writer: str) -> Iterator[tuple[float, str, Record]]:
        """Yield the lines of one journal with their times, and note how far it was read."""
        path = self._layout.journal(writer)
        try:
            for line in _telling(self._lines(writer, path)):
                if (record := journal.parse(line)) is not None:
                    yield lines.number(record, "t") or 0.0, writer, record
            if not self._offsets[writer]:
                return  # there is nothing to know it by again
            stamp, head = fsio.stamp(path), journal.head_of(path)
        except FileRefused as error:
            self._say(writer, error)
            return
        if stamp is not None and len(head) == journal.HEAD:
            self._places[writer] = Place(self._offsets[writer], stamp.inode, head.decode("ascii", "replace"))

    def _lines(self, writer: str, path: str) -> Iterator[bytes]:
        place = self._places.get(writer)
        self._offsets[writer] = place.offset if place else 0
        for line in journal.lines(path, self._offsets[writer]):
            self._offsets[writer] += len(line) + 1
            self.news += 1
            yield line


def _telling(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what may tell something: all but a start that the next line ends, of which nothing would be left."""
    start, job = b"", b""
    for line in lines:
        if start and not (_ends(line) and _job_in(line) == job):
            yield start
        if _START in line:
            start, job = line, _job_in(line)
        else:
            start = b""
            yield line
    if start:
        yield start


def _ends(line: bytes) -> bool:
    return _END in line and any(outcome in line for outcome in _FOR_GOOD)


def _job_in(line: bytes) -> bytes:
    """Return the job's name as a line of ours spells it."""
    return line.partition(_JOB)[2].partition(b'"')[0]


def _checked(place: Any) -> tuple[int, int, str]:
    offset, inode, head = place
    if not (isinstance(offset, int) and isinstance(inode, int) and isinstance(head, str) and offset >= 0):
        raise ValueError
    return offset, inode, head


class WritesDown:
    """Has the past written down while jobs end, in a thread: reading takes a moment."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ended = 0
        self._thread: threading.Thread | None = None

    def look(self, ended: int) -> None:
        """``ended`` jobs have ended of which it may not be written down."""
        if ended - self._ended >= _MANY and (self._thread is None or not self._thread.is_alive()):
            self._ended = ended
            self._thread = threading.Thread(target=write_down, args=(self._layout,), name="history", daemon=True)
            self._thread.start()


def write_down(layout: Layout) -> None:
    """Read what has come since the last time, and write it down; where the disk refuses that, another time."""
    history = History(layout)
    with contextlib.suppress(DiskError):
        history.read()
        history.write_down()
