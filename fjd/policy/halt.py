"""When it is enough: the rule ``halt``, and what is done then."""

from collections.abc import Iterator

from fjd import why
from fjd.ledger import Counted, Halt, Ledger
from fjd.policy.actions import Kill, Recall

_LEAST = 3
"""A share counts from so many on: of a few jobs, one is a large share."""


def reached(ledger: Ledger) -> str:
    """Return why nothing more is to be handed out, if so. What ended before we came is not counted."""
    halt = ledger.rules.halt
    if halt is None:
        return ""
    count = _count(ledger, halt)
    if halt.share:
        known = ledger.ended_here + ledger.counts.unfinished
        is_enough = count >= _LEAST and count >= halt.share * known
    else:
        is_enough = count >= halt.count
    return why.halted(halt.text, count, _WORDS[halt.counted]) if is_enough else ""


_WORDS = {Counted.FAIL: "failed", Counted.SUCCESS: "done", Counted.DONE: "ended"}


def _count(ledger: Ledger, halt: Halt) -> int:
    if halt.counted is Counted.FAIL:
        return ledger.failed_here
    return ledger.ended_here - (ledger.failed_here if halt.counted is Counted.SUCCESS else 0)


def brought_to_a_halt(ledger: Ledger) -> Iterator[Recall | Kill]:
    """Yield what to do with the jobs that are with workers: what is not begun comes back, what runs may be killed."""
    is_now = ledger.rules.halt is not None and ledger.rules.halt.is_now
    for active in ledger.active.values():
        if not active.is_running:
            yield Recall(active.name, active.worker)
        elif is_now and not active.is_ending:
            yield Kill(active.name, active.worker)
