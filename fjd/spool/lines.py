"""What is in a line of a journal, taken with care: another program may have written it."""

from typing import Final

from fjd import retry
from fjd.spool.journal import Record
from fjd.spool.layout import is_file_name

LATER: Final = 1e18
"""No number in a journal is as large: neither a time nor a duration, and least of all infinity."""


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
