"""What a user wants of an elastic crew: how large it may be, where it is hired, and how carefully."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

RATE_WINDOW_S: Final = 60.0
"""The rate is counted over the last minute."""


class Way(Enum):
    """How workers are hired at a place."""

    LOCAL = "on this machine"
    SSH = "over ssh"
    CLUSTER = "by a scheduler"


@dataclass(frozen=True, slots=True)
class Place:
    """Where workers can be hired: this machine, a host, a scheduler."""

    name: str
    """As a user calls it: ``local``, ``nova``, ``slurm``."""
    way: Way = Way.LOCAL
    tags: frozenset[str] = frozenset()
    cpus: int | None = None
    """How many processors of its host a worker there may use; None where that shows only when one has come."""
    memory_bytes: int | None = None
    """How much memory its host has; None where that shows only when one has come."""
    time_limit_s: float = 0.0
    """A worker there is ended after so long; 0 for never."""
    most: int | None = None
    """So many can be there; None for any number."""
    is_one_each_cpu: bool = False
    """As many can be there as it has processors; until that shows, one."""
    step: int = 1
    """So many come together, as with several in a scheduler's job."""
    start_s: float = 2.0
    """How long a worker there takes to come, until that was seen."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All of it."""

    least: int
    most: int
    """The size of the crew, whoever hired it."""
    places: tuple[Place, ...]
    """The first is asked first."""
    idle_timeout_s: float = 300.0
    """Who was hired by these rules and has been idle for so long is fired."""
    rate: int = 30
    """No more are hired within a minute."""
    failures: int = 3
    """After so many failures in a row, nobody is hired at a place for a while."""
    pause_s: float = 300.0
    """How long that is the first time; then twice as long, up to an hour."""
    is_dry: bool = False
    """Say what would be done, and do nothing."""

    @property
    def size(self) -> str:
        """As a user writes it."""
        return f"{self.least}..{self.most}"

    @property
    def where(self) -> str:
        """The places by name."""
        return ", ".join(place.name for place in self.places)

    def place(self, name: str) -> Place | None:
        """Return the place of that name."""
        return next((place for place in self.places if place.name == name), None)
