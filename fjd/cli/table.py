"""Columns of text on stdout, as they come: a million rows are not held to find out how wide a column is."""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from fjd import display, quantity

_LOOK_AT = 500
"""The first so many rows say how wide the columns are; a longer cell in a later row moves what is right of it."""
_GAP = "  "


def rows(titles: Sequence[str], cells: Iterable[Sequence[str]], *, width: int | None = None) -> Iterator[str]:
    """Yield a line of titles and one for each row, none when there are no rows; lines are cut to ``width``."""
    coming = iter(cells)
    first = [tuple(map(display.clean, row)) for row in islice(coming, _LOOK_AT)]
    if not first:
        return
    rest = (tuple(map(display.clean, row)) for row in coming)
    widths = [max(map(len, column)) for column in zip(titles, *first, strict=True)]
    for row in chain([tuple(titles)], first, rest):
        line = _GAP.join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        yield display.clean(line, max_len=width)


def terminal_width() -> int | None:
    """Return how wide the terminal on stdout is, None when it is none: what goes into a pipe is not cut."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def age(now_s: float, since_s: float | None) -> str:
    """Return how long ago that was; nothing where it is not known."""
    return "" if since_s is None else display.duration(now_s - since_s)


def moment(seconds: float | None) -> str:
    """Return a wall clock time as people write it, nothing where it is not known."""
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def size(number: float | None) -> str:
    """Return so many bytes for people, nothing where it is not known."""
    return "" if number is None else quantity.format_size(number)
