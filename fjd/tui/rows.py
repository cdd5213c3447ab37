"""What a table asks of its rows, however many there are."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fjd.tui.columns import Column
from fjd.tui.tones import Tone


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell; ``text`` is clean."""

    text: str
    tone: Tone = Tone.PLAIN


class Rows(Protocol):
    """The rows of a table at one moment. All but `find` must cost the same however many there are."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> Hashable:
        """Return what stays the same of a row while it moves."""

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """Return the cells of a row, one for each of the columns."""

    def find(self, key: Hashable, near: int) -> int | None:
        """Return where the row with ``key`` is, looking first around the index ``near``."""


class NoRows:
    """The rows of an empty table."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> Hashable:
        raise IndexError(index)

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:  # noqa: ARG002  # the protocol's
        raise IndexError(index)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # the protocol's
        return None
