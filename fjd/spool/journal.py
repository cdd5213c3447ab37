"""The story of what happened: one file a writer, one JSON line an event, append only (rule 10).

The rename is the commit and the journal is the story (rule 3), so a journal may lack its last line, or have it torn,
and nothing is lost but the telling. Readers skip what they cannot understand and count it.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.layout import Layout

SUFFIX = ".jsonl"
DISPATCHER, USER = "dispatcher-", "user-"
"""What the names of writers begin with that are no workers."""
_CHUNK = 1 << 20
_STREAM_CHUNK = 1 << 18
"""Of a thousand journals that are read side by side, so much is held of each."""
HEAD = 40
"""So much of a journal tells it from another: its first line begins with the time."""
_PENDING_MAX = 1 << 20
_encode = json.JSONEncoder(separators=(",", ":")).encode
_quote = json.encoder.encode_basestring_ascii

_decode = json.JSONDecoder().decode
"""As ``json.loads`` does, but for the look at each line of a million which encoding of Unicode it may be in."""

Record = dict[str, Any]
"""One line. Always ``t`` (wall clock, s) and ``event``; the other keys by event, told in ``ARCHITECTURE.md``."""


class Journal:
    """The journal of one writer. A full disk does not stop the writer: lines wait until there is room."""

    def __init__(
        self, layout: Layout, writer: str, *, is_shared: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """``is_shared`` says that readers are on other hosts: what we wrote is sent to the server at once."""
        self.path = layout.journal(writer)
        self._is_shared = is_shared
        self._clock = clock
        self._descriptor: int | None = None
        self._noted: list[Record] = []
        self._pending = b""

    def write(self, event: str, **values: object) -> None:
        """Append one line, and what was noted before it, in one write; what the disk refuses is kept for later."""
        self.note(event, **values)
        self.revive()

    def note(self, event: str, **values: object) -> None:
        """Have one line ready for the next `write` or `flush`: two lines that are made and written as one cost half."""
        self._noted.append({"t": round(self._clock(), 3), "event": event, **values})

    def flush(self) -> bool:
        """Write what waits; True when nothing waits any more."""
        if self._noted:
            noted, self._noted = self._noted, []
            if len(self._pending) < _PENDING_MAX:
                self._pending += "".join(map(_line, noted)).encode("ascii")
        try:
            if self._descriptor is None:
                self._descriptor = fsio.open_append(self.path)
            while self._pending:
                self._pending = self._pending[fsio.append(self._descriptor, self._pending, self.path) :]
                if self._is_shared:
                    fsio.sync(self._descriptor, self.path)
        except DiskError:
            self._let_go()  # on NFS a handle that is stale stays so; the name may be well
            return False
        return True

    def revive(self) -> bool:
        """Write what waits, into a new file if somebody removed the one that was begun; True when nothing waits."""
        try:
            if self._descriptor is not None and not fsio.is_open_at(self.path, self._descriptor):
                self._let_go()
        except DiskError:
            return False
        return self.flush()

    def close(self) -> None:
        """Write what waits, if the disk lets us, and close."""
        self.flush()
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor is not None:
            fsio.close(self._descriptor)
            self._descriptor = None


def _line(record: Record) -> str:
    """Return what ``json.dumps`` would, which makes an encoder for each line: with that it takes half as long again."""
    pairs = []
    for key, value in record.items():
        kind = type(value)
        if kind is str:
            text = _quote(value)
        elif value is None:
            text = "null"
        else:
            text = repr(value) if kind is int or (kind is float and math.isfinite(value)) else _encode(value)
        pairs.append(f'"{key}":{text}')
    return "{" + ",".join(pairs) + "}\n"


class NoJournal(Journal):
    """In the place of a `Journal`, for one who only looks on: nothing is told, and no file is made."""

    def note(self, event: str, **values: object) -> None:
        """Drop it."""

    def flush(self) -> bool:
        """Nothing ever waits."""
        return True


class Tail:
    """Reads a journal as it grows. The file is opened anew for each look, as close-to-open consistency asks."""

    def __init__(self, path: str, offset: int = 0) -> None:
        """Begin at ``offset``, where a line begins."""
        self.path = path
        self.torn = 0
        """How many lines could not be understood."""
        self._offset = offset
        self._rest = b""
        self._head = b""
        self._inode: int | None = None

    def read(self) -> list[Record]:
        """Return the lines that have come since the last call; a line without its end waits for it."""
        records: list[Record] = []
        self._begin_anew_with_a_new_file()
        while data := fsio.read_new(self.path, self._offset, _CHUNK):
            if not self._offset:
                self._head = data[:HEAD]
            self._offset += len(data)
            *lines, self._rest = (self._rest + data).split(b"\n")
            records.extend(record for line in lines if (record := self._parse(line)) is not None)
            if len(data) < _CHUNK:
                break
        return records

    def _begin_anew_with_a_new_file(self) -> None:
        """Somebody may have removed the file, and its writer begun another.

        A new inode alone does not tell (FUSE may number a file anew), so that the first line is compared as well. Of
        one of which nothing was read yet nothing is asked: who has 10,000 workers asks a server for each.
        """
        if not self._offset:
            return
        stamp = fsio.stamp(self.path)
        if stamp is None or stamp.inode == self._inode:
            return
        head = head_of(self.path)
        if not head.startswith(self._head):
            self._offset, self._rest, self._head = 0, b"", b""
        if len(head) == HEAD:  # else more of it is to come
            self._head, self._inode = head, stamp.inode

    def _parse(self, line: bytes) -> Record | None:
        record = parse(line)
        self.torn += record is None and bool(line)
        return record


def parse(line: bytes) -> Record | None:
    """Return what a line says, None when it cannot be understood."""
    try:
        record = _decode(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("event"), str) else None


def head_of(path: str) -> bytes:
    """Return the first `HEAD` bytes, or as many as there are yet."""
    return fsio.read_new(path, 0, HEAD) or b""


def lines(path: str, offset: int = 0) -> Iterator[bytes]:
    """Yield the whole lines of the journal at ``path`` from ``offset`` on, for a reader that holds none of them.

    There are none if it is gone.
    """
    rest = b""
    while data := fsio.read_new(path, offset, _STREAM_CHUNK):
        offset += len(data)
        *whole, rest = (rest + data).split(b"\n")
        yield from whole


def last_lines(path: str, size: int) -> list[bytes]:
    """Return the whole lines within the last ``size`` bytes of the journal at ``path``, oldest first."""
    stamp = fsio.stamp(path)
    if stamp is None:
        return []
    begin = max(0, stamp.size - size)
    found = (fsio.read_new(path, begin, size) or b"").split(b"\n")[:-1]
    return found[1:] if begin else found


def writers(layout: Layout) -> list[str]:
    """Return who has written a journal in this spool."""
    names = fsio.names(layout.journals) or []
    return [name[: -len(SUFFIX)] for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
