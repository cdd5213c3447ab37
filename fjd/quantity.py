"""Durations, sizes, moments and lists as people write them; the one home of their spelling. Pure.

Each ``parse_…`` raises ``ValueError`` with words that have no subject, to stand behind what was written:
``'5x' is no duration; write 90, 1h30m, 7d or HH:MM:SS``. What few jobs need is imported where it is used, since a
worker imports this module.
"""

import re
from collections.abc import Iterable

_UNITS_S = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
# Patterns are compiled where they are first used, which is seldom.
_PART = r"(?a)(\d+(?:\.\d+)?)\s*(ms|weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
_CLOCK = r"(?a)(?:(\d+)-)?(\d+):([0-5]?\d)(?::([0-5]?\d(?:\.\d+)?))?"
_NUMBER = r"(?a)\d+(?:\.\d+)?"
_SIZE = r"(?ai)(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?"
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_WHOLE = r"(?a)[+-]?\d+"
_RANGE = r"(?a)(\d+)(?:\s*(?:-|\.\.)\s*(\d+))?"
_LONGEST_S = 1e10
"""Three hundred years: whoever writes more has made a slip, and what is added to a clock must stay a number."""
_STATUS_MAX = 255

SWITCH = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


def parse_duration(text: str) -> float:
    """Return the seconds in ``90``, ``1h30m``, ``2.5 h``, ``500ms``, ``HH:MM:SS``, ``MM:SS``, ``D-HH:MM:SS``."""
    word = text.strip().lower()
    seconds: float | None = None
    if re.fullmatch(_NUMBER, word):
        seconds = float(word)
    elif clock := re.fullmatch(_CLOCK, word):
        seconds = _clock_s(clock)
    elif word and not re.sub(_PART, "", word).strip():
        seconds = sum(float(number) * _UNITS_S[_unit(unit)] for number, unit in re.findall(_PART, word))
    if seconds is None:
        raise ValueError(f"{_shown(text)} is no duration; write 90 (seconds), 1h30m, 7d or HH:MM:SS")
    if seconds > _LONGEST_S:
        raise ValueError(f"{_shown(text)} is too long a time")
    return seconds


def _clock_s(clock: "re.Match[str]") -> float:
    days, first, second, third = clock.groups()
    if third is None and days is None:
        return int(first) * 60 + float(second)
    return int(days or 0) * 86_400 + int(first) * 3600 + int(second) * 60 + float(third or 0)


def _unit(word: str) -> str:
    return word if word == "ms" else word[0]


def format_duration(seconds: float) -> str:
    """Return the shortest spelling that `parse_duration` reads back: ``1h30m``, ``90s``, ``0.5s``."""
    if seconds != int(seconds) or seconds < 60:
        return f"{seconds:g}s"
    left, parts = int(seconds), []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_UNITS_S[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def parse_size(text: str) -> int:
    """Return the bytes in ``2G``, ``500M``, ``1.5 GiB``, ``4096``; the units are powers of 1024."""
    match = re.fullmatch(_SIZE, text.strip())
    if match is None or len(match[1]) > 15:
        raise ValueError(f"{_shown(text)} is no size; write 500M, 2G or a number of bytes")
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


def format_size(size: float) -> str:
    """Return ``size`` bytes for people: ``1.5G``, ``12M``, ``300``; `parse_size` reads it back, rounded."""
    for unit in ("", "K", "M", "G", "T"):
        if size < 1024:
            return f"{size:.0f}{unit}" if size >= 10 or size == int(size) else f"{size:.1f}{unit}"
        size /= 1024
    return f"{size:.1f}P"


def parse_moment(text: str) -> float:
    """Return the seconds since the epoch at ``2026-12-01``, ``2026-12-01 18:00``, with ``+01:00`` or ``Z`` behind it.

    Without an offset it is the local time of this host.
    """
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        moment = None
    if moment is None or not 1970 < moment.year < 9000:  # others make trouble in the C library of some host
        raise ValueError(f"{_shown(text)} is no time; write 2026-12-01 18:00, or with +01:00 behind it")
    return moment.astimezone().timestamp()


def format_moment(seconds: float) -> str:
    """Return a wall clock time as `parse_moment` reads it, to the second, with its offset."""
    from datetime import datetime

    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def parse_whole(text: str, least: int, most: int) -> int:
    """Return the whole number in ``text``, from ``least`` to ``most``."""
    word = text.strip()
    if not re.fullmatch(_WHOLE, word) or len(word) > 12 or not least <= int(word) <= most:
        raise ValueError(f"{_shown(text)} is no whole number from {least:,} to {most:,}")
    return int(word)


def parse_switch(text: str) -> bool:
    """Return what ``yes``, ``no``, ``on``, ``off``, ``true``, ``false``, ``1``, ``0`` say."""
    value = SWITCH.get(text.strip().lower())
    if value is None:
        raise ValueError(f"{_shown(text)} is neither yes nor no")
    return value


def parse_statuses(text: str) -> frozenset[int]:
    """Return the exit statuses in ``1, 3-5 137``, each from 0 to 255; 128 + N stands for an end by signal N."""
    found: set[int] = set()
    for word in re.split(r"[,\s]+", re.sub(r"\s*(-|\.\.)\s*", r"\1", text.strip())):
        match = re.fullmatch(_RANGE, word)
        first, last = (int((match[1])[:4]), int((match[2] or match[1])[:4])) if match else (1, 0)
        if not 0 <= first <= last <= _STATUS_MAX:
            raise ValueError(f"{_shown(word or text)} is no exit status; write numbers from 0 to 255: 1, 3-5")
        found.update(range(first, last + 1))
    return frozenset(found)


def parse_words(text: str) -> tuple[str, ...]:
    """Return the words in ``gpu, fast``, separated by commas or blanks; what has these in itself stands in quotes."""
    import shlex

    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace += ","
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        return tuple(dict.fromkeys(lexer))
    except ValueError:
        raise ValueError(f"{_shown(text)} has a quote or a backslash that is not closed") from None


def counted(number: int, word: str) -> str:
    """Return ``1 worker``, ``4 workers``, ``6,120 processes``; ``word`` is the name of one."""
    plural = f"{word}es" if word.endswith("s") else f"{word}s"
    return f"{number:,} {word if number == 1 else plural}"


def format_words(words: Iterable[str]) -> str:
    """Return a list that `parse_words` reads back; what must not be taken for a separator has a backslash before it."""
    return ", ".join(re.sub(r"([\s,'\"\\])", r"\\\1", word) for word in words)


def _shown(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:40] + "…")
