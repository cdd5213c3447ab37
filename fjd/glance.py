"""What can be seen of a job in what it prints, without reading all of it: its last words, and how far it says it is.

A job reports by a line ``FJD:progress 0.4 text`` on its stdout. All of it is foreign text. The files are read anew at
each look, and only their ends: call it from a thread.
"""

import re
from dataclasses import dataclass

from fjd.logtail import LogTail

_REPORT = re.compile(r"\s*FJD:progress\s+(?P<figure>[0-9.]+)(?P<unit>%|/[0-9.]+)?(?:\s+(?P<text>.*))?", re.DOTALL)
_LAST_LINES = 40
_TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class Report:
    """How far a job says it is: ``share`` from 0 to 1, and what it says with it."""

    share: float
    text: str = ""


def last_line(path: str) -> str:
    """Return the last line of the file that says something; nothing when there is none, or no file."""
    return next((line for line in reversed(_last_lines(path)) if line.strip() and not report_of(line)), "").strip()


def last_report(path: str) -> Report | None:
    """Return how far the job that prints into the file last said it is; None when it has not said so lately."""
    return next(filter(None, map(report_of, reversed(_last_lines(path)))), None)


def report_of(line: str) -> Report | None:
    """Return what a line reports, as ``0.4``, ``40%`` or ``4/10``; None when it is no report."""
    match = _REPORT.fullmatch(line)
    if match is None:
        return None
    try:
        share = float(match["figure"])
        unit = match["unit"] or ""
        share /= 100 if unit == "%" else float(unit[1:]) if unit else 1
    except (ValueError, ZeroDivisionError):
        return None
    return Report(min(max(share, 0.0), 1.0), (match["text"] or "")[:_TEXT_MAX].strip())


def _last_lines(path: str) -> tuple[str, ...]:
    piece = LogTail(path, tail_lines=_LAST_LINES).read_new().piece
    return () if piece is None else (*piece.lines, piece.open_line)
