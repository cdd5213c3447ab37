"""What a user asks of a spool, besides hiring. Each is one file made or moved, and each refusal a sentence.

``submit`` puts jobs into the queue, ``moves`` takes them to and fro between its directories, ``edit`` changes one that
has not begun, ``orders`` tells workers, ``whole`` is for the spool as a whole, ``find`` names and reads jobs.
"""

from fjd.control.edit import edit, set_priority, set_value
from fjd.control.find import free_name, name_problem, read_job
from fjd.control.moves import cancel, hold, release, retry
from fjd.control.orders import kill
from fjd.control.submit import submit
from fjd.control.whole import freeze, is_paused, pause, resume, thaw
from fjd.spool.create import open_spool

__all__ = [
    "cancel",
    "edit",
    "free_name",
    "freeze",
    "hold",
    "is_paused",
    "kill",
    "name_problem",
    "open_spool",
    "pause",
    "read_job",
    "release",
    "resume",
    "retry",
    "set_priority",
    "set_value",
    "submit",
    "thaw",
]
