"""Makes text that others wrote harmless for a terminal, and figures readable. It must know nothing of any widget.

`clean` is the one function for foreign text: names of jobs, lines of logs, messages that quote a file. It does **not**
deal with markup, since no escaping of markup is complete: give its result to rich's ``Text`` or Textual's ``Content``,
or to a widget with ``markup=False``, never to anything that reads markup.
"""

import math
import re
import unicodedata
from typing import Final

_HIDDEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0d\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Printable to Python and invisible to people (Unicode's Default_Ignorable_Code_Point, without U+FE0E and U+FE0F, which
choose the colour of an emoji and are common in logs)."""

_UNKNOWN: Final = "–"


def clean(text: str, *, max_len: int | None = None) -> str:
    r"""Return ``text`` as one line that a terminal shows and does not obey, in ``max_len`` characters at most.

    What does not show, or would act on the terminal, is written as Python writes it: ``\n``, ``\x1b``, ``\u202e``.
    That covers control characters (C0, DEL, C1), bidi controls, line and paragraph separators, what has no width or no
    meaning in Unicode, and a combining mark or a skin tone with nothing before it. A byte of a file name that is not
    UTF-8 is ``\xff``, which cannot be confused with a character: those below U+00A0 but ASCII are ``\u009b``.
    A tab and the blanks of other widths become a plain space; who wants columns calls ``expandtabs`` before.

    The result is printable and can be encoded as UTF-8. It is for eyes only: a text with a real backslash in it may
    give the same. What is cut ends in ``…``; the cost of a cut does not depend on the length of ``text``.
    """
    if max_len is not None and len(text) > max_len:
        # Every character gives one at least, so what is cut here would be cut below as well.
        text = text[: max_len + 1]
    if not text.isascii() or not text.isprintable():
        text = _visible(text)
    if max_len is None or len(text) <= max_len:
        return text
    return text[: max_len - 1] + "…" if max_len > 0 else ""


def _visible(text: str) -> str:
    """Return ``text`` with everything made visible."""
    if not text.isprintable() or _HIDDEN.search(text):
        text = "".join([char if char.isprintable() and not _HIDDEN.match(char) else _shown(char) for char in text])
    if text and (unicodedata.category(text[0]).startswith("M") or "\U0001f3fb" <= text[0] <= "\U0001f3ff"):
        text = _escape(text[0]) + text[1:]
    return text


def _shown(char: str) -> str:
    """Return the printable stand-in of one character that does not show."""
    if char == "\t" or unicodedata.category(char) == "Zs":
        return " "
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"  # PEP 383: a byte that is not UTF-8
    return _escape(char)


def _escape(char: str) -> str:
    """Return ``char`` as an escape in ASCII."""
    if "\x80" <= char <= "\xff":
        return f"\\u{ord(char):04x}"
    return char.encode("unicode_escape").decode()


def duration(seconds: float) -> str:
    """Return a time as a clock shows it: ``0:12``, ``1:02:33``, and from a day on in hours and minutes: ``2d 3:04``."""
    if not math.isfinite(seconds):
        return _UNKNOWN
    minutes, second = divmod(int(max(seconds, 0)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days:,}d {hour}:{minute:02}"
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def brief(seconds: float) -> str:
    """Return a time in at most five characters: ``0:12``, ``59:59``, ``1h02``, ``27h``, ``3d``."""
    if not math.isfinite(seconds):
        return _UNKNOWN
    minutes, second = divmod(int(max(seconds, 0)), 60)
    hours, minute = divmod(minutes, 60)
    if hours < 1:
        return f"{minute}:{second:02}"
    if hours < 10:
        return f"{hours}h{minute:02}"
    return f"{hours}h" if hours < 48 else f"{min(hours // 24, 9999)}d"


def eta(seconds: float) -> str:
    """Return how long something will take, in its two greatest units and never too short: ``2m 40s``, ``1h 2m``."""
    if not math.isfinite(seconds):
        return _UNKNOWN
    left = math.ceil(max(seconds, 0))
    if left < 60:
        return f"{left}s"
    if left < 3600:
        return f"{left // 60}m {left % 60}s"
    minutes = math.ceil(left / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60}h {minutes % 60}m"
    hours = math.ceil(left / 3600)
    return f"{hours // 24:,}d {hours % 24}h"


def eta_range(shortest: float, longest: float) -> str:
    """Return how long something may take: one figure where the two are near, else both: ``2–4m``, ``40s–3m``."""
    if longest <= 1.3 * shortest or longest < 10:
        return eta(longest)
    low, high = _coarse(shortest), _coarse(longest, up=True)
    return f"{low[:-1]}–{high}" if low[-1] == high[-1] else f"{low}–{high}"


def _coarse(seconds: float, *, up: bool = False) -> str:
    """Return a time in one unit of which it has at least two."""
    if not math.isfinite(seconds):
        return _UNKNOWN
    turn = math.ceil if up else math.floor
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{turn(seconds / length):,}{unit}"
    return f"{turn(max(seconds, 0))}s"


def size(number: float) -> str:
    """Return a size in four characters and a unit at most: ``940K``, ``1.2G``."""
    for unit in "BKMGT":
        if number < 999.5 or unit == "T":
            return f"{number:.1f}{unit}" if number < 9.95 and unit not in "BK" else f"{number:.0f}{unit}"
        number /= 1024
    raise AssertionError(number)


def count(number: int) -> str:
    """Return a count with its thousands apart: ``6,120``."""
    return f"{number:,}"
