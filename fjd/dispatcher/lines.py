"""What is in a line of a journal, taken with care: another program may have written it."""

from fjd import retry
from fjd.snapshot import JobState, JobView
from fjd.spool.journal import Record
from fjd.spool.layout import is_file_name

LATER = 1e18
"""No number in a journal is as large: neither a time nor a duration, and least of all infinity."""

_STATES = {"done": JobState.DONE, "failed": JobState.FAILED, "rejected": JobState.FAILED}


def view_of(writer: str, record: Record, job: str) -> JobView | None:
    """Return what a line says of a run that has ended, None when it says something else."""
    outcome = record.get("outcome") if record["event"] in ("end", "found") else record["event"]
    state = _STATES.get(outcome) if isinstance(outcome, str) else None
    if state is None:
        return None
    worker = writer if record["event"] == "end" else text(record, "worker")
    seconds, reason = number(record, "seconds"), text(record, "reason")
    return JobView(job, state, worker=worker, seconds=seconds, reason=reason, exit=status(record))


def status(record: Record) -> int | None:
    """Return the exit status as a shell would tell it, None of what did not get so far."""
    return retry.status_of(whole(record, "exit"), whole(record, "signal"))


def text(record: Record, key: str) -> str:
    """Return the text at ``key``, empty when there is none."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def name(record: Record, key: str) -> str | None:
    """Return the name of a job, None where there is none: it becomes part of paths, and must not lead elsewhere."""
    value = text(record, key)
    return value if is_file_name(value) else None


def number(record: Record, key: str) -> float | None:
    """Return the number at ``key``, None when there is none that can be one."""
    value = record.get(key)
    return float(value) if isinstance(value, (int, float)) and abs(value) < LATER else None


def whole(record: Record, key: str) -> int | None:
    """Return the whole number at ``key``, None when there is none that can be one."""
    value = record.get(key)
    return value if isinstance(value, int) and 0 <= value < LATER else None
