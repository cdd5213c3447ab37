"""Names kept in an order, of which there may be a million: eight bytes for each beside the name itself.

A list that stores the key of each name beside it, as `sortedcontainers` does, takes ten times as much. Here a key is
made when it is compared.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import overload

Key = tuple[int, str, str]

_PART = 1024
"""Names are kept in parts of about so many, so that to put one in moves few."""
_FEW = 8
"""With more than one new name to so many old ones, all are sorted anew, which is cheaper than finding the place of
each."""


class Names(Sequence[str]):
    """Names as they stood at one moment, for any thread.

    It is made of the parts of a `SortedNames` and not of a copy: one tuple of a million is what Python's search for
    garbage then walks through, which holds up every thread for 50 ms.
    """

    __slots__ = ("_ends", "_parts")

    def __init__(self, parts: Sequence[Sequence[str]] = ()) -> None:
        """``parts`` must never change, and none of them is empty."""
        self._parts = parts
        self._ends = tuple(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        index = range(len(self))[index]  # which knows negative ones, and raises `IndexError`
        at = bisect_right(self._ends, index)
        part = self._parts[at]
        return part[index - self._ends[at] + len(part)]


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
        self._lent: list[bool] = []
        """Of each part: whether it is in some `Names`, and so is copied before it is changed."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    @property
    def last(self) -> str:
        """The last of them; there must be one."""
        return self._parts[-1][-1]

    def frozen(self) -> Names:
        """Return them as they are now."""
        self._lent = [True] * len(self._parts)
        return Names(self._parts.copy())

    def _own(self, at: int) -> list[str]:
        """Return a part that may be changed."""
        if self._lent[at]:
            self._parts[at], self._lent[at] = self._parts[at].copy(), False
        return self._parts[at]

    def add(self, name: str) -> None:
        """Put in a name that is not in here."""
        key = self._key(name)
        if not self._parts:
            self._parts, self._bounds, self._lent = [[]], [key], [False]
        at = max(0, bisect_right(self._bounds, key) - 1)
        part = self._own(at)
        if part and self._key(part[-1]) < key:  # mostly the next one comes
            part.append(name)
        else:
            part.insert(bisect_left(part, key, key=self._key), name)
        self._bounds[at] = min(self._bounds[at], key)
        self._length += 1
        if len(part) > 2 * _PART:
            self._parts[at : at + 1] = part[:_PART], part[_PART:]
            self._bounds.insert(at + 1, self._key(part[_PART]))
            self._lent.insert(at + 1, False)

    def update(self, names: list[str], *, are_in_order: bool = False) -> None:
        """Put in names that are not in here; ``are_in_order`` among themselves, which saves time."""
        if _FEW * len(names) < self._length:
            for name in names:
                self.add(name)
            return
        ordered = names if are_in_order and not self._length else self._in_order([*self, *names])
        self._parts = [ordered[at : at + _PART] for at in range(0, len(ordered), _PART)]
        self._bounds = [self._key(part[0]) for part in self._parts]
        self._lent = [False] * len(self._parts)
        self._length = len(ordered)

    def remove(self, name: str) -> None:
        """Take out a name that is in here; `ValueError` if it is not."""
        at, place = self._find(name)
        part = self._own(at)
        del part[place]
        self._length -= 1
        if not part:
            del self._parts[at], self._bounds[at], self._lent[at]

    def _find(self, name: str) -> tuple[int, int]:
        if self._parts and self._parts[0][0] == name:  # mostly the first one goes
            return 0, 0
        key = self._key(name)
        at = bisect_right(self._bounds, key) - 1
        if at >= 0:
            part = self._parts[at]
            place = bisect_left(part, key, key=self._key)
            if place < len(part) and part[place] == name:
                return at, place
        raise ValueError(f"{name!r} is not among them")
