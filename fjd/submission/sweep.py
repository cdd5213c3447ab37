"""Values to try, as people write them: ``lr=0.1,0.01``, ``seed=1..5``, ``n=10..100..10``. Pure.

The grammar of one axis::

    axis  = key "=" item { "," item }
    item  = number ".." number [ ".." step ]  |  word  |  '"' any text '"'

A range includes its end where the step meets it, counts down when its end is the smaller one, and keeps leading zeros
(``01..10``). What is no range of numbers is a word: ``../data``. In double quotes a comma is a comma, ``\\"`` a quote.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fjd.errors import UsageError

Binding = tuple[tuple[str, str], ...]
"""What the names in a template stand for in one job: pairs of key and value."""

JOBS_MAX = 1_000_000
"""More jobs than this at once are a slip of the keyboard (``1..100000000``)."""

_KEY = re.compile(r"[^\W\d][\w.-]*")
_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*))\s*(,|\Z)')
_NUMBER = r"([+-]?\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"{_NUMBER}\.\.{_NUMBER}(?:\.\.{_NUMBER})?")
_PADDED = re.compile(r"[+-]?0\d")


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that it is to take."""

    key: str
    values: tuple[str, ...]


def parse(text: str) -> Axis:
    """Return what ``text`` says; raise `UsageError` with the words that help where it is not in the grammar."""
    key, separator, rest = text.partition("=")
    key = key.strip()
    if not separator or not _KEY.fullmatch(key):
        raise UsageError(f"--sweep {text!r}: write KEY=VALUES, such as lr=0.1,0.01 or seed=1..5")
    return Axis(key, tuple(_values(key, rest)))


def _values(key: str, text: str) -> Iterator[str]:
    at, is_over = 0, False
    while not is_over:
        item = _ITEM.match(text, at)
        if item is None:
            raise UsageError(
                f"--sweep {key}: {text[at:]!r} has a quote in it that is not closed, or not a whole value's"
            )
        quoted, word, comma = item.groups()
        if quoted is not None:
            yield re.sub(r"\\(.)", r"\1", quoted)
        elif not word.strip():
            raise UsageError(f'--sweep {key}: there is an empty value in {text!r}; write "" if that is meant')
        else:
            yield from _counted(key, word.strip())
        at, is_over = item.end(), not comma


def _counted(key: str, word: str) -> Iterator[str]:
    """Return the numbers of a range, or the word itself when it is none."""
    match = _RANGE.fullmatch(word)
    if match is None:
        return iter((word,))
    first, last = Decimal(match[1]), Decimal(match[2])
    step = abs(Decimal(match[3])) if match[3] else Decimal(1)
    if not step:
        raise UsageError(f"--sweep {key}: {word} has a step of 0, and would have no end")
    count = int(abs(last - first) / step) + 1
    if count > JOBS_MAX:
        raise UsageError(f"--sweep {key}: {word} has {count:,} values, and {JOBS_MAX:,} is the most")
    width = max(len(end.lstrip("+-")) for end in (match[1], match[2])) if _is_padded(match) else 0
    signed = step if last >= first else -step
    return (_spelled(first + signed * number, width) for number in range(count))


def _is_padded(match: "re.Match[str]") -> bool:
    return any(_PADDED.match(end) for end in (match[1], match[2]))


def _spelled(number: Decimal, width: int) -> str:
    text = f"{abs(number):f}"
    return ("-" if number < 0 else "") + text.zfill(width)


def product(axes: Sequence[Axis]) -> Iterator[Binding]:
    """Yield a binding for each combination, the last axis running fastest, as nested loops do."""
    _check(axes)
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > JOBS_MAX:
        raise UsageError(f"that would be {count:,} jobs, and {JOBS_MAX:,} is the most at once")
    return _bound(axes, itertools.product(*(axis.values for axis in axes)))


def zipped(axes: Sequence[Axis]) -> Iterator[Binding]:
    """Yield a binding for the first values of all axes, one for the second ones, and so on."""
    _check(axes)
    if len({len(axis.values) for axis in axes}) > 1:
        counts = ", ".join(f"{axis.key} has {len(axis.values)}" for axis in axes)
        raise UsageError(f"--zip needs as many values of each: {counts}")
    return _bound(axes, zip(*(axis.values for axis in axes), strict=True))


def _bound(axes: Sequence[Axis], rows: Iterable[tuple[str, ...]]) -> Iterator[Binding]:
    keys = tuple(axis.key for axis in axes)
    return (tuple(zip(keys, row, strict=True)) for row in rows)


def _check(axes: Sequence[Axis]) -> None:
    seen: dict[str, str] = {}
    for axis in axes:
        if other := seen.get(axis.key.lower()):
            raise UsageError(f"--sweep {other} and --sweep {axis.key} are one key; give all its values at once")
        seen[axis.key.lower()] = axis.key
