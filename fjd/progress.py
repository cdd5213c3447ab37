"""How far a running job is, as it tells itself: in the file that ``FJD_STATUS`` names, or in a line of its output.

A worker does not read what its job prints. Whoever shows the progress reads a few kilobytes, when it is to be shown.
What is found was written by a job and is foreign text: it is checked, and cleaned for a terminal.
"""

import re
from dataclasses import dataclass
from typing import Final

from fjd import display
from fjd.errors import DiskError
from fjd.spool import fsio
from fjd.spool.layout import Layout

MARK: Final = "FJD:progress"
TEXT_MAX: Final = 200
_TAIL_BYTES = 4096
_SAID = re.compile(
    r"(?:FJD:progress[ \t]+)?(?P<share>[0-9]{0,9}\.[0-9]{1,30}|[0-9]{1,9}\.?)(?P<percent>%?)(?:[ \t]+(?P<text>.*))?"
)
_LINE_END = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Progress:
    """What a job has said last."""

    share: float
    """From 0 to 1."""
    text: str = ""
    """One line, clean for a terminal, `TEXT_MAX` characters at most."""

    def __str__(self) -> str:
        return f"{100 * self.share:.0f}%" + (f" {self.text}" if self.text else "")


def of_job(layout: Layout, worker: str, job: str) -> Progress | None:
    """Return how far ``job`` is that ``worker`` runs, None when it does not say. The file goes before the output."""
    return in_status(_tail(layout.status(worker, job))) or in_output(_tail(layout.output(job)))


def in_status(data: bytes) -> Progress | None:
    """Return what the last line of a status file that says something says: ``0.4 text``."""
    return next((found for line in _lines(data) if (found := _understood(line))), None)


def in_output(data: bytes) -> Progress | None:
    """Return what the last line of an output that reports progress says: ``FJD:progress 0.4 text``.

    A line that is written half is passed over, and the one before it counts.
    """
    whole = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
    lines = (line for line in _lines(whole) if line.startswith(MARK))
    return next((found for line in lines if (found := _understood(line))), None)


def _tail(path: str) -> bytes:
    """Return the end of the file, nothing when it is gone, no plain file, or cannot be read at the moment."""
    try:
        stamp = fsio.stamp(path)
        return (fsio.read_new(path, max(0, stamp.size - _TAIL_BYTES), _TAIL_BYTES) or b"") if stamp else b""
    except DiskError:
        return b""


def _lines(data: bytes) -> list[str]:
    """Return the lines, the last first; a progress bar ends its lines by a carriage return."""
    return [line.strip() for line in reversed(_LINE_END.split(data.decode("utf-8", "replace")))]


def _understood(line: str) -> Progress | None:
    match = _SAID.fullmatch(line)
    if match is None:
        return None
    share = float(match["share"]) / (100 if match["percent"] else 1)
    return Progress(share, display.clean(match["text"] or "", max_len=TEXT_MAX)) if 0 <= share <= 1 else None
