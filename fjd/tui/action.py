"""What an action is: one thing that a user can do, with its keys, its words, and where and whether it can be done."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

Deed = Callable[["Desk"], Coroutine[None, None, None] | None]


class Where(Enum):
    """A pane; the value is its name."""

    JOBS = "jobs"
    WORKERS = "workers"
    LOG = "log"


class Topic(Enum):
    """A chapter of the help."""

    CREW = "Workers"
    JOBS = "Jobs"
    LOOK = "Looking"
    LOG = "Reading the log"
    MOVE = "Moving"
    PROGRAM = "Program"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do."""

    id: str
    keys: tuple[str, ...]
    label: str
    """One or two words for the footer; empty when it does not stand there."""
    sentence: str
    topic: Topic
    run: Deed
    where: frozenset[Where] = frozenset(Where)
    """The panes in which the keys mean this."""
    why_not: Callable[["Desk"], str] = lambda _desk: ""
    """Returns why it cannot be done now, in words; nothing when it can."""

    @property
    def key(self) -> str:
        """The first key as people write it; nothing when its user took it away."""
        return shown_key(self.keys[0]) if self.keys else ""

    @property
    def all_keys(self) -> str:
        """All keys as people write them."""
        return " ".join(map(shown_key, self.keys))


_SHOWN = {"space": "space", "enter": "enter", "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→"}


def shown_key(key: str) -> str:
    """Return a key as people write it."""
    return _SHOWN.get(key, key)


IN_JOBS = frozenset({Where.JOBS})
IN_WORKERS = frozenset({Where.WORKERS})
IN_LOG = frozenset({Where.LOG})
IN_TABLES = frozenset({Where.JOBS, Where.WORKERS})
