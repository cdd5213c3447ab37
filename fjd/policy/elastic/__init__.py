"""How large the crew should be, and why: from what waits to who is hired and who is fired. Pure: no disk, no clock.

``rules`` is what a user wants of it, ``sight`` what the ledger shows, ``setback`` what hiring that failed leads to, and
`decide` is the whole of the decision. Whoever acts on it counts the workers anew each time, by their files.
"""

from fjd.policy.elastic.decide import CallOff, Decision, Fire, Hire, Keeps, Remark, decide
from fjd.policy.elastic.rules import RATE_WINDOW_S, Place, Rules, Way
from fjd.policy.elastic.setback import NO_SETBACK, Setback, failed
from fjd.policy.elastic.sight import BY, Coming, Kind, Member, Queue, Sight, Sights, Staff, place_of

__all__ = [
    "BY", "NO_SETBACK", "RATE_WINDOW_S", "CallOff", "Coming", "Decision", "Fire", "Hire", "Keeps", "Kind", "Member",
    "Place", "Queue", "Remark", "Rules", "Setback", "Sight", "Sights", "Staff", "Way", "decide", "failed", "place_of",
]  # fmt: skip
