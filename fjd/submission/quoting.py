"""Values on their way into a command: each stays one piece of text, whatever is in it. Pure.

A value is data, and is never run as shell syntax. There are two kinds of template, and each has its own way:

- an *argv* (``fjd submit -- python t.py --lr {lr}``): the value is put into its word first, and the words are joined
  by `command_line`, which quotes each as ``shlex.quote`` does. Nothing of it can be taken for syntax.
- a *line of shell* (the ``executable`` of a template file, a line of ``--lines``): what is written there is the user's
  own syntax, so a value must be quoted for the very place that it is put in. `contexts` reads how the shell would see
  that place; in the open a value is quoted by ``shlex.quote``, within single and double quotes by the rules of these
  (POSIX.1-2017, "Quoting"), and in all other places (backquotes, ``${...}``, ``$((...))``, a comment, behind a
  backslash) only a value that means itself everywhere is let pass, and any other refused.

A text that is handed to another shell (``sh -c '... {x}'``, ``eval``, ``ssh``) is such a place too, since that one
reads it a second time; as an argument behind it (``sh -c '... "$1"' sh {x}``) any value will do.
"""

import re
import shlex
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from fjd.errors import JobFileError
from fjd.jobfile import takes_path

_MEANS_ITSELF = re.compile(r"[\w@%+:,./-]*")
"""Letters, digits and what no shell takes for anything, quoted or not."""

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox"})
_READS_ALL = frozenset({"eval", "ssh", "su", "watch"})
"""Programs that make one text of their arguments and give it to a shell."""
_SCRIPT_FLAG = re.compile(r"-[a-zA-Z]*c")
_SHELL_BEFORE = re.compile(
    rf"(?:^|[\s/;&|(])(?:(?:{'|'.join(sorted(_SHELLS))})\b[^;&|]*\s{_SCRIPT_FLAG.pattern}\s"
    rf"|(?:{'|'.join(sorted(_READS_ALL))})\s)"
)


class Context(Enum):
    """How the shell sees a place in a line."""

    OPEN = "in the open"
    SINGLE = "in single quotes"
    DOUBLE = "in double quotes"
    CLOSED = "where the shell cannot be told to leave a value alone"


def command_line(argv: Sequence[str], *, takes_file: bool = False) -> str:
    """Return the command line that runs ``argv``, and nothing else.

    The command of a job is given the path of its job file as last argument, unless its line ends in a ``;``
    (`fjd.jobfile.takes_path`). ``takes_file`` says that ``argv`` wants it; most do not, and ``gzip data`` must not be
    given a file of the spool to compress.
    """
    words = [shlex.quote(word) for word in argv]
    if "=" in argv[0] and words[0] == argv[0]:
        words[0] = f"'{argv[0]}'"  # a word with a = at the beginning would be an assignment
    line = " ".join(words)
    if not takes_file:
        return f"exec {line};"
    # A value that begins with a quote cannot be written into a job file; exec changes nothing else.
    return f"exec {line}" if line.startswith("'") else line


def as_it_stands(line: str) -> str:
    """Return a line of shell that is not given the path of its job file."""
    return f"{line};" if takes_path(line) else line


def reads_again(argv: Sequence[str], position: int) -> bool:
    """Tell whether the word at ``position`` of ``argv`` is a text that another shell is going to read."""
    before = [word.rpartition("/")[2] for word in argv[:position]]
    if any(word in _READS_ALL for word in before):
        return True
    is_script = bool(before) and bool(_SCRIPT_FLAG.fullmatch(before[-1]))
    return is_script and any(word in _SHELLS for word in before)


def contexts(line: str, places: Sequence[int]) -> list[Context]:
    """Return how the shell sees each of ``places``, which are positions in ``line`` in rising order."""
    found: list[Context] = []
    scanner = _Scanner(line)
    for place in places:
        context = scanner.at(place)
        found.append(Context.CLOSED if _SHELL_BEFORE.search(line[:place]) else context)
    return found


@lru_cache(maxsize=4096)
def quoted(value: str, context: Context) -> str:
    """Return ``value`` as it is to be written at a place of that kind; raise `JobFileError` where it cannot be."""
    if _MEANS_ITSELF.fullmatch(value) and (value or context is not Context.OPEN):
        return value
    if context is Context.OPEN:
        text = shlex.quote(value)
        return f"'{text}'" if text == value else text  # a = may make an assignment of it
    if context is Context.SINGLE:
        return value.replace("'", "'\\''")
    if context is Context.DOUBLE:
        return re.sub(r'([\\"$`])', r"\\\1", value)
    raise JobFileError(
        f"the value {value!r} would be read as a piece of shell there; "
        "put its name in the open, as an argument of its own, or let the job read it from its [params]"
    )


_SIMPLE_EXPANSION = re.compile(r"\$\{[\w@*#?!$-]+\}")
_OBSCURE = ("`", "${", "$((", "<<")
"""From here on a reader that is not the shell may lose count of the quotes, and so lets pass only what means itself."""


class _Scanner:
    """Walks through a line of shell and knows at each position what surrounds it."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0
        self._around: list[str] = []
        """What is open, innermost last: a quote, a parenthesis, ``#``."""
        self._is_lost = bool(re.search(r"\bcase\b", line))  # its patterns end in parentheses that nothing opened

    def at(self, place: int) -> Context:
        """Return the context at ``place``, to which it walks."""
        while self._at < place and not self._is_lost:
            self._step()
        innermost = self._around[-1] if self._around else ""
        is_dollar = self._line[place - 1 : place] == "$" and innermost != "'"
        if self._is_lost or self._at > place or innermost == "#" or is_dollar:
            return Context.CLOSED
        return {"'": Context.SINGLE, '"': Context.DOUBLE}.get(innermost, Context.OPEN)

    def _step(self) -> None:
        """Go over one character, or over several where they belong together."""
        char = self._line[self._at]
        innermost = self._around[-1] if self._around else ""
        if innermost in ("'", "#"):
            if char == {"'": "'", "#": "\n"}[innermost]:
                self._around.pop()
            self._at += 1
        elif simple := _SIMPLE_EXPANSION.match(self._line, self._at):
            self._at = simple.end()
        elif self._line.startswith(_OBSCURE, self._at) or (
            innermost != '"' and self._line.startswith(("$'", '$"'), self._at)
        ):
            self._is_lost = True
        elif innermost == '"':
            self._step_in_double(char)
        else:
            self._step_in_the_open(char, innermost)

    def _step_in_double(self, char: str) -> None:
        if char == '"':
            self._around.pop()
        is_command = self._line.startswith("$(", self._at)
        if is_command:
            self._around.append("(")
        self._at += 2 if is_command or char == "\\" else 1

    def _step_in_the_open(self, char: str, innermost: str) -> None:
        before = self._line[self._at - 1 : self._at] if self._at else ""
        if char == ")" and innermost == "(":
            self._around.pop()
        elif char in "'\"(":
            self._around.append(char)
        elif char == "#" and (not before or before in " \t\n;&|()"):
            self._around.append("#")
        self._at += 2 if char == "\\" else 1
