"""The worker role: ``loop`` is its life, ``run`` one job of it, ``commit`` its renames, ``orders`` what it is told.

``waiting`` and ``signals`` are how it is woken, ``insistence`` and ``complaints`` how it bears a disk that refuses.
"""

from fjd.worker.loop import Leaving, Worker

__all__ = ["Leaving", "Worker"]
