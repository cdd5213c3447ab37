"""The nearest known name to one that is not known, for messages that say how to mend a slip of the keyboard."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the name among ``known`` that ``word`` was most likely meant to be; empty when none is near."""
    import difflib  # only for this: whoever makes no slip does not load it

    by_folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean theme?"`` to put behind a message, or nothing."""
    name = nearest(word, known)
    return f"; did you mean {name}?" if name else ""
