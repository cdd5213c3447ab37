"""What is marked in a log: the text that is looked for, the line that was found, the lines that are to be copied."""

from rich.style import Style
from rich.text import Text

from fjd.logtail import Needle, Piece
from fjd.tui.panes import logdraw
from fjd.tui.panes.logbar import BarredLogView
from fjd.tui.panes.logview import Reader


class MarkedLogView(BarredLogView):
    """A log in which one searches and picks lines. Places are kept by bytes: lines come and go above them."""

    def __init__(self, reader: Reader, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(reader, id=id)
        self.needle: Needle | None = None
        self.hit: int | None = None
        """Where the line begins that was found last."""
        self.picked: tuple[int, int] | None = None
        """Where the first and the last line begin that are picked; the second moves."""

    def clear(self, hint: str = "") -> None:
        """Show nothing but a hint."""
        self.hit = self.picked = None
        super().clear(hint)

    def replace(self, piece: Piece, size: int, *, at_top: bool = False) -> None:
        """Show these lines instead of all others."""
        self.picked = None
        super().replace(piece, size, at_top=at_top)

    def scroll_rows(self, rows: int) -> None:
        """Move by so many rows; while lines are picked, pick so many more."""
        if self.picked is None:
            super().scroll_rows(rows)
        else:
            self._move_pick(rows, self.picked)

    def step_back(self) -> bool:
        """Undo the picking, or the marks of what was looked for; return whether there was one of them."""
        if self.picked is not None:
            self.drop_pick()
        elif self.needle is not None:
            self.seek(None)
        else:
            return False
        return True

    # ---- searching

    def seek(self, needle: Needle | None) -> None:
        """Mark this text from now on."""
        self.needle = needle
        self.hit = None
        self._changed()

    def find(self, *, backwards: bool) -> None:
        """Look for the next line with it, from the last find on if that is still on the screen."""
        if self.needle is None:
            return
        page = self._shown_page()
        offsets = [self.window.offset(index) for index, _ in page]
        if self.hit in offsets:
            index = page[offsets.index(self.hit)][0]
            at = self.window.offset(index) if backwards else self.window.offset(index + 1)
        elif self.is_following or not offsets:
            at = self.window.size if backwards else 0
        else:
            at = offsets[-1] if backwards else offsets[0]
        self._reader.find(self.needle, at, backwards=backwards)

    def show_hit(self, piece: Piece, at: int, size: int) -> None:
        """Show these lines, with the one that was found a third down, and what was found in it in sight."""
        self.hit = at
        self.show_place(piece, at, size, above=self._height // 3)
        index = self.window.index(at)
        if index is not None and self.needle is not None and not self.is_wrapped:
            self._left = logdraw.left_for(self.window.line(index), self.needle, self._left, self._width)

    # ---- picking lines

    def pick(self) -> None:
        """Begin to pick lines at the one that was found, or at the last on the screen; again, begin anew here."""
        page = self._shown_page()
        if not page:
            return
        if self.picked is not None:
            self.picked = (self.picked[1], self.picked[1])
        else:
            self._let_go()
            offsets = [self.window.offset(index) for index, _ in page]
            at = self.hit if self.hit is not None and self.hit in offsets else offsets[-1]
            self.picked = (at, at)
        self._changed()

    def drop_pick(self) -> None:
        """Pick nothing."""
        self.picked = None
        self._changed()

    def _move_pick(self, rows: int, picked: tuple[int, int]) -> None:
        index = (self.window.index(picked[1]) or 0) + rows
        index = min(max(index, 0), len(self.window) - 1)
        self.picked = (picked[0], self.window.offset(index))
        page = self._shown_page()
        if page and index < page[0][0]:
            self._anchor = (index, 0)
        elif page and index > page[-1][0]:
            self._anchor = self.window.moved((index, 0), 1 - self._height, self._wrap_width)
        self._settle()

    def chosen_lines(self) -> list[str]:
        """Return the raw lines that are picked; when none is, those on the screen."""
        if self.picked is not None:
            ends = [self.window.index(offset) for offset in sorted(self.picked)]
            if ends[0] is not None and ends[1] is not None:
                return [self.window.line(index) for index in range(ends[0], ends[1] + 1)]
        return [self.window.line(index) for index in dict.fromkeys(index for index, _ in self._shown_page())]

    # ---- drawing

    def _text_of(self, index: int, look: logdraw.Look) -> tuple[Text, Style]:
        offset = self.window.offset(index)
        is_picked = self.picked is not None and min(self.picked) <= offset <= max(self.picked)
        text, ground = super()._text_of(index, look)
        text = logdraw.marked(text, self.needle, look, is_hit=offset == self.hit)
        return text, ground + look.picked if is_picked else ground
