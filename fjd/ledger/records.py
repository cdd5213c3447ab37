"""What the ledger keeps of each job and of each worker: records that it alone changes."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from fjd.jobfile import NO_TERMS, Terms
from fjd.snapshot import JobView, WorkerState
from fjd.spool.announce import Announcement
from fjd.spool.fsio import Stamp


class Readiness(Enum):
    """What is known of a waiting job."""

    UNREAD = "not read yet"
    WRITTEN = "being written"
    REFUSED = "the disk refuses it for now"
    READY = "ready"


class Demand(NamedTuple):
    """What a worker must have for a job: jobs that demand the same are alike to whoever hands them out."""

    tags: frozenset[str] = frozenset()
    cpus: int = 0
    memory_bytes: int = 0
    timeout_s: float | None = None

    @property
    def is_of_host(self) -> bool:
        """Whether it asks for a share of what the host has."""
        return bool(self.cpus or self.memory_bytes)


NO_DEMAND: Final = Demand()


def demand_of(terms: Terms) -> Demand:
    """Return what a job on these terms demands."""
    return Demand(terms.tags, terms.cpus, terms.memory_bytes, terms.timeout_s)


@dataclass(slots=True)
class Waiting:
    """A job in ``jobqueue/``."""

    name: str
    key: tuple[int, str, str]
    """By which it is sorted; one object for all that sort it, since there may be a million."""
    readiness: Readiness = Readiness.UNREAD
    stamp: Stamp | None = None
    command: str = ""
    logfile: str = ""
    terms: Terms = NO_TERMS
    demand: Demand = NO_DEMAND
    is_ready: bool = False
    """Whether it may be handed out: it was read, and nothing holds it."""

    @property
    def is_brief(self) -> bool:
        """Whether it was read and only its terms were kept."""
        return self.readiness is Readiness.READY and self.stamp is None


@dataclass(slots=True)
class Active:
    """A job in a pod, or running."""

    name: str
    worker: str
    since_s: float
    is_running: bool = False
    command: str = ""
    logfile: str = ""
    attempt: int = 1
    missing_since_s: float | None = None
    terms: Terms | None = None
    """None where its file could not be read."""
    is_ending: bool = False
    """Its worker was told to kill it."""
    is_passed_by: bool = False
    """Its worker goes on with others, since the disk refuses its file."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """A job of which a run has failed, and that is to be moved from ``failed/`` back into the queue."""

    view: JobView
    """As it would be shown had it failed for good."""
    terms: Terms


@dataclass(slots=True)
class Crew:
    """A worker as the dispatcher knows it."""

    announcement: Announcement
    is_local: bool
    since_s: float
    """When its present state began."""
    tags: frozenset[str] = frozenset()
    came_s: float = 0.0
    """When it was first seen, on our clock: from then on its time limit is counted."""
    beat_ns: int = 0
    beat_seen_s: float = 0.0
    """When its heartbeat was last seen to change, on our clock (rule 5); time in which nobody looked is not counted."""
    looked_s: float = 0.0
    """When its heartbeat was last looked at."""
    is_dead: bool = False
    """Its process was asked for, on this host, and is gone."""
    is_draining: bool = False
    pod: set[str] = field(default_factory=set)
    running: str = ""

    lost_why: str = ""
    """Why it was given up, when it was."""

    @property
    def load(self) -> int:
        """How many jobs it holds, the running one included."""
        return len(self.pod) + bool(self.running)

    @property
    def host(self) -> tuple[str, str]:
        """Which host it lives on: others that say the same share its processors and its memory."""
        return self.announcement.host, self.announcement.boot_id

    @property
    def state(self) -> WorkerState:
        if self.is_dead:
            return WorkerState.LOST
        if self.is_draining:
            return WorkerState.DRAINING
        return WorkerState.BUSY if self.running else WorkerState.IDLE
