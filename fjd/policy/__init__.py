"""The decisions, and nothing but: from the picture to a list of actions. Pure: no disk, no clock.

Time is handed in, in seconds on the same monotonic clock that the ledger's times are on. Whatever is decided here may
fail when it is acted on, since somebody else may move a file at any time; then the next picture shows it.
"""

from fjd.policy.actions import Action, Bury, GiveUp, HandOut, TakeBack, TryAgain
from fjd.policy.handout import depth
from fjd.policy.plan import plan
from fjd.policy.retries import delay_s

__all__ = ["Action", "Bury", "GiveUp", "HandOut", "TakeBack", "TryAgain", "delay_s", "depth", "plan"]
