"""The last words of a job: what a person wants to know first of one that failed, without opening its output.

They are foreign text. The file is opened at each look, and only its end is read: call it from a thread.
"""

from fjd.logtail import LogTail
from fjd.progress import MARK

_LAST_LINES = 40


def last_line(path: str) -> str:
    """Return the last line of the file that says something; nothing when there is none, or no file."""
    piece = LogTail(path, tail_lines=_LAST_LINES).read_new().piece
    lines = () if piece is None else (*piece.lines, piece.open_line)
    said = (line.strip() for line in reversed(lines))
    return next((line for line in said if line and not line.startswith(MARK)), "")
