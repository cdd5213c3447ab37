"""Which jobs are meant: ``state:failed exit:1 worker:nova age>1h scan-* !test ~fzy``. Pure.

A filter is words with blanks between them, and a job must satisfy all of them. A word is part of a name, a glob, or a
key of `FIELDS` with a value; ``!`` before it turns it round, ``~`` before it finds its letters in their order with
others between. In double quotes blanks are part of a word, and a word that begins with them is part of a name whatever
it looks like.

`parse` reads a line as it is typed into a filter, `parse_names` the arguments of a command that acts, where a word is
a whole name or a glob, and several names are alternatives: nobody who says ``kill job1`` means ``job10``.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import translate
from functools import lru_cache
from typing import cast

from fjd import display, nearest, quantity
from fjd.errors import UsageError
from fjd.snapshot import JobState, JobView

Test = Callable[[JobView, float], bool]
"""Tells whether a job is meant; the second is now, on the clock of the job's ``since_s``."""


class Need(Enum):
    """What must be known of a job to test it, from what a listing shows to what is read in its file."""

    NAME = "name"
    STATE = "state"
    STORY = "story"
    """When, where and how it ran: journals, or the picture of a dispatcher."""
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    need: Need
    test: Test


class _Label:
    """As much of a job as a name and a state; used again for the next one."""

    __slots__ = ("name", "state")

    name: str
    state: JobState


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all hold; without any, every job is meant."""

    terms: tuple[Term, ...] = ()
    names: tuple[str, ...] = ()
    """The names that `parse_names` was given, none when there were globs among them: these jobs alone can be meant."""

    def matches(self, job: JobView, now_s: float) -> bool:
        """Tell whether ``job`` is meant; a figure that is not known satisfies no comparison."""
        return all(term.test(job, now_s) for term in self.terms)

    def sieve(self) -> Callable[[str, JobState], bool]:
        """Return what tells whether a job can be meant, by name and state alone: for a million names without views.

        It is for one thread.
        """
        tests = [term.test for term in self.terms if term.need in (Need.NAME, Need.STATE)]
        label = _Label()
        job = cast("JobView", label)  # a view for each of a million names would be most of the work

        def may_match(name: str, state: JobState) -> bool:
            label.name, label.state = name, state
            for test in tests:  # noqa: SIM110  # a generator for each name would double the work
                if not test(job, 0.0):
                    return False
            return True

        return may_match

    @property
    def needs(self) -> frozenset[Need]:
        """What must be known of each job for `matches`."""
        return frozenset(term.need for term in self.terms)

    @property
    def states(self) -> frozenset[JobState]:
        """The states that jobs that are meant can be in."""
        asked = [term for term in self.terms if term.need is Need.STATE]
        return frozenset(state for state in JobState if all(term.test(JobView("", state), 0.0) for term in asked))

    def __and__(self, other: "Selector") -> "Selector":
        return Selector(self.terms + other.terms, self.names or other.names)


def parse(text: str) -> Selector:
    """Return the selector that a filter line says; raise `UsageError` with what is wrong and how to mend it."""
    return Selector(tuple(_term(word) for word in _words(text)))


def parse_names(arguments: Iterable[str]) -> Selector:
    """Return the selector of whole names, globs and keyed words that a command was given, one an argument."""
    words = [_Word(text) for text in arguments]
    plain = [word for word in words if _is_plain(word)]
    others = [_term(word, whole=True) for word in words if word not in plain]
    if not plain:
        return Selector(tuple(others))
    texts = [word.text for word in plain]
    names = () if any(map(is_glob, texts)) else tuple(dict.fromkeys(texts))
    return Selector((Term(Need.NAME, _any_name(texts)), *others), names)


def by_states(states: Collection[JobState]) -> Selector:
    """Return the selector of all jobs in one of ``states``."""
    return Selector((Term(Need.STATE, lambda job, _: job.state in states),))


def is_glob(text: str) -> bool:
    """Tell whether ``text`` has what makes a pattern of it."""
    return any(char in text for char in "*?[")


# ---- words

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_QUOTES = re.compile(r'"([^"]*)"?')
_KEYED = re.compile(r"([A-Za-z-]+)(:|!=|[<>]=?|=)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_literal: bool = False
    """It was in quotes, and so is part of a name."""
    is_inverse: bool = False


def _words(text: str) -> list[_Word]:
    found = []
    for match in _WORD.finditer(text):
        raw = match.group()
        is_inverse = raw.startswith("!") and len(raw) > 1
        raw = raw[1:] if is_inverse else raw
        found.append(_Word(_QUOTES.sub(r"\1", raw), raw.startswith('"'), is_inverse))
    return found


def _is_plain(word: _Word) -> bool:
    """Tell whether an argument is a name or a glob and nothing else."""
    return not word.text.startswith(("!", "~")) and _keyed(word) is None


def _keyed(word: _Word) -> "re.Match[str] | None":
    """Return key, sign and value of a word that has them. A ``=`` alone makes no key: ``lr=0.1`` is part of a name."""
    match = None if word.is_literal else _KEYED.fullmatch(word.text)
    return None if match and match[2] == "=" and match[1].lower() not in FIELDS else match


def _term(word: _Word, *, whole: bool = False) -> Term:
    if not word.is_literal and not word.is_inverse and word.text.startswith("!") and len(word.text) > 1:
        word = _Word(word.text[1:], is_inverse=True)
    term = _positive(word, whole=whole)
    return Term(term.need, _not(term.test)) if word.is_inverse else term


def _positive(word: _Word, *, whole: bool) -> Term:
    if keyed := _keyed(word):
        return _field(*keyed.groups())
    if word.text.startswith("~") and len(word.text) > 1 and not word.is_literal:
        return Term(Need.NAME, _fuzzy(word.text[1:]))
    if whole or (is_glob(word.text) and not word.is_literal):
        return Term(Need.NAME, _any_name([word.text]))
    return Term(Need.NAME, _part(word.text, lambda job: job.name))


def _not(test: Test) -> Test:
    return lambda job, now_s: not test(job, now_s)


# ---- names and texts


def _any_name(texts: list[str]) -> Test:
    """Whole names; what has the signs of a glob is a name as well, since files may be named so."""
    exact = frozenset(texts)
    globs = [_glob(text) for text in texts if is_glob(text)]
    return lambda job, _: job.name in exact or any(glob(job.name) for glob in globs)


@lru_cache(maxsize=64)
def _glob(pattern: str) -> Callable[[str], object]:
    return re.compile(translate(pattern)).match


def _part(wanted: str, text_of: Callable[[JobView], str]) -> Test:
    folded = wanted.casefold()
    return lambda job, _: _holds(text_of(job), folded)


def _holds(text: str, folded: str) -> bool:
    """Tell whether ``text`` has it, as it is or as it is shown."""
    return folded in text.casefold() or (not text.isprintable() and folded in display.clean(text).casefold())


def _fuzzy(wanted: str) -> Test:
    folded = wanted.casefold()

    def test(job: JobView, _now_s: float) -> bool:
        letters = iter(job.name.casefold())
        return all(letter in letters for letter in folded)

    return test


# ---- keys

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    ":": operator.eq,
    "=": operator.eq,
}

STATE_WORDS: dict[str, frozenset[JobState]] = {
    **{state.value.partition(" ")[0]: frozenset({state}) for state in JobState},
    "active": frozenset({JobState.HANDED, JobState.RUNNING}),
    "ended": frozenset({JobState.DONE, JobState.FAILED}),
    "unfinished": frozenset(JobState) - {JobState.DONE, JobState.FAILED},
}
"""What stands behind ``state:``, and which states it means."""


@dataclass(frozen=True, slots=True)
class Field:
    """A key of the language, for its reader, its help and its completion."""

    example: str
    help: str
    need: Need
    read: Callable[[str, str], Test]
    """From the sign and the value to the test; raises ``ValueError`` with words that have no subject."""
    values: tuple[str, ...] = ()
    """All values, where these can be told."""


def _texts_only(read: Callable[[str], Test]) -> Callable[[str, str], Test]:
    """A key that has a value and no size."""

    def reader(sign: str, value: str) -> Test:
        if sign not in (":", "="):
            raise ValueError(f"cannot be compared by {sign}; write a : before the value")
        return read(value)

    return reader


def _state(value: str) -> Test:
    states: set[JobState] = set()
    for word in value.lower().split(","):
        key = word.strip().partition(" ")[0]
        if key not in STATE_WORDS:
            raise ValueError(
                f"{word!r} is no state{nearest.did_you_mean(word, STATE_WORDS) or f'; known are {_list()}'}"
            )
        states |= STATE_WORDS[key]
    return lambda job, _: job.state in states


def _list() -> str:
    return ", ".join(STATE_WORDS)


def _worker(value: str) -> Test:
    """The id, or what it begins with up to a ``-``: ``nova`` and ``nova-3`` find nova-3-ab12cd, ``nov`` does not."""
    patterns = [pattern for word in value.split(",") for pattern in (_glob(word), _glob(f"{word}-*"))]
    return lambda job, _: bool(job.worker) and any(pattern(job.worker) for pattern in patterns)


def _number(
    figure: Callable[[JobView, float], float | None], read: Callable[[str], float], *, exact: bool = True
) -> Callable[[str, str], Test]:
    def reader(sign: str, value: str) -> Test:
        if not exact and sign in (":", "="):
            raise ValueError("needs a < or a > before the value")
        compare, limit = _COMPARE[sign], read(value)

        def test(job: JobView, now_s: float) -> bool:
            found = figure(job, now_s)
            return found is not None and compare(found, limit)

        return test

    return reader


def _exit(sign: str, value: str) -> Test:
    if sign not in (":", "="):
        return _number(lambda job, _: job.exit, lambda text: quantity.parse_whole(text, 0, 255))(sign, value)
    statuses = quantity.parse_statuses(value)
    return lambda job, _: job.exit in statuses


def _age(job: JobView, now_s: float) -> float | None:
    return None if job.since_s is None else now_s - job.since_s


FIELDS: dict[str, Field] = {
    "state": Field("state:failed,done", f"its state: {_list()}", Need.STATE, _texts_only(_state), tuple(STATE_WORDS)),
    "name": Field("name:scan-*", "its whole name, or a glob", Need.NAME, _texts_only(lambda value: _any_name([value]))),
    "worker": Field("worker:nova-3", "who has it or had it: an id, or its begin", Need.STORY, _texts_only(_worker)),
    "exit": Field("exit:1,137", "the exit status of its last run (128 + N: ended by signal N)", Need.STORY, _exit),
    "age": Field(
        "age>1h",
        "for how long it has been in its state",
        Need.STORY,
        _number(_age, quantity.parse_duration, exact=False),
    ),
    "took": Field(
        "took>5m",
        "how long its last run took",
        Need.STORY,
        _number(lambda job, _: job.seconds, quantity.parse_duration, exact=False),
    ),
    "attempt": Field(
        "attempt>1",
        "which attempt it is",
        Need.STORY,
        _number(lambda job, _: job.attempt, lambda text: quantity.parse_whole(text, 0, 1_000_000)),
    ),
    "reason": Field(
        "reason:timeout",
        "part of why it failed, or waits",
        Need.STORY,
        _texts_only(lambda value: _part(value, lambda job: job.reason)),
    ),
    "command": Field(
        "command:train.py",
        "part of its executable",
        Need.FILE,
        _texts_only(lambda value: _part(value, lambda job: job.command)),
    ),
}
"""The keys, in the order in which help shows them."""


def _field(key: str, sign: str, value: str) -> Term:
    field = FIELDS.get(key.lower())
    if field is None:
        mend = nearest.did_you_mean(key, FIELDS) or f"; known are {', '.join(FIELDS)}"
        raise UsageError(f"there is no filter {key}{sign}{mend} (if it is part of a name: name:*{key}{sign}*)")
    if not value:
        raise UsageError(f"{key}{sign} needs a value behind it, as in {field.example}")
    try:
        if sign == "!=":
            return Term(field.need, _not(field.read(":", value)))
        return Term(field.need, field.read(sign, value))
    except ValueError as error:
        raise UsageError(f"{key}{sign} {error}") from None


def help_lines() -> list[tuple[str, str]]:
    """Return an example and a sentence for each thing that can be written, for people."""
    return [
        ("scan", "part of a name"),
        ("scan-*", "a whole name with * ? [a-z] in it"),
        ("~sc7", "these letters of a name in this order"),
        *((field.example, field.help) for field in FIELDS.values()),
        ("!state:done", "! before any of these: not so"),
        ('"a b"', "in quotes: part of a name, whatever is in it"),
    ]
