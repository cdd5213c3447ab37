"""Lines of a log on Textual's line API: bounded, followed or held still, wrapped or cut with a sign."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fjd.tui.motion import Motion
from fjd.tui.tones import TONES, Tone

_LINES_MAX = 20_000
_LINES_DROPPED = 5_000
_SIDE_STEP = 16


class LogView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows clean lines. It follows the end until somebody scrolls up, and says how many lines are new since."""

    COMPONENT_CLASSES = {tone.component for tone in TONES}  # noqa: RUF012  # Textual's
    DEFAULT_CSS = """
    LogView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    class Changed(Message):
        """Whether it follows, or how many lines are new, has changed."""

    class TopReached(Message):
        """The reader is at the first line that is held."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self.is_following = True
        self.is_wrapped = False
        self.new_lines = 0
        self.hint = ""
        self._lines: list[str] = []
        self._open_line = ""
        self._rows: list[str] = []
        self._open_rows: list[str] = []
        self._left = 0
        self._wrapped_at = 0

    # ---- the lines

    def clear(self, hint: str = "") -> None:
        """Show nothing but a hint, and follow what comes."""
        self.hint = hint
        self._left = self.new_lines = 0
        self.is_following = True
        self._set_lines((), "")

    def replace(self, lines: Sequence[str], open_line: str) -> None:
        """Show these lines instead of all others."""
        self._set_lines(lines, open_line)

    def extend(self, lines: Sequence[str], open_line: str) -> None:
        """Add lines at the end."""
        self._lines += lines
        self._rows += self._laid_out(lines)
        self._open_line = open_line
        self._open_rows = self._laid_out((open_line,)) if open_line else []
        if not self.is_following:
            self.new_lines += len(lines)
            self.post_message(self.Changed())
        elif len(self._lines) > _LINES_MAX:
            del self._lines[:_LINES_DROPPED]
            self._lay_out()
        self._grown()

    def prepend(self, lines: Sequence[str]) -> None:
        """Add lines before the first; what is on the screen stays where it is."""
        rows = self._laid_out(lines)
        self._lines[:0] = lines
        self._rows[:0] = rows
        top = self.scroll_offset.y
        self._grown()
        if not self.is_following:
            self.scroll_to(y=top + len(rows), animate=False, force=True)

    @property
    def has_no_lines(self) -> bool:
        """Whether there is no line."""
        return not self._lines and not self._open_line

    def _set_lines(self, lines: Sequence[str], open_line: str) -> None:
        self._lines = list(lines)
        self._open_line = open_line
        self._lay_out()
        self._grown()

    def _lay_out(self) -> None:
        self._wrapped_at = self.scrollable_content_region.width
        self._rows = self._laid_out(self._lines)
        self._open_rows = self._laid_out((self._open_line,)) if self._open_line else []

    def _laid_out(self, lines: Iterable[str]) -> list[str]:
        """Return the rows that the lines take on the screen."""
        width = self.scrollable_content_region.width
        if not self.is_wrapped or width < 2:
            return list(lines)
        rows: list[str] = []
        for line in lines:
            rows += [line] if len(line) <= width and cell_len(line) <= width else chop_cells(line, width)
        return rows

    def _grown(self) -> None:
        size = Size(1, len(self._rows) + len(self._open_rows))
        if self.virtual_size != size:
            self.virtual_size = size
        if self.is_following:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.refresh()

    # ---- moving

    def move(self, motion: Motion) -> None:
        """Scroll as a key says; the bottom follows again."""
        page = max(1, self.scrollable_content_region.height)
        steps = {
            Motion.UP: -1,
            Motion.DOWN: 1,
            Motion.HALF_UP: -max(1, page // 2),
            Motion.HALF_DOWN: max(1, page // 2),
            Motion.PAGE_UP: -page,
            Motion.PAGE_DOWN: page,
        }
        if motion is Motion.TOP:
            self._scroll_lines(-self.virtual_size.height)
        elif motion is Motion.BOTTOM:
            self.follow()
        elif motion in steps:
            self._scroll_lines(steps[motion])
        else:
            self._left = max(0, self._left + (_SIDE_STEP if motion is Motion.RIGHT else -_SIDE_STEP))
            self.refresh()

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self.is_following = True
        self.new_lines = 0
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.post_message(self.Changed())

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.is_wrapped = not self.is_wrapped
        self._left = 0
        self._lay_out()
        self._grown()

    def _scroll_lines(self, lines: int) -> None:
        if self.scroll_offset.y == 0 and lines < 0:
            self.post_message(self.TopReached())
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stop following when somebody scrolls up by whatever means; go on when they come back to the end."""
        super().watch_scroll_y(old_value, new_value)
        at_end = round(new_value) >= self.max_scroll_y
        if at_end != self.is_following:
            self.is_following = at_end
            self.new_lines = 0
            self.post_message(self.Changed())
        if round(new_value) == 0 and old_value > 0 and not at_end:
            self.post_message(self.TopReached())

    def on_resize(self) -> None:
        """Lay the lines out anew where they wrap, and stay at the end."""
        following = self.is_following
        if self.is_wrapped and self._wrapped_at != self.scrollable_content_region.width:
            self._lay_out()
        self.is_following = following
        self._grown()

    # ---- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        base = self.rich_style
        width = self.scrollable_content_region.width
        dim = base + self.get_component_rich_style(Tone.DIM.component, partial=True)
        index = y + self.scroll_offset.y
        if self.has_no_lines:
            rows = textwrap.wrap(self.hint, max(1, width - 2))
            text = f" {rows[y]}" if y < len(rows) else ""
            return Strip([Segment(text, dim)]).adjust_cell_length(width, base)
        if index >= len(self._rows) + len(self._open_rows):
            return Strip.blank(width, base)
        row = self._rows[index] if index < len(self._rows) else self._open_rows[index - len(self._rows)]
        strip = Strip([Segment(row, base)])
        if self._left:
            strip = strip.crop(self._left, max(self._left, strip.cell_length))
        if strip.cell_length > width:
            return Strip([*strip.crop(0, width - 1), Segment("›", dim)], width)
        return strip.adjust_cell_length(width, base)
