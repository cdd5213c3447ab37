"""The worker role: ``loop`` is its life, ``run`` one job of it, ``signals`` how it is woken."""

from fjd.worker.loop import Leaving, Worker

__all__ = ["Leaving", "Worker"]
