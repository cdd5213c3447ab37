"""What a line of a journal says of a run that has ended."""

from fjd.snapshot import JobState, JobView
from fjd.spool.journal import Record
from fjd.spool.lines import name, number, status, text, whole

__all__ = ["name", "number", "state_of", "status", "text", "view_of", "whole"]

_STATES = {"done": JobState.DONE, "failed": JobState.FAILED, "rejected": JobState.FAILED, "cancelled": JobState.FAILED}


def state_of(record: Record) -> JobState | None:
    """Return the state in which a run has ended by that line, None when it says something else."""
    outcome = record.get("outcome") if record["event"] in ("end", "found") else record["event"]
    return _STATES.get(outcome) if isinstance(outcome, str) else None


def view_of(writer: str, record: Record, job: str) -> JobView | None:
    """Return what a line says of a run that has ended, None when it says something else."""
    state = state_of(record)
    if state is None:
        return None
    worker = writer if record["event"] == "end" else text(record, "worker")
    seconds, reason = number(record, "seconds"), text(record, "reason")
    return JobView(job, state, worker=worker, seconds=seconds, reason=reason, exit=status(record))
