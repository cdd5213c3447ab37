"""What somebody may have meant who wrote a word that is not known. Pure."""

from collections.abc import Iterable


def hint(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` with the nearest of ``known``, nothing when none is near."""
    import difflib  # wanted only where something is wrong

    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]}?" if near else ""
