"""Names kept in an order, of which there may be a million: eight bytes for each beside the name itself.

A list that stores the key of each name beside it, as `sortedcontainers` does, takes ten times as much. Here a key is
made when it is compared.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

Key = tuple[int, str, str]

_PART = 1024
"""Names are kept in parts of about so many, so that to put one in moves few."""
_FEW = 8
"""With more than one new name to so many old ones, all are sorted anew, which is cheaper than finding the place of
each."""


class SortedNames:
    """Names in the order of ``key``, which must stay the same for a name while it is in here.

    ``in_order`` sorts many at once; without it that is done by ``key``.
    """

    def __init__(self, key: Callable[[str], Key], in_order: Callable[[Iterable[str]], list[str]] | None = None) -> None:
        self._key = key
        self._in_order = in_order or (lambda names: sorted(names, key=key))
        self._parts: list[list[str]] = []
        self._bounds: list[Key] = []
        """Of each part: nothing in it comes before this, and nothing of the part before comes after."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    @property
    def last(self) -> str:
        """The last of them; there must be one."""
        return self._parts[-1][-1]

    def add(self, name: str) -> None:
        """Put in a name that is not in here."""
        key = self._key(name)
        if not self._parts:
            self._parts, self._bounds = [[]], [key]
        at = max(0, bisect_right(self._bounds, key) - 1)
        part = self._parts[at]
        if part and self._key(part[-1]) < key:  # mostly the next one comes
            part.append(name)
        else:
            part.insert(bisect_left(part, key, key=self._key), name)
        self._bounds[at] = min(self._bounds[at], key)
        self._length += 1
        if len(part) > 2 * _PART:
            self._parts[at : at + 1] = part[:_PART], part[_PART:]
            self._bounds.insert(at + 1, self._key(part[_PART]))

    def update(self, names: list[str], *, are_in_order: bool = False) -> None:
        """Put in names that are not in here; ``are_in_order`` among themselves, which saves time."""
        if _FEW * len(names) < self._length:
            for name in names:
                self.add(name)
            return
        ordered = names if are_in_order and not self._length else self._in_order([*self, *names])
        self._parts = [ordered[at : at + _PART] for at in range(0, len(ordered), _PART)]
        self._bounds = [self._key(part[0]) for part in self._parts]
        self._length = len(ordered)

    def remove(self, name: str) -> None:
        """Take out a name that is in here; `ValueError` if it is not."""
        at, place = self._find(name)
        part = self._parts[at]
        del part[place]
        self._length -= 1
        if not part:
            del self._parts[at], self._bounds[at]

    def _find(self, name: str) -> tuple[int, int]:
        key = self._key(name)
        at = bisect_right(self._bounds, key) - 1
        if at >= 0:
            part = self._parts[at]
            place = 0 if part[0] == name else bisect_left(part, key, key=self._key)  # mostly the first one goes
            if place < len(part) and part[place] == name:
                return at, place
        raise ValueError(f"{name!r} is not among them")
