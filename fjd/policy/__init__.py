"""The decisions, and nothing but: from the picture to a list of actions. Pure: no disk, no clock.

Time is handed in, in seconds on the same monotonic clock that the ledger's times are on. Whatever is decided here may
fail when it is acted on, since somebody else may move a file at any time; then the next picture shows it.
"""

from fjd.policy.actions import Action, Bury, GiveUp, HandOut, Kill, PassOver, Recall, TakeBack, TryAgain
from fjd.policy.fit import Offer, length_s, misfit, offer
from fjd.policy.halt import reached
from fjd.policy.handout import depth
from fjd.policy.plan import plan
from fjd.policy.retries import delay_s
from fjd.policy.room import is_overloaded

__all__ = [
    "Action", "Bury", "GiveUp", "HandOut", "Kill", "Offer", "PassOver", "Recall", "TakeBack", "TryAgain", "delay_s",
    "depth", "is_overloaded", "length_s", "misfit", "offer", "plan", "reached",
]  # fmt: skip
