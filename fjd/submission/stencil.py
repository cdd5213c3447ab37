"""Texts with names in braces, ``--lr {lr}``, and what stands in their place in one job. Pure.

Only names that a job binds are replaced. Any other brace is text (``awk '{print $1}'``, ``{a,b}``), so is ``${lr}``,
and ``{{lr}}`` stands for the text ``{lr}``. How a value is quoted on its way into a command is told in `quoting`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from fjd.errors import JobFileError
from fjd.submission import quoting
from fjd.submission.quoting import Context

Filler = Callable[[Mapping[str, str]], str]
"""Makes the text of one job from what its names stand for."""

_UNBOUND = re.compile(r"(?<![{$])\{([^\W\d][\w.-]*)\}(?!\})")


def plain(text: str, keys: Iterable[str]) -> Filler:
    """Return what puts values into ``text`` as they are: a path, a parameter, a name."""
    literals, names = _split(text, keys)
    if not names:
        (literal,) = literals
        return lambda _binding: literal
    return lambda binding: _joined(literals, [binding[name] for name in names])


def shell(line: str, keys: Iterable[str]) -> Filler:
    """Return what puts values into ``line``, which is the user's shell, so that none of them is syntax there.

    The filler raises `JobFileError` for a value that cannot be put into its place so.
    """
    literals, names = _split(line, keys)
    places, bare = [], ""
    for literal in literals[:-1]:
        bare += literal
        places.append(len(bare))
        bare += "x"  # a word character, as which each value in its quotes counts for what surrounds it
    bare += literals[-1]
    around = quoting.contexts(bare, places)
    pairs = list(zip(names, around, strict=True))
    return lambda binding: _joined(literals, [_quoted(name, binding[name], context) for name, context in pairs])


def argv(words: Sequence[str], keys: Iterable[str], *, takes_file: bool = False) -> Filler:
    """Return what puts values into ``words`` and makes a command line of them, each quoted as one word."""
    keys = tuple(keys)
    split = [_split(word, keys) for word in words]
    fillers = [plain(word, keys) for word in words]
    again = [
        (number, name)
        for number, (_, names) in enumerate(split)
        for name in names
        if quoting.reads_again(words, number)
    ]

    def fill(binding: Mapping[str, str]) -> str:
        for _, name in again:
            _quoted(name, binding[name], Context.CLOSED)
        return quoting.command_line([filler(binding) for filler in fillers], takes_file=takes_file)

    return fill


def unbound(text: str, keys: Iterable[str]) -> list[str]:
    """Return the names in braces in ``text`` that nothing binds: they stay text, and may be slips of the keyboard."""
    return [name for name in _UNBOUND.findall(text) if name not in set(keys)]


def bound(text: str, keys: Iterable[str]) -> list[str]:
    """Return those of ``keys`` that ``text`` names in braces."""
    return _split(text, keys)[1]


def _quoted(name: str, value: str, context: Context) -> str:
    try:
        return quoting.quoted(value, context)
    except JobFileError as error:
        raise JobFileError(f"{{{name}}}: {error}") from None


def _split(text: str, keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the pieces of ``text`` around its names (one more than names), and the names."""
    either = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    if not either:
        return [text], []
    literals, names, end = [""], [], 0
    for match in re.finditer(rf"\{{\{{(?:{either})\}}\}}|(?<!\$)\{{({either})\}}", text):
        literals[-1] += text[end : match.start()]
        end = match.end()
        if match[1] is None:
            literals[-1] += match[0][1:-1]
        else:
            names.append(match[1])
            literals.append("")
    literals[-1] += text[end:]
    return literals, names


def _joined(literals: Sequence[str], values: Sequence[str]) -> str:
    pieces = [literals[0]]
    for value, literal in zip(values, literals[1:], strict=True):
        pieces += (value, literal)
    return "".join(pieces)
