"""How a run came out: the records, and what makes them. Pure."""

import signal
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from fjd import retry
from fjd.child import Exit
from fjd.jobfile import Terms
from fjd.quantity import format_duration

NO_EXIT = Exit(None, None, 0)
"""Of a job that was never started."""

_ENDED_BY = frozenset(128 + number for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGINT))

Result = Literal["done", "failed", "requeued", "superseded"]


class Stopping(Enum):
    """Why a running job is stopped, and so what becomes of it; the value is the word that a user reads."""

    REQUEUE = "given back"
    KILL = retry.KILLED
    CANCEL = retry.CANCELLED
    DISCARD = "superseded"
    TIMEOUT = "timeout"


_RESULTS: dict[Stopping, Result] = {
    Stopping.REQUEUE: "requeued",
    Stopping.DISCARD: "superseded",
    Stopping.KILL: "failed",
    Stopping.CANCEL: "failed",
    Stopping.TIMEOUT: "failed",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the job goes, and what the journal says of it."""

    result: Result
    reason: str = ""
    exit: Exit = NO_EXIT

    @property
    def is_by_signal(self) -> bool:
        """Whether it has failed by a signal that ends programs, or a shell says so of what it had started."""
        return self.result == "failed" and retry.status_of(self.exit.code, self.exit.signal) in _ENDED_BY


def natural(ended: Exit, terms: Terms) -> Outcome:
    """Return the outcome of a job that ended by itself."""
    if retry.status_of(ended.code, ended.signal) in terms.success:
        return Outcome("done", "", ended)
    return Outcome("failed", ended.reason or "exit 0, which is no success for it", ended)


def forced(why: Stopping, ended: Exit | None, terms: Terms) -> Outcome:
    """Return the outcome of a job that was stopped; ``ended`` is None when it did not die in time."""
    reason = why.value
    if why is Stopping.TIMEOUT:
        reason = f"{retry.TIMED_OUT}{format_duration(terms.timeout_s or 0.0)}"
    return Outcome(_RESULTS[why], reason, ended or Exit(None, signal.SIGKILL, 0))


def is_tried_again(terms: Terms, how: Outcome, attempt: int) -> bool:
    """Tell whether that attempt, if it has failed, is not the last: a dispatcher to come will look for it."""
    if how.result != "failed":
        return False
    return retry.is_tried_again(terms, retry.status_of(how.exit.code, how.exit.signal), attempt, how.reason)
