"""What the screen sees of jobs and workers besides the snapshot: last words, progress, what jobs use, room on disk.

These are values only; `fjd.tui.lookout` is the thread that gets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fjd.progress import Progress
from fjd.usage import Room, Use


@dataclass(frozen=True, slots=True)
class ToCome:
    """Workers that a scheduler has yet to start."""

    count: int
    reason: str = ""
    """Why, in the scheduler's words, where it says so; foreign text."""


@dataclass(frozen=True, slots=True)
class Sights:
    """What was seen last."""

    said: Mapping[str, str] = field(default_factory=dict)
    """The last line that a failed job printed, by its name; foreign text."""
    progress: Mapping[str, Progress] = field(default_factory=dict)
    """What running jobs report, by name; the text is foreign."""
    use: Mapping[str, Use] = field(default_factory=dict)
    """What the jobs of this host's workers use, by worker."""
    pending: Mapping[str, ToCome] = field(default_factory=dict)
    """Whom each scheduler has yet to start, by its kind."""
    room: Room | None = None
    """The room on the spool's disk, where it is known."""
