"""The worker role: ``loop`` is what it does, ``life`` what goes on meanwhile (heartbeat, looks, orders, the wait).

``run`` is one job of it, ``commit`` its renames, ``orders`` what it is told, ``ahead`` what it reads before its turn.

``waiting`` and ``signals`` are how it is woken, ``insistence`` and ``complaints`` how it bears a disk that refuses.
"""

from fjd.worker.life import Leaving
from fjd.worker.loop import Worker

__all__ = ["Leaving", "Worker"]
