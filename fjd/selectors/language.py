"""The language of filters, read from a line or from arguments. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fjd import nearest
from fjd.errors import UsageError
from fjd.selectors.fields import FIELDS
from fjd.selectors.names import any_name, fuzzy, is_glob, part
from fjd.selectors.selector import Need, Selector, Term, Test


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
    return Selector((Term(Need.NAME, any_name(texts)), *others), names)


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
        return Term(Need.NAME, fuzzy(word.text[1:]))
    if whole or (is_glob(word.text) and not word.is_literal):
        return Term(Need.NAME, any_name([word.text]))
    return Term(Need.NAME, part(word.text, lambda job: job.name))


def _not(test: Test) -> Test:
    return lambda job, now_s: not test(job, now_s)


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
