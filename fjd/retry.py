"""Whether a job that has failed is tried again: one answer for the dispatcher, which tries it, and for its worker.

A worker runs ``on-failure`` only when a job has failed for good, and a dispatcher puts back only what has not; both ask
here, so that they cannot differ. Pure: the reason and the exit are those in the ``end`` line of the worker's journal.
"""

from typing import Final

from fjd.jobfile import Terms

KILLED: Final = "killed"
"""The whole reason of a job that somebody ended by an order; ``killed by SIGSEGV`` is one that ended by itself."""
CANCELLED: Final = "cancelled"
"""The whole reason of a job whose worker was fired and told to cancel it."""
TIMED_OUT: Final = "timeout after "
"""With this the reason of a job begins that ran longer than its ``timeout``."""

TIMEOUT_STATUS: Final = 124
"""What a timeout counts as in ``retry-on``, whatever the job made of TERM: the status of timeout(1)."""


def status_of(code: int | None, signal: int | None) -> int | None:
    """Return the exit status as a shell gives it, 128 + N for an end by signal N; None for what was not started."""
    return code if signal is None else 128 + signal


def is_tried_again(terms: Terms, status: int | None, attempt: int, reason: str) -> bool:
    """Tell whether a job that has failed is tried again.

    ``attempt`` is the number of the run that failed, from 1 on; ``status`` is its `status_of`. What could not be
    started is not tried again (its file or a path in it is wrong), nor what somebody has killed or cancelled.
    """
    if status is None or attempt > terms.retries or reason in (KILLED, CANCELLED):
        return False
    counted = TIMEOUT_STATUS if reason.startswith(TIMED_OUT) else status
    return not terms.retry_on or counted in terms.retry_on
