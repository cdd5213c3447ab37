"""The lines of a log that are held in memory: a part of the file without gaps, bounded, and where they take rows. Pure.

A place in it is an `Anchor`: a line by its index, and a row within that line, for those that wrap.
"""

from bisect import bisect_right
from functools import lru_cache

from rich.cells import cell_len, chop_cells

from fjd.logtail import Piece
from fjd.tui import ansi

LINES_MAX = 20_000
CHARS_MAX = 16 << 20
"""The bounds of what is held. When one is passed, a quarter goes from the end that is farther from the reader."""

Anchor = tuple[int, int]

TOP: Anchor = (0, 0)


@lru_cache(4000)
def row_texts(line: str, width: int) -> tuple[str, ...]:
    """Return the rows that a line takes when it wraps at ``width`` cells."""
    text = ansi.plain(line)
    if len(text) <= width and cell_len(text) <= width:
        return (text,)
    return tuple(chop_cells(text, width))


class LogWindow:
    """Lines, where each begins in the file, and how large the file is."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Hold nothing."""
        self.lines: list[str] = []
        self.starts: list[int] = []
        self.open_line = ""
        self.end = self.size = 0
        self._chars = 0

    # ---- what is held

    def __len__(self) -> int:
        return len(self.lines) + bool(self.open_line)

    def line(self, index: int) -> str:
        """Return a raw line; the one that is still written is the last."""
        return self.lines[index] if index < len(self.lines) else self.open_line

    def offset(self, index: int) -> int:
        """Return where a line begins in the file."""
        return self.starts[index] if index < len(self.starts) else self.end

    @property
    def start(self) -> int:
        """Where the first line begins."""
        return self.starts[0] if self.starts else self.end

    @property
    def reaches_end(self) -> bool:
        """Whether the last line of the file is among these."""
        return bool(self.open_line) or self.end >= self.size

    def index(self, offset: int) -> int | None:
        """Return which line holds the byte at ``offset``."""
        if not self.start <= offset <= self.end or not len(self):
            return None
        return len(self) - 1 if offset == self.end else bisect_right(self.starts, offset) - 1

    def replace(self, piece: Piece, size: int) -> None:
        """Hold these lines and no others."""
        self.lines, self.starts = list(piece.lines), list(piece.starts)
        self.open_line, self.end, self.size = piece.open_line, piece.end, size
        self._chars = sum(map(len, self.lines))

    def add_below(self, piece: Piece, size: int) -> bool:
        """Add what stands right behind; return False when it does not."""
        if piece.start != self.end:
            return False
        self.lines += piece.lines
        self.starts += piece.starts
        self.open_line, self.end, self.size = piece.open_line, piece.end, size
        self._chars += sum(map(len, piece.lines))
        return True

    def add_above(self, piece: Piece) -> int:
        """Add what stands right before; return how many lines that are."""
        if piece.end != self.start:
            return 0
        self.lines[:0] = piece.lines
        self.starts[:0] = piece.starts
        self._chars += sum(map(len, piece.lines))
        return len(piece.lines)

    def trim(self, near: int) -> int:
        """Forget lines when they are too many, far from the index ``near``; return how many went from the top."""
        if len(self.lines) <= LINES_MAX and self._chars <= CHARS_MAX:
            return 0
        count = len(self.lines) // 4
        if near >= len(self.lines) // 2:
            self._chars -= sum(map(len, self.lines[:count]))
            del self.lines[:count], self.starts[:count]
            return count
        self.end = self.starts[-count]
        self.open_line = ""
        self._chars -= sum(map(len, self.lines[-count:]))
        del self.lines[-count:], self.starts[-count:]
        return 0

    # ---- where they stand on the screen; ``width`` is 0 where lines do not wrap

    def rows(self, index: int, width: int) -> int:
        """Return how many rows a line takes."""
        return len(row_texts(self.line(index), width)) if width else 1

    def moved(self, anchor: Anchor, rows: int, width: int) -> Anchor:
        """Return the place so many rows below ``anchor``, above it for less than none, as far as there are lines."""
        index, row = anchor
        if not width or not len(self):
            return min(max(index + rows, 0), max(0, len(self) - 1)), 0
        row += rows
        while row < 0 and index > 0:
            index -= 1
            row += self.rows(index, width)
        while (has := self.rows(index, width)) <= row and index < len(self) - 1:
            index += 1
            row -= has
        return index, min(max(row, 0), self.rows(index, width) - 1)

    def last_page(self, height: int, width: int) -> Anchor:
        """Return the place at which the page begins whose last row is the last of all."""
        if not len(self):
            return TOP
        last = len(self) - 1
        return self.moved((last, self.rows(last, width) - 1), 1 - height, width)

    def page(self, anchor: Anchor, height: int, width: int) -> list[Anchor]:
        """Return the places of the rows of a page."""
        index, row = anchor
        places: list[Anchor] = []
        while len(places) < height and index < len(self):
            places += [(index, one) for one in range(row, self.rows(index, width))]
            index, row = index + 1, 0
        return places[:height]
