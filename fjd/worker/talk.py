"""What a worker says on its terminal, and how the lines of short jobs are said together.

A line costs as much as a rename when the code for it comes from a cold cache, and a quarter of that right after
another. The journal, and not the terminal, tells what happened: whoever kills a worker loses some lines of this.
"""

from collections.abc import Callable

_TOGETHER = 16
"""With jobs that take a millisecond, so many lines still come before anybody could have read one."""


class Talk:
    """Calls ``say`` with one line after the other, in the order in which it was told of them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._noted: list[str] = []

    def __call__(self, line: str) -> None:
        """Say it now, after what was noted."""
        self.flush()
        self._say(line)

    def note(self, line: str) -> None:
        """Say it with some others, or when `flush` is called."""
        self._noted.append(line)
        if len(self._noted) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Say what was noted."""
        if self._noted:
            noted, self._noted = self._noted, []
            for line in noted:
                self._say(line)
