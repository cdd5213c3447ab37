"""What a user asks of a spool, besides hiring. Each is one file made or moved, and each refusal a sentence.

``submit`` puts a job into the queue and ``batch`` many, ``moves`` takes them to and fro between its directories,
``edit`` changes one that has not begun, ``orders`` tells workers, ``whole`` is for the spool as a whole, ``find`` names
and reads jobs.
"""

from fjd.control.batch import Submitted, submit_many
from fjd.control.draft import Draft, draft
from fjd.control.edit import edit, set_priority, set_value
from fjd.control.find import (
    find_job,
    free_name,
    name_problem,
    read_job,
    read_template,
    taken_names,
    waiting_names,
)
from fjd.control.moves import cancel, hold, release, retry
from fjd.control.orders import kill
from fjd.control.revise import Revision, raise_priority, revert, revise, rewrite
from fjd.control.submit import submit
from fjd.control.whole import freeze, is_paused, pause, resume, resume_crew, thaw
from fjd.spool.create import open_spool

__all__ = [
    "Draft",
    "Revision",
    "Submitted",
    "cancel",
    "draft",
    "edit",
    "find_job",
    "free_name",
    "freeze",
    "hold",
    "is_paused",
    "kill",
    "name_problem",
    "open_spool",
    "pause",
    "raise_priority",
    "read_job",
    "read_template",
    "release",
    "resume",
    "resume_crew",
    "retry",
    "revert",
    "revise",
    "rewrite",
    "set_priority",
    "set_value",
    "submit",
    "submit_many",
    "taken_names",
    "thaw",
    "waiting_names",
]
