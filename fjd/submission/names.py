"""Names for many jobs: numbered, or made from their values; each can be a file's name, and none comes twice. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from fjd.spool import layout
from fjd.submission import stencil

NUMBER: Final = "n"
"""``{n}`` in a name stands for the number of the job, counted from 1."""

STEM: Final = "job"
"""What the names of jobs begin with whose submitter chose none."""

_UNWANTED = re.compile(r"[^\w.=,+@%-]+")
_EDGE = re.compile(r"^[.-]+|(?:~|\.tmp|\.swp|\.part)$")


def tidy(text: str) -> str:
    """Return ``text`` as a piece of a name that is comfortable in a shell: what is not becomes ``_``."""
    return _UNWANTED.sub("_", text)


class Namer:
    """Gives each job its name.

    ``pattern`` may have names in braces, ``run-{lr}``; without one of them the job's number is put behind it, unless it
    ``is_single``. Values are made tidy; what the submitter wrote beside them stays. A name that is taken, by ``taken``
    or by an earlier job of these, gets a number behind it (``run-0.1-2``), and a plain numbering begins behind the
    highest number that is taken.
    """

    def __init__(
        self, pattern: str, keys: Collection[str], taken: Collection[str] = (), *, is_single: bool = False
    ) -> None:
        self._taken = taken if isinstance(taken, set | frozenset) else frozenset(taken)
        self._given: set[str] = set()
        self._next: dict[str, int] = {}
        self._offset = 0
        keys = {*keys, NUMBER}
        pattern = pattern or STEM
        if not stencil.bound(pattern, keys) and not (is_single and pattern != STEM):
            pattern += ("-" if pattern[-1].isdigit() else "") + "{" + NUMBER + "}"
            self._offset = _highest(pattern, self._taken)
        self._fill = stencil.plain(pattern, keys)

    def name(self, binding: Mapping[str, str], number: int) -> str:
        """Return the name of the job that is the ``number``-th, counted from 1."""
        values = {NUMBER: str(number + self._offset), **{key: tidy(value) for key, value in binding.items()}}
        name = self._unique(layout.fit(_edged(self._fill(values)) or "_"))
        self._given.add(name)
        return name

    def _unique(self, name: str) -> str:
        candidate = name
        while candidate in self._given or candidate in self._taken:
            number = self._next[name] = self._next.get(name, 1) + 1
            candidate = layout.numbered(name, number)
        return candidate


def _edged(name: str) -> str:
    """Return ``name`` without what would keep a file of that name from being a job."""
    return _EDGE.sub(lambda match: "_" * len(match[0]), name)


def _highest(pattern: str, taken: Collection[str]) -> int:
    """Return the highest number that a taken name has in the place of ``{n}``."""
    before, _, after = pattern.partition("{" + NUMBER + "}")
    numbers = re.compile(re.escape(before) + r"(\d{1,15})" + re.escape(after))
    found = (numbers.fullmatch(name) for name in taken)
    return max((int(match[1]) for match in found if match), default=0)
