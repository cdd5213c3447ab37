"""What the journals tell of one job: its runs, and what became of it between them. Only their ends are read.

A journal may be a million lines long, and this is asked again and again while somebody looks: of each only the last
megabyte is read, and of many workers only the journals that were written last.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fjd.spool import fsio, journal
from fjd.spool.layout import Layout

_TAIL_BYTES = 1 << 20
_JOURNALS = 32


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt. What stands in it comes from files, and is foreign text."""

    attempt: int
    worker: str
    began_s: float
    """Wall clock, seconds since the epoch."""
    seconds: float | None = None
    """How long it took; None while it is not known to have ended."""
    outcome: str = ""
    reason: str = ""
    exit: int | None = None
    signal: int | None = None
    rss_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something else that happened to it."""

    at_s: float
    """Wall clock."""
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known, the oldest first."""

    runs: tuple[Run, ...] = ()
    notes: tuple[Note, ...] = ()


def of_job(layout: Layout, job: str) -> Story:
    """Return the story of a job."""
    paths = sorted(map(layout.journal, journal.writers(layout)), key=_changed_ns)[-_JOURNALS:]
    records = sorted((found for path in paths for found in _records(path, job)), key=lambda one: _number(one[1], "t"))
    return told(records)


def told(records: list[tuple[str, dict[str, Any]]]) -> Story:
    """Return the story in ``records``, pairs of who wrote it and what, the oldest first. Pure."""
    runs: dict[tuple[str, int], Run] = {}
    notes = []
    for writer, record in records:
        event, at_s = record["event"], _number(record, "t")
        key = writer, int(_number(record, "attempt")) or 1
        if event == "start":
            runs[key] = Run(key[1], writer, at_s)
        elif event == "end":
            run = runs.get(key) or Run(key[1], writer, at_s - _number(record, "seconds"))
            runs[key] = _ended(run, record)
        elif text := _noted(event, record):
            notes.append(Note(at_s, text))
    return Story(tuple(runs.values()), tuple(notes))


def _ended(run: Run, record: dict[str, Any]) -> Run:
    return replace(
        run,
        seconds=_number(record, "seconds"),
        outcome=str(record.get("outcome") or ""),
        reason=str(record.get("reason") or ""),
        exit=_whole(record.get("exit")),
        signal=_whole(record.get("signal")),
        rss_bytes=int(_number(record, "rss_kb")) << 10,
    )


def _noted(event: str, record: dict[str, Any]) -> str:
    """Return what a dispatcher did, in words; nothing for what does not matter here."""
    reason = str(record.get("reason") or "")
    return {
        "rejected": f"rejected: {reason}",
        "requeued": "back in the queue, since its worker left",
        "retry": f"to be tried again after attempt {record.get('attempt')}",
        "found": f"found {record.get('outcome')}: its worker ended before it could tell",
        "hook": f"{record.get('hook')} went wrong: {reason}",
    }.get(event, "")


def _records(path: str, job: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a journal says of a job, with its writer."""
    stamp = fsio.stamp(path)
    data = fsio.read_new(path, max(0, (stamp.size if stamp else 0) - _TAIL_BYTES), _TAIL_BYTES) or b""
    quoted = json.dumps(job).encode()
    writer = path.rpartition("/")[2].removesuffix(journal.SUFFIX)
    for line in data.splitlines():
        if quoted not in line:
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):  # torn, or the first of which only the end was read
            continue
        if isinstance(record, dict) and record.get("job") == job and isinstance(record.get("event"), str):
            yield writer, record


def _changed_ns(path: str) -> int:
    stamp = fsio.stamp(path)
    return stamp.mtime_ns if stamp else 0


def _number(record: dict[str, Any], key: str) -> float:
    value = record.get(key)
    return float(value) if isinstance(value, int | float) and -1e15 < value < 1e15 else 0.0


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
