"""Ways to hire a worker: one file each, behind the protocol in ``protocol``.

``choose`` picks the one for this host; ``named`` finds the one that an announcement names.
"""

from fjd.hiring.choice import Choice, choose, named
from fjd.hiring.protocol import Backend, session_name

__all__ = ["Backend", "Choice", "choose", "named", "session_name"]
