"""What the user's command needs to be run as it was written: a shell, and the path of its job file.

These are readings of text and no parser of the shell's language (POSIX.1-2017, "Shell Command Language"). In doubt they
answer so that nothing is run that the user did not write.
"""

import re

_PLAIN = re.compile(r"[\w@%+=:,./\- \t]*")

_BUILTINS = frozenset({
    ".", ":", "alias", "bg", "break", "cd", "command", "continue", "eval", "exec", "exit", "export", "fg", "getopts",
    "hash", "jobs", "read", "readonly", "return", "set", "shift", "times", "trap", "type", "ulimit", "umask", "unalias",
    "unset", "wait",
})  # fmt: skip
"""First words that only the shell can obey: for these there is no program, or one without effect."""


def needs_shell(command: str) -> bool:
    """Tell whether ``command`` has shell syntax, and so must run under ``/bin/sh``.

    Where it has not, ``command.split()`` is its argv. That is so for plain words of letters and digits (of any
    alphabet) and ``_@%+=:,./-`` only, where the first is neither an assignment nor one of the shell's own commands.
    """
    first = next(iter(command.split(None, 1)), "")
    return "=" in first or first in _BUILTINS or not _PLAIN.fullmatch(command)


# Patterns are compiled where they are first used: a plain command needs none of them.
_WORDS = r"""(?xs)
    (?P<comment> (?<![^\s;&|()]) \# [^\n]* ) |
    (?P<double> " (?: \\. | [^"\\] )* " )    |
    ' [^']* '                                |
    \\.
    """
_ESCAPED = r"(?s:\\.)"
_EXPANSION = r"\$\{[^}]*(?:\}|\Z)|`[^`]*`"
"""Of ``${`` that nothing closes there may be thousands, and each would be looked after to the end."""
_MENTION = r"\$(?:[1@*]|\{[1@*]|\{?FJD_JOB_FILE\b)"
_SEPARATOR = r"(?:&&|\|\||(?<![<>])[;&|]|[\n()])\s*"
_REDIRECTION = r"(?<!\d)\d*(?:>>|<>|>\||[<>]&?)\s*[^\s<>]*"
_ASSIGNMENT = r"[A-Za-z_]\w*="
_RESERVED = frozenset(
    ("}", "done", "fi", "esac", "{", "if", "then", "elif", "else", "while", "until", "for", "do", "case")
)

_COMMENT = "\0"
_WORD = "Q"


def takes_path(command: str) -> bool:
    """Tell whether ``"$@"``, which is the path of the job file, can be appended to the shell command as last argument.

    It can when the last thing in ``command`` is a simple command with a name. It cannot

    - when the command uses the path already: ``$1``, ``$@``, ``$*``, ``$FJD_JOB_FILE``, bare or in double quotes;
    - after ``;``, ``&``, ``&&``, an assignment or a redirection with no command: the job file itself would be run;
    - after ``)``, ``}``, ``done``, ``fi``, ``esac``: a word there is a syntax error;
    - in a comment, which would swallow it, and after a here-document, whose end it would spoil;
    - at the end of a pipe: that command gets its input from the pipe, and ``python job.py | tee log`` would overwrite
      the job file.

    A command that gets no argument finds the path in ``$1`` and ``$FJD_JOB_FILE``.
    """
    if re.search(_MENTION, re.sub(_WORDS, _seen_by_shell, command)):
        return False
    skeleton = _skeleton(command)
    if "<<" in skeleton or "'" in skeleton or '"' in skeleton or skeleton.rstrip()[-1:] in ("<", ">", "&", "\\"):
        return False
    ends = [(match.group().strip(), match.end()) for match in re.finditer(_SEPARATOR, skeleton)]
    separator, start = ends[-1] if ends else ("", 0)
    return separator != "|" and _is_simple_command(skeleton[start:])


def _seen_by_shell(token: re.Match[str]) -> str:
    """Return what the shell expands in ``token``: nothing in a comment, single quotes or behind a backslash."""
    return re.sub(_ESCAPED, "", token.group()) if token["double"] else _WORD


def _skeleton(command: str) -> str:
    """Return ``command`` with each quoted piece and each expansion as a mere word, and each comment as a mark."""
    text = re.sub(_WORDS, lambda token: _COMMENT if token["comment"] else _WORD, command)
    return _without_substitutions(re.sub(_EXPANSION, _WORD, text))


def _without_substitutions(text: str) -> str:
    """Return ``text`` with each ``$(...)``, however nested, cut down to its ``$``."""
    kept: list[str] = []
    depth = 0
    for char in text:
        if depth:
            depth += (char == "(") - (char == ")")
        elif char == "(" and kept[-1:] == ["$"]:
            depth = 1
        else:
            kept.append(char)
    return "".join(kept)


def _is_simple_command(text: str) -> bool:
    """Tell whether the end of a skeleton is a command with a name: no comment, no assignment, no compound's end."""
    words = re.sub(_REDIRECTION, " ", text).split()
    name = next((word for word in words if word != "!" and not re.match(_ASSIGNMENT, word)), "")
    return name != "" and name not in _RESERVED and _COMMENT not in text
