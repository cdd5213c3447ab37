"""Bytes of a log to lines, which come in pieces and are cut where they are too long. Pure."""

from dataclasses import dataclass

LINE_MAX_BYTES = 4096
"""A longer line is cut here, and says how much more there was."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that stand one after the other in a file, oldest first, without their ends. They are foreign text."""

    lines: tuple[str, ...]
    starts: tuple[int, ...]
    """At which byte of the file each line begins."""
    start: int
    end: int
    """The byte after the last of these lines, with its end."""
    open_line: str = ""
    """The last line of the file, as far as it is written; it begins at ``end``."""

    def joined(self, other: "Piece") -> "Piece":
        """Return this with what stands right behind it."""
        return Piece(self.lines + other.lines, self.starts + other.starts, self.start, other.end, other.open_line)


class Assembler:
    """Makes lines of bytes that come in pieces. What a carriage return overwrites is gone, as on a terminal."""

    def __init__(self, at: int = 0) -> None:
        self._start = at
        """Where the line that is being assembled begins."""
        self._next = at
        self._kept = bytearray()
        self._dropped = 0
        self._returned = False

    def feed(self, data: bytes) -> Piece:
        """Return the lines that have become whole by ``data``, which follows what was fed before."""
        begin, lines, starts = self._start, [], []
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._add(part)
            lines.append(self.open_line)
            starts.append(self._start)
            self._clear()
            self._next += len(part) + 1
            self._start = self._next
        self._add(rest)
        self._next += len(rest)
        return Piece(tuple(lines), tuple(starts), begin, self._start, self.open_line)

    def close(self) -> Piece:
        """Return what is left as a line of its own: the file goes on behind it, but not the reader."""
        piece = Piece((self.open_line,), (self._start,), self._start, self._next)
        self._clear()
        self._start = self._next
        return piece

    @property
    def open_line(self) -> str:
        """The last line as far as it was fed."""
        text = self._kept.decode("utf-8", "replace")
        return f"{text} … ({self._dropped:,} bytes more)" if self._dropped else text

    def _add(self, part: bytes) -> None:
        if not part:
            return
        body = part.rstrip(b"\r")
        if self._returned and body:
            self._clear()
        overwritten = body.rfind(b"\r")
        if overwritten >= 0:
            self._clear()
            body = body[overwritten + 1 :]
        room = LINE_MAX_BYTES - len(self._kept)
        self._kept += body[:room]
        self._dropped += max(0, len(body) - room)
        self._returned = part.endswith(b"\r")

    def _clear(self) -> None:
        self._kept.clear()
        self._dropped = 0
        self._returned = False


def assemble(data: bytes, start: int) -> Piece:
    """Return ``data``, which stands at ``start``, as whole lines; what has no end becomes a line too."""
    assembler = Assembler(start)
    piece = assembler.feed(data)
    if piece.end == start + len(data):
        return piece
    last = assembler.close()
    return Piece(piece.lines + last.lines, piece.starts + last.starts, start, last.end)
