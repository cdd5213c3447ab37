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


Action = HandOut | TakeBack | Bury | GiveUp | TryAgain
