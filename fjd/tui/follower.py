"""The one thread that reads for the log pane. It is told what to follow and to find, and tells what it found."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fjd import logtail
from fjd.logtail import Change, LoadedText, LogTail, Needle, NewlineIndex, News, Piece, Search
from fjd.tui import ansi
from fjd.tui.backend import Stop
from fjd.tui.sources import NO_SOURCE, Source

_POLL_S = 0.15
_RELOAD_TURNS = 8
"""A text that is no file to follow is read again each so many polls."""
_CONTEXT_LINES = 300
"""So many lines are read before the place that somebody jumps to."""
_SLICE_S = 0.05
"""For so long it searches or counts before it looks at what it is told next."""
_COUNT_BYTES = 1 << 23
_TELL_S = 0.2
"""How often it says how far a search has come."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found of a source."""

    source: Source


@dataclass(frozen=True, slots=True)
class Fresh(Found):
    """What has happened to it since the last look."""

    news: News


@dataclass(frozen=True, slots=True)
class Extended(Found):
    """The lines before or behind those that were told."""

    piece: Piece
    size: int


@dataclass(frozen=True, slots=True)
class Place(Found):
    """The lines around a place, whose line begins at ``at``."""

    piece: Piece
    at: int
    size: int
    is_hit: bool = False
    """Whether a search came here."""
    has_turned: bool = False
    """Whether it came around the end of the file."""


@dataclass(frozen=True, slots=True)
class Missed(Found):
    """The text that was looked for is nowhere."""

    needle: Needle


@dataclass(frozen=True, slots=True)
class Searching(Found):
    """A search has come so far, from 0 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class Numbered(Found):
    """The line that begins at ``at`` is preceded by ``number`` others, of ``total`` in all if that is known by now."""

    at: int
    number: int
    total: int | None


class Follower:
    """Follows one source at a time. All but `run`, which is the thread, may be called from any thread."""

    def __init__(self, tell: Callable[[Found], object]) -> None:
        self._tell = tell
        self._wake = threading.Event()
        self._source = self._current = NO_SOURCE
        self._asked: deque[Callable[[], None]] = deque()
        self._closed = False
        self._begin(NO_SOURCE)

    # ---- what it is told

    def watch(self, source: Source) -> None:
        """Follow ``source`` from now on."""
        self._source = source
        self._asked.clear()
        self._wake.set()

    def hold(self) -> None:
        """Read no more of the end, but count what comes there."""
        self._ask(self._hold)

    def follow(self) -> None:
        """Go to the end, and follow it."""
        self._ask(self._follow)

    def extend_up(self, start: int) -> None:
        """Read the lines before the one that begins at ``start``."""
        self._ask(partial(self._extend, start, logtail.before))

    def extend_down(self, end: int) -> None:
        """Read the lines from ``end`` on."""
        self._ask(partial(self._extend, end, logtail.after))

    def go(self, offset: int) -> None:
        """Read around a place."""
        self._ask(partial(self._go, offset))

    def find(self, needle: Needle, at: int, *, backwards: bool) -> None:
        """Look for a text from ``at`` on; a search that goes on ends."""
        self._ask(partial(self._find, needle, at, backwards))

    def number(self, at: int) -> None:
        """Tell which line it is that begins at ``at``, as soon as that is known."""
        self._ask(partial(self._number, at))

    def close(self) -> None:
        """Let `run` return at once."""
        self._closed = True
        self._wake.set()

    def _ask(self, what: Callable[[], None]) -> None:
        self._asked.append(what)
        self._wake.set()

    # ---- the thread

    def run(self, stop: Stop) -> None:
        """Follow until closed."""
        while not (self._closed or stop.is_set()):
            source = self._source
            if source.identity != self._current.identity:
                self._begin(source)
            elif isinstance(self._text, LoadedText) and source.load is not None:
                self._text.load = source.load  # of the job as it is by now
            self._current = source
            self._look()
            while self._asked and source is self._source:
                self._asked.popleft()()
            is_busy = self._work()
            if not is_busy and not self._asked:
                idle = self._text is None
                self._wake.wait(None if idle and not self._closed else _POLL_S)
            self._wake.clear()

    def _begin(self, source: Source) -> None:
        self._current = source
        self._text: LogTail | LoadedText | None = None
        if source.path:
            self._text = LogTail(source.path)
        elif source.load is not None:
            self._text = LoadedText(source.load)
        self._search: Search | None = None
        self._told_s = 0.0
        self._told: object = None
        self._told_number: tuple[int | None, ...] = ()
        self._next_look_s = 0.0
        self._number_of: int | None = None
        self._index, self._generation = NewlineIndex(), 0

    def _look(self) -> None:
        now_s = time.monotonic()
        if self._text is None or now_s < self._next_look_s:
            return
        turns = 1 if self._current.path else _RELOAD_TURNS
        self._next_look_s = now_s + _POLL_S * turns * 0.9
        self._say_news(self._text.read_new())

    def _say_news(self, news: News) -> None:
        """Say what is new; that there is nothing, and why, is said once."""
        state = (news.change, news.why) if news.change in (Change.ABSENT, Change.UNREADABLE) else None
        if news.change is Change.SAME or (state is not None and state == self._told):
            return
        self._told = state
        self._tell(Fresh(self._current, news))

    # ---- what it was asked for

    def _hold(self) -> None:
        if self._text is not None:
            self._text.is_held = True

    def _follow(self) -> None:
        if self._text is not None:
            self._search = self._number_of = None
            self._say_news(self._text.read_end())

    def _extend(self, offset: int, read_lines: Callable[[logtail.Read, int], Piece]) -> None:
        if self._text is None:
            return
        with self._text.opened() as opened:
            if opened is not None:
                self._tell(Extended(self._current, read_lines(opened.read, offset), opened.size))

    def _go(self, offset: int) -> None:
        if self._text is None:
            return
        with self._text.opened() as opened:
            if opened is not None:
                self._place(opened, logtail.line_start(opened.read, min(offset, opened.size)))

    def _place(self, opened: logtail.Opened, at: int, *, is_hit: bool = False, has_turned: bool = False) -> None:
        above = logtail.before(opened.read, at, _CONTEXT_LINES)
        below = logtail.after(opened.read, at)
        self._tell(Place(self._current, above.joined(below), at, opened.size, is_hit, has_turned))

    def _find(self, needle: Needle, at: int, backwards: bool) -> None:
        if self._text is None:
            return
        with self._text.opened() as opened:
            size = opened.size if opened is not None else 0
        self._search = Search(needle, size, at, backwards=backwards)

    def _number(self, at: int) -> None:
        self._number_of = at

    # ---- what takes long

    def _work(self) -> bool:
        """Do a slice of it; return whether there is more."""
        if self._text is None:
            return False
        if self._search is not None:
            with self._text.opened() as opened:
                self._search = self._searched(self._search, opened)
            return self._search is not None
        if self._text.is_held and self._number_of is not None:
            with self._text.opened() as opened:
                return opened is not None and self._count(opened, self._number_of)
        return False

    def _searched(self, search: Search, opened: logtail.Opened | None) -> Search | None:
        end_s = time.monotonic() + _SLICE_S
        while opened is not None and not search.is_over:
            found = search.step(opened.read)
            if found is not None:
                at = logtail.line_start(opened.read, found)
                line = logtail.after(opened.read, at, 1).lines
                if line and search.needle.spans(ansi.plain(line[0])):  # in a sequence that is not shown it is none
                    self._place(opened, at, is_hit=True, has_turned=search.has_turned)
                    return None
            if time.monotonic() > end_s:
                self._say_how_far(search)
                return search
        self._tell(Missed(self._current, search.needle))
        return None

    def _say_how_far(self, search: Search) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s > _TELL_S:
            self._told_s = now_s
            self._tell(Searching(self._current, search.share))

    def _count(self, opened: logtail.Opened, at: int) -> bool:
        if self._text is not None and self._generation != self._text.generation:
            self._index, self._generation = NewlineIndex(), self._text.generation
        is_more = self._index.advance(opened.read, opened.size, _COUNT_BYTES)
        told = (at, opened.size if not is_more else None, self._index.known_bytes > at)
        if told != self._told_number:
            self._told_number = told
            number = self._index.number(opened.read, at)
            total = None if is_more else self._index.number(opened.read, opened.size)
            if number is not None:
                self._tell(Numbered(self._current, at, number, total))
        return is_more
