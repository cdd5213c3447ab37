"""What the user wants of the dispatching of a whole spool, as the configuration says it. Pure."""

from dataclasses import dataclass
from enum import Enum

from fjd import quantity


class Counted(Enum):
    """What is counted until it is enough; the value is the word that a user writes."""

    FAIL = "fail"
    SUCCESS = "success"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Halt:
    """When to hand out nothing more, as GNU parallel's ``--halt`` has it."""

    text: str
    """As it was written."""
    is_now: bool
    """Whether what runs is killed, too."""
    counted: Counted
    count: int = 0
    share: float = 0.0
    """Of all jobs, in place of a count."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them."""

    halt: Halt | None = None
    load_limit: float | None = None
    """From this load on, nothing is handed to the workers of the dispatcher's host."""


NO_RULES = Rules()


def parse_halt(text: str) -> Halt | None:
    """Return what ``never``, ``soon,fail=1``, ``now,fail=3%``, ``soon,done=100`` say; raise ``ValueError``."""
    word = "".join(text.split()).lower()
    if word in ("", "never"):
        return None
    when, _, rest = word.partition(",")
    what, _, number = rest.partition("=")
    if when not in ("now", "soon") or what not in {one.value for one in Counted}:
        raise ValueError(f"{text.strip()!r} says nothing; write never, soon,fail=1, now,fail=3% or soon,success=1")
    is_now, counted = when == "now", Counted(what)
    if number.endswith("%"):
        return Halt(word, is_now, counted, share=parse_percent(number))
    return Halt(word, is_now, counted, count=quantity.parse_whole(number, 1, 1_000_000_000))


def parse_percent(text: str) -> float:
    """Return the share in ``3%``; raise ``ValueError``."""
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError:
        percent = 0.0
    if not 0 < percent <= 100_000:
        raise ValueError(f"{text.strip()!r} is no percentage")
    return percent / 100


def parse_load(text: str, processors: int) -> float | None:
    """Return the load in ``8``, ``1.5`` or ``150%`` (of the processors), None for nothing; raise ``ValueError``."""
    word = text.strip()
    if not word:
        return None
    if word.endswith("%"):
        return parse_percent(word) * processors
    try:
        load = float(word)
    except ValueError:
        load = 0.0
    if not 0 < load <= 1_000_000:
        raise ValueError(f"{word!r} is no load; write a number above 0, or a percentage of the processors: 150%")
    return load
