"""What belongs to one spool for as long as it is on the screen: its backend, its desk, and whoever looks at it.

To go to another spool is to close one stay and to begin another, so that nothing of the one is left in the other.
"""

import threading
from collections.abc import Callable

from fjd.tui.backend import Backend, Stop
from fjd.tui.desk import Desk
from fjd.tui.follower import Follower, Found
from fjd.tui.herald import Herald
from fjd.tui.lookout import Lookout
from fjd.tui.taste import Taste


class Stay:
    """``tell`` is called in a thread with this stay and what its follower has found."""

    def __init__(
        self, backend: Backend, taste: Taste, *, read_only: bool, tell: "Callable[[Stay, Found], None]"
    ) -> None:
        self.backend = backend
        self.follower = Follower(lambda found: tell(self, found))
        self.lookout = Lookout(backend)
        self.desk = Desk(backend, self.follower, self.lookout, taste=taste, read_only=read_only)
        self.herald = Herald(taste)
        self.is_over = threading.Event()
        """Set to end its dispatcher."""
        self.has_ended = threading.Event()
        """Set by its dispatcher's thread, when that has let go of the spool."""

    def close(self) -> None:
        """Let all of its threads return."""
        self.is_over.set()
        self.follower.close()
        self.lookout.close()


class Either:
    """Set when one of two is set: the stay is over, or the program."""

    def __init__(self, own: threading.Event, other: Stop) -> None:
        self._own = own
        self._other = other

    def is_set(self) -> bool:
        """Tell whether one of them is."""
        return self._own.is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the first, which is set in both cases."""
        return self._own.wait(timeout) or self._other.is_set()
