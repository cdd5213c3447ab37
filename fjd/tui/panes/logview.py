"""Moving in a text of any size: it is followed at its end or held still.

What is held of it (`LogPage`) is a part; for the parts beside that it asks its `Reader`, which works in a thread. So
the cost of a key does not depend on the size of the text.
"""

from typing import Protocol

from fjd.logtail import Needle, Piece
from fjd.tui.motion import Motion
from fjd.tui.panes.logpage import LogPage
from fjd.tui.panes.logwindow import TOP

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


class LogView(LogPage):
    """It follows the end until somebody scrolls up, and says how many lines are new since."""

    def __init__(self, reader: Reader, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._reader = reader
        self._asked_up = self._asked_down = False

    # ---- the lines

    def replace(self, piece: Piece, size: int, *, at_top: bool = False) -> None:
        """Show these lines instead of all others: the end of them, or the beginning."""
        self._forget_questions()
        super().replace(piece, size, at_top=at_top)

    def extend(self, piece: Piece, size: int) -> None:
        """Add lines behind the last."""
        self._asked_down = False
        super().extend(piece, size)

    def prepend(self, piece: Piece) -> None:
        """Add lines before the first; what is on the screen stays where it is."""
        self._asked_up = False
        super().prepend(piece)

    def show_place(self, piece: Piece, at: int, size: int, *, above: int = 0) -> None:
        """Show these lines, with the one that begins at ``at`` so many rows below the top of the screen."""
        self._let_go()
        self.window.replace(piece, size)
        self.number = None
        self._forget_questions()
        self._anchor = self.window.moved((self.window.index(at) or 0, 0), -above, self._wrap_width)
        self._settle()

    def _forget_questions(self) -> None:
        self._asked_up = self._asked_down = False

    # ---- following

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self._set_following(True)
        self._reader.follow()
        self._changed()

    def show_end(self) -> None:
        """Go to the end, and hold still there."""
        self._let_go()
        self._anchor = self.window.last_page(self._height, self._wrap_width)
        self._settle()

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
        if motion is Motion.TOP:
            self._go_to_top()
        elif motion is Motion.BOTTOM:
            self.follow()
        elif rows := motion.rows(page, len(self.window)):
            self.scroll_rows(rows)
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

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._anchor = (self._anchor[0], 0)
        if self.is_following:
            self._changed()
        else:
            self._settle()
