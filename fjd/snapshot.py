"""What the fronts see: immutable records of one moment, made by the ledger.

Nothing here knows the disk or a screen. A front keeps the newest `Snapshot` it was given and draws from it; `version`
grows by one with every change, so that a front can tell at once that there is nothing new to draw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import overload


class JobState(Enum):
    """Where a job is; the value is the word that a user reads."""

    WAITING = "waiting"
    HELD = "held"
    HANDED = "handed out"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class WorkerState(Enum):
    """What a worker is doing; the value is the word that a user reads."""

    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"
    LOST = "lost"


class Mode(Enum):
    """What this dispatcher does with the spool; the value is the word that a user reads."""

    STARTING = "starting"
    DISPATCHING = "dispatching"
    PAUSED = "paused"
    HALTED = "halted"
    WATCHING = "watching"
    TROUBLED = "in trouble"
    STOPPED = "stopped"


class EventKind(Enum):
    """What happened."""

    HANDED_OUT = "handed out"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    RETRIED = "tried again"
    REQUEUED = "requeued"
    SUPERSEDED = "superseded"
    NOT_A_JOB = "not a job"
    WORKER_CAME = "worker came"
    WORKER_LEFT = "worker left"
    WORKER_LOST = "worker lost"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. Times named ``since_s`` are on the monotonic clock of this process."""

    name: str
    state: JobState
    command: str = ""
    """The ``executable`` line, empty while the file has not been read."""
    logfile: str = ""
    """The absolute path of the job's own logfile, empty when it has none or is not known."""
    worker: str = ""
    since_s: float | None = None
    """When the job entered this state (monotonic)."""
    seconds: float | None = None
    """How long its last run took."""
    reason: str = ""
    """Why it failed (``exit 1``, ``no [control] section``), or why it waits (``being written``)."""
    attempt: int = 1
    """Of one that waits: the next one."""
    exit: int | None = None
    """The exit status of its last run, 128 + N for an end by signal N; None when it is not known."""
    priority: int = 0
    tags: frozenset[str] = frozenset()
    """Of the workers that may have it."""
    due_s: float | None = None
    """When it may start at the earliest (monotonic); None where no time holds it."""

    def ended(self, since_s: float, command: str, logfile: str, attempt: int) -> "JobView":
        """Return one that has ended so, with what was known of the job; `replace` takes four times as long for it."""
        how = (self.seconds, self.reason, attempt, self.exit)
        return JobView(self.name, self.state, command, logfile, self.worker, since_s, *how)


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker."""

    id: str
    host: str
    state: WorkerState
    kind: str
    """How it was hired: ``screen``, ``process`` or ``hand``."""
    session: str = ""
    """What its hiring backend calls it: ``PID.name`` of the screen session, or a pid."""
    pid: int = 0
    cwd: str = ""
    log: str = ""
    """The path of its terminal's log, empty when there is none."""
    job: str = ""
    """What it runs, empty when it runs nothing."""
    since_s: float = 0.0
    """When it entered this state or began this job (monotonic)."""
    handed: int = 0
    """How many more jobs lie in its pod."""
    local: bool = True
    """Whether it lives on this host."""
    seen_s: float | None = None
    """When a sign of life of it was last seen (monotonic)."""
    reason: str = ""
    """Why it was given up, when it was lost."""

    @property
    def short(self) -> str:
        """The id without its random tail, for people: ``nova-3``."""
        return self.id.rpartition("-")[0] or self.id


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs are in each state."""

    waiting: int = 0
    handed: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    held: int = 0
    """These are kept out of the queue, and are no part of the sums below."""

    @property
    def total(self) -> int:
        return self.waiting + self.handed + self.running + self.done + self.failed

    @property
    def unfinished(self) -> int:
        return self.waiting + self.handed + self.running


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``text`` is a sentence; it may hold foreign text and must be cleaned for display."""

    seq: int
    time_s: float
    """Wall clock, seconds since the epoch."""
    kind: EventKind
    text: str
    job: str = ""
    worker: str = ""


class WaitingJobs(Sequence[JobView]):
    """The waiting jobs in their order, each made into a `JobView` only when it is looked at.

    A queue may hold a million; a screen shows forty.
    """

    __slots__ = ("_names", "_view", "is_natural")

    def __init__(
        self, names: Sequence[str] = (), view: Callable[[str], JobView] | None = None, *, is_natural: bool = True
    ) -> None:
        self.is_natural = is_natural
        """Whether the names are in their natural order, since no job has a priority."""
        self._names = names
        self._view = view or (lambda name: JobView(name, JobState.WAITING))

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> JobView: ...
    @overload
    def __getitem__(self, index: slice) -> list[JobView]: ...
    def __getitem__(self, index: int | slice) -> JobView | list[JobView]:
        if isinstance(index, slice):
            return [self._view(name) for name in self._names[index]]
        return self._view(self._names[index])

    def view_of(self, name: str) -> JobView:
        """Return the view of the job of that name, one without a command where none waits."""
        return self._view(name)

    @property
    def names(self) -> Sequence[str]:
        """The names alone, for a filter that need not build the views."""
        return self._names


@dataclass(frozen=True, slots=True)
class CrewView:
    """An elastic crew: how large it is to be, and what it is about."""

    size: str
    """``0..64``."""
    where: str
    coming: int = 0
    """Who was asked for and has not come."""
    paused: str = ""
    """Why nobody is hired for a while, after failures; foreign text may be in it."""
    until: float = 0.0
    """Until when, wall clock."""
    is_dry: bool = False
    says: tuple[str, ...] = ()
    """What was decided last, and what keeps from it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a front draws, at one moment."""

    version: int = 0
    spool: str = ""
    """The spool's absolute path."""
    mode: Mode = Mode.STARTING
    holder: str = ""
    """Who dispatches when this process does not: ``nova:4121``."""
    trouble: str = ""
    """What the disk refuses at the moment, empty when all is well."""
    halted: str = ""
    """Why nothing more is handed out, empty when that is not so."""
    counts: Counts = field(default_factory=Counts)
    active: tuple[JobView, ...] = ()
    """Running jobs, then handed-out ones, oldest first."""
    waiting: WaitingJobs = field(default_factory=WaitingJobs)
    held: WaitingJobs = field(default_factory=WaitingJobs)
    """What its owner keeps out of the queue."""
    failed: tuple[JobView, ...] = ()
    """The newest first, at most the ledger's bound."""
    done: tuple[JobView, ...] = ()
    """The newest first, at most the ledger's bound."""
    workers: tuple[WorkerView, ...] = ()
    crew: CrewView | None = None
    """The elastic crew, where there is one and it is ours to see to."""
    lost: tuple[WorkerView, ...] = ()
    """Workers that were lost in the last minutes and are no more, the latest last; ``since_s`` is when."""
    rate_per_s: float = 0.0
    """Jobs ended a second, over the last ten seconds."""
    rate_history: tuple[float, ...] = ()
    """Jobs ended in each of the last seconds, oldest first, at most 60."""
    eta_s: float | None = None
    """Seconds until the queue is empty at this rate; None when that cannot be said."""
    eta_range_s: tuple[float, float] | None = None
    """The shortest and the longest time that it may take from now, as far as that can be told."""
    events: tuple[Event, ...] = ()
    """The latest events, oldest first, at most 500."""

    @property
    def is_moving(self) -> bool:
        """Whether times run on in it: somebody works, or is there to work, or has worked within the last minute."""
        return bool(self.active or self.workers or any(self.rate_history))
