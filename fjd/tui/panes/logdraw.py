"""How a row of the log is drawn: its own colours, the marks of what is looked for, the signs where it is cut."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from fjd.logtail import Needle
from fjd.tui import ansi
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from textual.widget import Widget

COMPONENTS = ("log--match", "log--hit", "log--picked", "log--thumb")


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of a view, and what renders with them."""

    console: Console
    base: Style
    dim: Style
    match: Style
    hit: Style
    picked: Style

    @classmethod
    def of(cls, view: "Widget") -> "Look":
        """Return those of this view."""
        dim, match, hit, picked = (
            view.get_component_rich_style(name, partial=True)
            for name in (Tone.DIM.component, "log--match", "log--hit", "log--picked")
        )
        return cls(view.app.console, view.rich_style, view.rich_style + dim, match, hit, picked)


def marked(text: Text, needle: Needle | None, look: Look, *, is_hit: bool) -> Text:
    """Return the text of a line with marks at what is looked for."""
    spans = needle.spans(text.plain) if needle is not None else []
    if not spans:
        return text
    text = text.copy()
    for start, end in spans:
        text.stylize(look.hit if is_hit else look.match, start, end)
    return text


def cut_row(text: Text, left: int, look: Look, width: int, ground: Style) -> Strip:
    """Return what of a line is seen from the cell ``left`` on; what is cut off at the right has a sign."""
    strip = _strip(text, look, ground)
    if left:
        strip = strip.crop(left, max(left, strip.cell_length))
    if strip.cell_length > width:
        return Strip([*strip.crop(0, width - 1), Segment("›", look.dim)], width)
    return strip.adjust_cell_length(width, ground)


def wrapped_row(text: Text, row: int, look: Look, width: int, ground: Style) -> Strip:
    """Return one of the rows of a line that wraps."""
    strip = _strip(text, look, ground)
    if strip.cell_length <= width:
        return strip.adjust_cell_length(width, ground)
    cells = [cell_len(chunk) for chunk in chop_cells(text.plain, width)]
    if row >= len(cells):
        return Strip.blank(width, look.base)
    start = sum(cells[:row])
    return strip.crop(start, start + cells[row]).adjust_cell_length(width, ground)


def _strip(text: Text, look: Look, ground: Style) -> Strip:
    return Strip(Segment.apply_style(list(text.render(look.console)), ground))


def words(text: str, style: Style, base: Style, width: int) -> Strip:
    """Return words of our own as a row."""
    return Strip([Segment(text, style)]).adjust_cell_length(width, base)


def left_for(line: str, needle: Needle, left: int, width: int) -> int:
    """Return the first cell to show of a line so that what was found in it is seen."""
    text = ansi.plain(line)
    spans = needle.spans(text)
    if not spans:
        return left
    start, end = (cell_len(text[:place]) for place in spans[0])
    if left <= start and end <= left + width - 1:
        return left
    return 0 if end < width else max(0, start - width // 3)
