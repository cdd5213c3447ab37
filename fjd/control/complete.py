"""What a path that is being typed may be going to be: a look into one directory."""

import os
import shlex

from fjd import display
from fjd.errors import DiskError
from fjd.order import natural_key
from fjd.spool import fsio


def path(typed: str, base: str) -> str:
    """Return ``typed`` with the rest of the first name that begins so; empty where there is none.

    A relative path begins in ``base``; a directory gets its slash. Names that cannot be written into a job file as they
    are, or do not show as they are, are passed over.
    """
    directory, begun = os.path.split(typed)
    if not begun:
        return ""
    place = os.path.join(base, os.path.expanduser(directory))
    try:
        names = fsio.names(os.path.join(place, "")) or []  # with a slash at its end it may be a link
        fitting = [name for name in names if name.startswith(begun) and _is_plain(name)]
        if not fitting:
            return ""
        name = min(fitting, key=natural_key)
        slash = "/" if fsio.dir_stamp(os.path.join(place, name, ".")) is not None else ""
    except DiskError:
        return ""
    found = f"{typed[: len(typed) - len(begun)]}{name}{slash}"
    return found if found != typed else ""


def last_word(typed: str, base: str) -> str:
    """Return ``typed`` with its last word completed as a path; no word that a shell would take for more than a word."""
    word = typed.rpartition(" ")[2]
    if not word or shlex.quote(word) != word:
        return ""
    found = path(word, base)
    return typed[: len(typed) - len(word)] + found if found and shlex.quote(found) == found else ""


def _is_plain(name: str) -> bool:
    return display.clean(name) == name and name.isprintable() and "#" not in name and name.strip() == name
