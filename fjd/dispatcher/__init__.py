"""The dispatcher role: ``observe`` looks, ``fjd.policy`` decides, ``act`` moves, ``loop`` repeats it."""

from fjd.dispatcher.loop import Dispatcher, Ended, Until

__all__ = ["Dispatcher", "Ended", "Until"]
