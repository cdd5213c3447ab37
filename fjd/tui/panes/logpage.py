"""A page of a text, drawn on Textual's line API: the end of what is held, or a place in it, wrapped or cut with a sign.

It holds a part of the text (`LogWindow`) and knows nothing of who reads it, nor of what keys do.
"""

import textwrap

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from fjd.logtail import Piece
from fjd.tui import ansi
from fjd.tui.grounded import Grounded
from fjd.tui.panes import logdraw
from fjd.tui.panes.logwindow import TOP, Anchor, LogWindow
from fjd.tui.tones import TONES, Tone


class LogPage(Grounded, can_focus=True, inherit_bindings=False):
    """Shows the last lines that it holds, or those from a place on; the lines are raw, and shown harmless."""

    COMPONENT_CLASSES = {*(tone.component for tone in TONES), *logdraw.COMPONENTS}  # noqa: RUF012  # Textual's
    DEFAULT_CSS = "LogPage { overflow: hidden; }"

    class Changed(Message):
        """Whether it follows, where it is, or how much is new, has changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
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
        self.number = None
        self._anchor = TOP
        self._set_following(not at_top)
        self._changed()

    def extend(self, piece: Piece, size: int) -> None:
        """Add lines behind the last."""
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
        added = self.window.add_above(piece)
        self._anchor = (self._anchor[0] + added, self._anchor[1])
        if self.number is not None:
            self.number = max(0, self.number - added)
        self._trim()
        self._changed()

    @property
    def has_no_lines(self) -> bool:
        """Whether there is no line."""
        return not len(self.window)

    def _trim(self) -> None:
        gone = self.window.trim(len(self.window) if self.is_following else self._anchor[0])
        self._anchor = (max(0, self._anchor[0] - gone), self._anchor[1])
        if self.number is not None:
            self.number += gone

    def _set_following(self, following: bool) -> None:
        self.is_following = following
        self.new_lines = self._new_shown = 0
        if following:
            self.number = self.total_lines = None

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
