"""What can be taken back: the last things done, each with how to undo it. Pure."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_KEPT = 50

Step = tuple[str, Callable[[], object]]
"""The name of a job, and what puts it back; it raises `FjdError` where that cannot be."""


@dataclass(frozen=True, slots=True)
class Undo:
    """One thing that was done."""

    what: str
    """As it is said of it: ``cancelling 3 jobs``."""
    steps: Sequence[Step]


class Undos:
    """The last things done, the latest last."""

    def __init__(self) -> None:
        self._done: deque[Undo] = deque(maxlen=_KEPT)

    def add(self, what: str, steps: Sequence[Step]) -> None:
        """Remember what was done, if anything was."""
        if steps:
            self._done.append(Undo(what, steps))

    @property
    def last(self) -> Undo | None:
        """What would be taken back."""
        return self._done[-1] if self._done else None

    def take(self) -> Undo | None:
        """Return the last thing done, which is then forgotten."""
        return self._done.pop() if self._done else None
