"""What can be decided: each action names a job or a worker, and whoever acts on it may find that another was first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandOut:
    """Move a waiting job into a worker's pod; ``attempt`` counts from 1."""

    job: str
    worker: str
    attempt: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Move a job that was handed out and not begun from one pod to another."""

    job: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Bury:
    """Give back what a lost worker holds, and remove it."""

    worker: str
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Fail a waiting job without running it."""

    job: str
    why: str


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Move a job whose run has failed back into the queue, where it waits for ``delay_s``."""

    job: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class PassOver:
    """Note that a waiting job's turn has come and that no host has room for it, or begin to count anew."""

    job: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Move a job that was handed out and not begun back into the queue."""

    job: str
    worker: str


@dataclass(frozen=True, slots=True)
class Kill:
    """Tell a worker to kill what it runs."""

    job: str
    worker: str


Action = HandOut | TakeBack | Bury | GiveUp | TryAgain | PassOver | Recall | Kill
