"""The mouse in the log: the wheel, and a bar at the side that shows, by bytes, which part of the text is seen."""

from rich.segment import Segment
from textual import events

from fjd.tui.panes.logview import LogView, Reader
from fjd.tui.panes.logwindow import Anchor

_WHEEL_ROWS = 3


class BarredLogView(LogView):
    """A `LogView` with a bar that can be clicked at and dragged."""

    def __init__(self, reader: Reader, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(reader, id=id)
        self._dragging = False

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_rows(-_WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_rows(_WHEEL_ROWS)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the bar at the side."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.x >= self._width and not self.has_no_lines:
            self._dragging = True
            self.capture_mouse()
            self._go_to_share(offset.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the bar."""
        if self._dragging:
            self._go_to_share(event.get_content_offset_capture(self).y)

    def on_mouse_up(self) -> None:
        """Let go of the bar."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _go_to_share(self, y: int) -> None:
        if y >= self._height - 1:
            self.follow()
            return
        self._let_go()
        self._reader.go(int(self.window.size * max(0, y) / max(1, self._height)))

    def _edge(self, y: int, page: list[Anchor]) -> Segment:
        """Return one cell of the bar; there is none where all is seen."""
        height = self._height
        above, seen, size = self._measures(page)
        if seen >= size:
            return Segment(" ", self.rich_style)
        cells = max(1, round(seen / size * height))
        top = height - cells if above + seen >= size else min(round(above / size * height), height - cells - 1)
        is_thumb = top <= y < top + cells
        style = self.get_component_rich_style("log--thumb", partial=True)
        return Segment("▐" if is_thumb else " ", self.rich_style + style)

    def _measures(self, page: list[Anchor]) -> tuple[int, int, int]:
        """Return how much is above the screen, on it, and in all: in lines where these are known, else in bytes."""
        window = self.window
        first, last = page[0][0], page[-1][0]
        if window.start == 0 and window.reaches_end:
            return first, last + 1 - first, len(window)
        if self.number is not None and self.total_lines is not None:
            return self.number + first, last + 1 - first, max(self.total_lines, self.number + last + 1)
        above, below = window.offset(first), window.size - window.offset(last + 1)
        is_end = window.reaches_end and last >= len(window) - 1
        return above, window.size - above - (0 if is_end else max(0, below)), window.size
