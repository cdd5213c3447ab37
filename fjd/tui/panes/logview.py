"""A text of any size on Textual's line API: followed at its end or held still, wrapped or cut with a sign.

It holds a part of the text (`LogWindow`) and asks its `Reader`, which works in a thread, for the parts beside it. So
the cost of a key does not depend on the size of the text.
"""

import textwrap
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from fjd.logtail import Needle, Piece
from fjd.tui import ansi
from fjd.tui.motion import Motion
from fjd.tui.panes import logdraw
from fjd.tui.panes.logwindow import TOP, Anchor, LogWindow
from fjd.tui.tones import TONES, Tone

_SIDE_STEP = 16
_NEAR_EDGE = 400
"""When fewer lines than this are left before the first that is held, more are asked for."""


class Reader(Protocol):
    """What reads for the view, from a thread. Answers come to the view's methods of the same sense."""

    def hold(self) -> None: ...
    def follow(self) -> None: ...
    def extend_up(self, start: int) -> None: ...
    def extend_down(self, end: int) -> None: ...
    def go(self, offset: int) -> None: ...
    def find(self, needle: Needle, at: int, *, backwards: bool) -> None: ...
    def number(self, at: int) -> None: ...


class LogView(Widget, can_focus=True, inherit_bindings=False):
    """Shows raw lines, harmless. It follows the end until somebody scrolls up, and says how many are new since."""

    COMPONENT_CLASSES = {*(tone.component for tone in TONES), *logdraw.COMPONENTS}  # noqa: RUF012  # Textual's
    DEFAULT_CSS = "LogView { overflow: hidden; }"

    class Changed(Message):
        """Whether it follows, where it is, or how much is new, has changed."""

    def __init__(self, reader: Reader, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._reader = reader
        self.window = LogWindow()
        self.is_following = True
        self.is_wrapped = False
        self.new_lines = 0
        self._new_shown = 0
        self.hint = ""
        self.number: int | None = None
        """How many lines stand before the first that is held; None while nobody knows."""
        self.total_lines: int | None = None
        self._anchor: Anchor = TOP
        self._left = 0
        self._asked_up = self._asked_down = False
        self._page: list[Anchor] | None = None

    # ---- the lines

    def clear(self, hint: str = "") -> None:
        """Show nothing but a hint, and follow what comes."""
        self.hint = hint
        self.window.clear()
        self._left = 0
        self._set_following(True)
        self._changed()

    def replace(self, piece: Piece, size: int, *, at_top: bool = False) -> None:
        """Show these lines instead of all others: the end of them, or the beginning."""
        self.window.replace(piece, size)
        self._forget_questions()
        self._anchor = TOP
        self._set_following(not at_top)
        self._changed()

    def extend(self, piece: Piece, size: int) -> None:
        """Add lines behind the last."""
        self._asked_down = False
        if self.window.add_below(piece, size):
            self._trim()
        self._changed()

    def extend_new(self, piece: Piece, size: int) -> None:
        """Add lines that have just come."""
        if not self.is_following:
            self._new_shown += len(piece.lines)
            self.new_lines += len(piece.lines)
        self.extend(piece, size)

    def grow(self, size: int, new_lines: int) -> None:
        """Take note that the text is so large by now, and has so many more lines than when it was followed last."""
        self.window.size = size
        self.new_lines = self._new_shown + new_lines
        self._changed()

    def prepend(self, piece: Piece) -> None:
        """Add lines before the first; what is on the screen stays where it is."""
        self._asked_up = False
        added = self.window.add_above(piece)
        self._anchor = (self._anchor[0] + added, self._anchor[1])
        if self.number is not None:
            self.number = max(0, self.number - added)
        self._trim()
        self._changed()

    def show_place(self, piece: Piece, at: int, size: int, *, above: int = 0) -> None:
        """Show these lines, with the one that begins at ``at`` so many rows below the top of the screen."""
        self._let_go()
        self.window.replace(piece, size)
        self._forget_questions()
        self._anchor = self.window.moved((self.window.index(at) or 0, 0), -above, self._wrap_width)
        self._settle()

    @property
    def has_no_lines(self) -> bool:
        """Whether there is no line."""
        return not len(self.window)

    def _trim(self) -> None:
        gone = self.window.trim(len(self.window) if self.is_following else self._anchor[0])
        self._anchor = (max(0, self._anchor[0] - gone), self._anchor[1])
        if self.number is not None:
            self.number += gone

    def _forget_questions(self) -> None:
        self._asked_up = self._asked_down = False
        self.number = None

    # ---- following

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self._set_following(True)
        self._reader.follow()
        self._changed()

    def _set_following(self, following: bool) -> None:
        self.is_following = following
        self.new_lines = self._new_shown = 0
        if following:
            self.number = self.total_lines = None

    def _let_go(self) -> None:
        """Follow no more: what is on the screen stays."""
        if self.is_following:
            self._anchor = self.window.last_page(self._height, self._wrap_width)
            self._set_following(False)
            self._reader.hold()

    # ---- moving

    def move(self, motion: Motion) -> None:
        """Scroll as a key says; the bottom follows again."""
        page = max(1, self._height)
        steps = {
            Motion.UP: -1,
            Motion.DOWN: 1,
            Motion.HALF_UP: -max(1, page // 2),
            Motion.HALF_DOWN: max(1, page // 2),
            Motion.PAGE_UP: -page,
            Motion.PAGE_DOWN: page,
        }
        if motion is Motion.TOP:
            self._go_to_top()
        elif motion is Motion.BOTTOM:
            self.follow()
        elif motion in steps:
            self.scroll_rows(steps[motion])
        else:
            self._left = max(0, self._left + (_SIDE_STEP if motion is Motion.RIGHT else -_SIDE_STEP))
            self._changed()

    def scroll_rows(self, rows: int) -> None:
        """Move by so many rows of the screen."""
        if self.is_following and (rows >= 0 or self._is_all_seen):
            return
        self._let_go()
        self._anchor = self.window.moved(self._anchor, rows, self._wrap_width)
        self._settle(may_follow=rows > 0)

    def _settle(self, *, may_follow: bool = False) -> None:
        """Keep the page within what is held, and ask for what will be needed next."""
        last = self.window.last_page(self._height, self._wrap_width)
        if self._anchor >= last:
            self._anchor = last
            if may_follow and self.window.reaches_end:
                self.follow()
                return
        self._ask_for_more()
        self._changed()

    def _ask_for_more(self) -> None:
        if self._anchor[0] < _NEAR_EDGE and self.window.start > 0 and not self._asked_up:
            self._asked_up = True
            self._reader.extend_up(self.window.start)
        left_below = len(self.window) - self._anchor[0] - self._height
        if left_below < _NEAR_EDGE and not self.window.reaches_end and not self._asked_down:
            self._asked_down = True
            self._reader.extend_down(self.window.end)
        if self.window.start == 0:
            self.number = 0
        if (self.number is None or self.total_lines is None) and len(self.window):
            self._reader.number(self.window.start)

    @property
    def _is_all_seen(self) -> bool:
        return self.window.start == 0 and self.window.last_page(self._height, self._wrap_width) == TOP

    def _go_to_top(self) -> None:
        if self.is_following and self._is_all_seen:
            return
        self._let_go()
        if self.window.start == 0:
            self._anchor = TOP
            self._settle()
        else:
            self._reader.go(0)

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.is_wrapped = not self.is_wrapped
        self._left = 0
        self.on_resize()

    # ---- drawing

    @property
    def _height(self) -> int:
        return self.content_size.height

    @property
    def _width(self) -> int:
        """The cells of a row, without the bar at the side."""
        return max(1, self.content_size.width - 1)

    @property
    def _wrap_width(self) -> int:
        return self._width if self.is_wrapped else 0

    @property
    def first_line(self) -> int | None:
        """The number of the first line on the screen, from 1 on; None while nobody knows."""
        return None if self.number is None else self.number + self._anchor[0] + 1

    @property
    def share(self) -> float:
        """Which share of the text stands above the screen."""
        return self.window.offset(self._anchor[0]) / self.window.size if self.window.size else 0.0

    def _shown_page(self) -> list[Anchor]:
        """Return the places of the rows on the screen."""
        if self._page is None:
            if self.is_following:
                self._anchor = self.window.last_page(self._height, self._wrap_width)
            self._page = self.window.page(self._anchor, self._height, self._wrap_width)
        return self._page

    def _changed(self) -> None:
        self._page = None
        self.refresh()
        self.post_message(self.Changed())

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._anchor = (self._anchor[0], 0)
        if self.is_following:
            self._changed()
        else:
            self._settle()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        """Return the height of all that is held; Textual asks for it before it lays out."""
        return len(self.window)

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        base = self.rich_style
        width = self._width
        if self.has_no_lines:
            rows = textwrap.wrap(self.hint, max(1, width - 2))
            dim = base + self.get_component_rich_style(Tone.DIM.component, partial=True)
            return logdraw.words(f" {rows[y]}" if y < len(rows) else "", dim, base, width + 1)
        page = self._shown_page()
        strip = self._row(page[y], width) if y < len(page) else Strip.blank(width, base)
        return Strip([*strip, self._edge(y, page)], width + 1)

    def _edge(self, y: int, page: list[Anchor]) -> Segment:  # noqa: ARG002  # for who has something to show there
        """Return the last cell of a row."""
        return Segment(" ", self.rich_style)

    def _row(self, place: Anchor, width: int) -> Strip:
        index, row = place
        look = logdraw.Look.of(self)
        text, ground = self._text_of(index, look)
        if self.is_wrapped:
            return logdraw.wrapped_row(text, row, look, width, ground)
        return logdraw.cut_row(text, self._left, look, width, ground)

    def _text_of(self, index: int, look: logdraw.Look) -> tuple[Text, Style]:
        """Return a line as it is shown, and the style of its ground. The text is shared: it must not be changed."""
        return ansi.styled(self.window.line(index)), look.base
