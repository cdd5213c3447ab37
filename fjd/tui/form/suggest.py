"""Paths that are suggested while they are typed, without ever keeping anybody waiting.

The directory that is looked into may be on a server that does not answer. So each look has a thread of its own, which
nobody waits for longer than a moment, and there is never more than one: while it hangs, nothing is suggested.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from textual.suggester import Suggester

_PATIENCE_S = 1.0


class PathSuggester(Suggester):
    """``find`` returns the whole of what is begun, or nothing; it is called in a thread."""

    def __init__(self, find: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._find = find
        self._thread: threading.Thread | None = None
        self._turn = asyncio.Lock()
        self._newest = ""

    async def get_suggestion(self, value: str) -> str | None:
        """Return what ``value`` may be going to be; None when that is not known, or something else was typed since."""
        self._newest = value
        async with self._turn:
            if value != self._newest or (self._thread is not None and self._thread.is_alive()):
                return None
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[str] = loop.create_future()
            self._thread = threading.Thread(target=self._look, args=(value, loop, answer), daemon=True, name="paths")
            self._thread.start()
            with contextlib.suppress(asyncio.TimeoutError):
                return await asyncio.wait_for(answer, _PATIENCE_S) or None
            return None

    def _look(self, value: str, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[str]") -> None:
        found = self._find(value)
        with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
            loop.call_soon_threadsafe(_give, answer, found)


def _give(answer: "asyncio.Future[str]", found: str) -> None:
    if not answer.done():  # else nobody waits for it any more
        answer.set_result(found)
