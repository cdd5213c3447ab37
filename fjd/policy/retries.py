"""Failed runs that are tried again: whether was told to the ledger (`fjd.retry`), and here is said when."""

import zlib
from collections.abc import Iterator

from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.policy.actions import TryAgain

LONGEST_S = 7 * 86_400.0
"""No doubling makes a retry wait longer than a week."""
_DOUBLINGS_MAX = 64


def tried_again(ledger: Ledger) -> Iterator[TryAgain]:
    """Yield the jobs that stand in ``failed/`` and are to wait again."""
    for job, failed in ledger.retrying.items():
        yield TryAgain(job, delay_s(failed.terms, job, failed.view.attempt))


def delay_s(terms: Terms, job: str, attempt: int) -> float:
    """Return how long ``job`` waits after its failed run number ``attempt``: each time twice as long as the last time.

    Up to a quarter is added, so that jobs which failed together do not all come again at one moment. It follows from
    name and attempt, and is the same wherever it is asked for.
    """
    doubled_s = terms.retry_delay_s * 2.0 ** min(attempt - 1, _DOUBLINGS_MAX)
    doubled_s = min(doubled_s, max(LONGEST_S, terms.retry_delay_s))
    share = zlib.crc32(f"{job}\0{attempt}".encode("utf-8", "surrogateescape")) / (1 << 32)
    return doubled_s * (1 + share / 4)
