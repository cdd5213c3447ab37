"""The one thread that reads for the log pane. It is told what to follow, and tells what it found."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from fjd.errors import FjdError
from fjd.logtail import Change, LogTail
from fjd.tui.backend import Stop
from fjd.tui.sources import NO_SOURCE, Source, clean_line

_POLL_S = 0.15
_RELOAD_TURNS = 8
"""A text that is no file to follow is read again each so many polls."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is new of a source. All lines are clean."""

    source: Source
    change: Change
    lines: tuple[str, ...] = ()
    open_line: str = ""
    above_bytes: int = 0
    why: str = ""
    earlier: bool = False
    """The lines stand before all others."""


class Follower:
    """Follows one source at a time. `watch` and `want_earlier` may be called from any thread, `run` is the thread."""

    def __init__(self, tell: Callable[[Found], object]) -> None:
        self._tell = tell
        self._wake = threading.Event()
        self._source = NO_SOURCE
        self._wants_earlier = False
        self._closed = False
        self._tail: LogTail | None = None
        self._told: str | None = None
        self._turn = 0

    def watch(self, source: Source) -> None:
        """Follow ``source`` from now on."""
        self._source = source
        self._wants_earlier = False
        self._wake.set()

    def want_earlier(self) -> None:
        """Read more of what stands before the lines that were told."""
        self._wants_earlier = True
        self._wake.set()

    def close(self) -> None:
        """Let `run` return at once."""
        self._closed = True
        self._wake.set()

    def run(self, stop: Stop) -> None:
        """Follow until closed."""
        current = NO_SOURCE
        while not (self._closed or stop.is_set()):
            source = self._source
            if source.identity != current.identity:
                self._begin(source)
            current = source
            self._look(source)
            idle = source.load is None and not source.path
            self._wake.wait(None if idle and not self._closed else _POLL_S)
            self._wake.clear()

    def _begin(self, source: Source) -> None:
        self._tail = LogTail(source.path) if source.path else None
        self._told = None
        self._turn = 0

    def _look(self, source: Source) -> None:
        if self._tail is not None:
            self._follow(source, self._tail)
        elif source.load is not None and self._turn % _RELOAD_TURNS == 0:
            self._reload(source, source.load)
        self._turn += 1

    def _follow(self, source: Source, tail: LogTail) -> None:
        if self._wants_earlier:
            self._wants_earlier = False
            lines = tail.read_earlier()
            self._say(source, Change.MORE, lines, above_bytes=tail.above_bytes, earlier=True)
        news = tail.read_new()
        is_first = self._turn == 0
        if news.change is Change.SAME or (news.change is Change.ABSENT and not is_first and self._told == "absent"):
            return
        self._told = "absent" if news.change is Change.ABSENT else None
        self._say(source, news.change, news.lines, news.open_line, news.above_bytes, news.why)

    def _reload(self, source: Source, load: Callable[[], str]) -> None:
        try:
            text, change, why = load(), Change.ANEW, ""
        except FjdError as error:
            text, change, why = "", Change.UNREADABLE, str(error)
        if (text or why) != self._told:
            self._told = text or why
            self._say(source, change, tuple(text.splitlines()), why=why)

    def _say(
        self,
        source: Source,
        change: Change,
        lines: tuple[str, ...] = (),
        open_line: str = "",
        above_bytes: int = 0,
        why: str = "",
        *,
        earlier: bool = False,
    ) -> None:
        clean = tuple(map(clean_line, lines))
        self._tell(Found(source, change, clean, clean_line(open_line), above_bytes, why, earlier))
