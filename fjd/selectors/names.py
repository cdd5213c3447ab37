"""Names: whole ones, globs, parts, and letters in their order. Pure."""

import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache

from fjd import display
from fjd.selectors.selector import Test
from fjd.snapshot import JobView


def is_glob(text: str) -> bool:
    """Tell whether ``text`` has what makes a pattern of it."""
    return any(char in text for char in "*?[")


def any_name(texts: list[str]) -> Test:
    """Return the test for whole names; what has the signs of a glob is a name as well, since files may be named so."""
    exact = frozenset(texts)
    globs = [glob(text) for text in texts if is_glob(text)]
    return lambda job, _: job.name in exact or any(glob(job.name) for glob in globs)


@lru_cache(maxsize=64)
def glob(pattern: str) -> Callable[[str], object]:
    """Return what matches a text with this pattern, upper and lower case apart."""
    return re.compile(translate(pattern)).match


def part(wanted: str, text_of: Callable[[JobView], str]) -> Test:
    """Return the test for a part of a text, in whatever case, as the text is or as it is shown."""
    folded = wanted.casefold()
    return lambda job, _: _holds(text_of(job), folded)


def _holds(text: str, folded: str) -> bool:
    """Tell whether ``text`` has it, as it is or as it is shown."""
    return folded in text.casefold() or (not text.isprintable() and folded in display.clean(text).casefold())


def fuzzy(wanted: str) -> Test:
    """Return the test for these letters of a name in this order, with others between."""
    folded = wanted.casefold()

    def test(job: JobView, _now_s: float) -> bool:
        letters = iter(job.name.casefold())
        return all(letter in letters for letter in folded)

    return test
