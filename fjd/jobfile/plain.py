"""The common form of a job file, read in a tenth of the time that configparser takes for it.

A dispatcher and a worker both read every job, and making a parser costs more than all it reads. So what nearly every
job file looks like is read here: sections, keys at the margin with a value on one line, comments, empty lines, all in
printable characters. What is anything else, however slightly, is not read here at all, and goes to configparser, which
says what it means or what is wrong with it. ``tests/properties/test_plain.py`` shows that the two never differ.
"""

import re

_LONG = 8_000
"""A longer text goes to configparser, with the limits on lines and blanks that keep it quick."""
_GAP = " " * 50

_LINE = re.compile(
    r"""
    (?P<key> [A-Za-z] [\w.-]* ) \ * [:=] \ * (?P<value> .* ) |
    \[ (?P<section> [\w.-]+ ) \]                             |
    [#;] .*                                                  |
    """,
    re.VERBOSE | re.ASCII,
)

Sections = dict[str, dict[str, str]]
"""By the name of the section as it is written, values by their keys in lower case."""


def read(data: bytes) -> Sections | None:
    """Return what ``data`` says; None when it says nothing, or says it in another form."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    if len(text) > _LONG or _GAP in text or not "".join(lines).isprintable():
        return None
    sections: Sections = {}
    names: set[str] = set()
    keys: dict[str, str] | None = None
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        if key := found["key"]:
            key = key.lower()
            if keys is None or key in keys:
                return None
            keys[key] = found["value"].rstrip()
        elif name := found["section"]:
            if name.lower() in names or name.lower() == "default":
                return None
            names.add(name.lower())
            keys = sections[name] = {}
    return sections or None
