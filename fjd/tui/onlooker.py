"""A backend that lets nobody change anything, whatever the screen asks of it.

The keys of a screen that is for reading only are refused by the registry, with a word for its user. This is the second
bolt on the same door: a way past the registry, by a click or in a dialog, still ends here.
"""

from typing import cast

from fjd.errors import UsageError
from fjd.tui.backend import Backend
from fjd.tui.registry import READ_ONLY

LOOKS = frozenset(
    {
        "root", "habits", "snapshot", "run", "places", "pending", "spools", "peek", "templates", "complete",
        "find_job", "free_name", "read_job", "story",
        "last_line", "progress", "use", "room", "output_path", "logfile_path", "workerlog_path",
    }
)  # fmt: skip
"""What changes nothing. Whatever is new in `Backend` is refused until it stands here."""


class _Onlooker:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> object:
        if name not in LOOKS:
            raise UsageError(READ_ONLY)
        return getattr(self._backend, name)


def only_looking(backend: Backend) -> Backend:
    """Return ``backend`` without all that changes something."""
    return cast("Backend", _Onlooker(backend))
