"""What can be written into a job file so that both parsers read the same; the one home of each of these rules.

They were found by writing arbitrary text and reading it back with both parsers (``tests/unit/test_jobfile.py``), which
also shows that they are complete: what passes them can be written.
"""

import re
from typing import Final

from fjd.jobfile.spec import MAX_BLANKS, OPTIONS
from fjd.jobfile.terms import option_problem

Field = str
"""A key of ``[control]``, or ``param-key``, ``param-value``, ``env-key``, ``env-value``."""

_Rules = tuple[tuple[re.Pattern[str], str], ...]

_TEXT: Final[_Rules] = (
    (re.compile("[\ud800-\udfff]"), "holds a character that is not valid in UTF-8"),
    (re.compile("\0"), "holds a NUL character"),
    # The characters at which str.splitlines splits, and therefore ConfigObj; configparser knows the first two.
    (re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"), "goes over more than one line"),
    (re.compile(r"\A\s|\s\Z"), "begins or ends with a blank, which the parsers drop"),
    (re.compile(rf"\s{{{MAX_BLANKS + 1}}}"), f"holds more than {MAX_BLANKS} blanks in a row"),
)

_VALUE: Final[_Rules] = (
    *_TEXT,
    (re.compile("#"), "holds a #, from which on ConfigObj takes it for a comment"),
    (re.compile(r"\A(?:\"\"\"|''')"), "begins with three quotes, which ConfigObj takes for the begin of a longer text"),
    (
        re.compile(r"""\A"(?!.*"\Z)|\A'(?!.*'\Z)"""),
        "begins with a quote that ends too early for ConfigObj (a word before it helps: exec 'my tool' x)",
    ),
)

_KEY: Final[_Rules] = (
    *_TEXT,
    (re.compile("[=:]"), "holds a = or a :, at which the parsers end it"),
    (re.compile(r"\A\["), "begins with a [, which begins a section"),
    (re.compile(r"\A[#;]"), "begins with a # or a ;, which begins a comment"),
    (re.compile(r"""\A["']"""), "begins with a quote, which ConfigObj drops"),
)

_ENV_KEY: Final[_Rules] = ((re.compile(r"\A(?![A-Za-z_][A-Za-z0-9_]*\Z)"), "is no name of a variable"),)

_NEEDED: Final[dict[Field, str]] = {
    "executable": "say what to run",
    "param-key": "give it a name",
    "env-key": "give it a name",
}

_RULES: Final[dict[Field, tuple[_Rules, str]]] = {
    "executable": (_VALUE, "put the command in a script and name that"),
    "logfile": (_VALUE, "choose another path"),
    "workdir": (_VALUE, "choose another path"),
    "param-key": (_KEY, "choose another key"),
    "param-value": (_VALUE, "choose another value, or keep it in a file of its own"),
    "env-key": (_ENV_KEY, "letters, digits and _ only, and no digit first"),
    "env-value": (_VALUE, "choose another value, or set it in the command"),
    **dict.fromkeys(OPTIONS, (_VALUE, "choose another value, or keep it in a file of its own")),
}


def problem(field: Field, value: str) -> str:
    """Return why ``value`` cannot be written into ``field`` and how to mend it, or ``""`` when it can.

    The words have no subject, to stand beside a form field: ``is empty; say what to run``.
    They never quote the value. Whether two keys are the same, and the size of the file, only `render` can tell.
    """
    if field in _NEEDED and not value.strip():
        return f"is empty; {_NEEDED[field]}"
    rules, mend = _RULES[field]
    reason = next((words for pattern, words in rules if pattern.search(value)), "")
    if reason:
        return f"{reason}; {mend}"
    return option_problem(field, value) if field in OPTIONS else ""
