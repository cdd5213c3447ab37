"""The last lines: what was done, and which keys do what. Made from the registry, drawn in one line each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from fjd import display
from fjd.tui.actions import LAST_IN_FOOTER, Action, Where
from fjd.tui.grounded import Grounded
from fjd.tui.tones import TONES, Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

_GAP = "  "
_TEXT_MAX = 1000


class MessageLine(Grounded):
    """Says what an action did, or what happened."""

    COMPONENT_CLASSES = {tone.component for tone in TONES}  # noqa: RUF012  # Textual's
    DEFAULT_CSS = "MessageLine { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self.text = ""
        self._tone = Tone.PLAIN

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show ``text``, which may hold foreign text."""
        self.text = display.clean(text, max_len=_TEXT_MAX)
        self._tone = tone
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one line
        """Draw it, with a sign beside the colour."""
        base, width = self.rich_style, self.size.width
        if not self.text:
            return Strip.blank(width, base)
        sign = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARN: "!"}.get(self._tone, "·")
        style = base + self.get_component_rich_style(self._tone.component, partial=True)
        strip = Strip([Segment(f" {sign} {self.text}", style)])
        if strip.cell_length > width:
            strip = Strip([*strip.crop(0, width - 1), Segment("…", style)])
        return strip.adjust_cell_length(width, base)


class Footer(Grounded):
    """Shows the actions that the focused pane has, those that cannot be done now dimmed."""

    COMPONENT_CLASSES = {"footer--key", "footer--label", "footer--off"}  # noqa: RUF012  # Textual's
    DEFAULT_CSS = "Footer { height: 1; }"

    class Clicked(Message):
        """An action was clicked at."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._offered: tuple[tuple[Action, bool], ...] = ()

    def offer(self, desk: "Desk") -> None:
        """Show what can be done now."""
        shown = [
            action for action in desk.registry.actions if action.label and action.keys and desk.where in action.where
        ]
        if desk.where is Where.LOG:  # what is for reading comes first, since there may be no room for all
            shown.sort(key=lambda action: action.where != {Where.LOG})
        offered = tuple((action, not action.why_not(desk)) for action in shown)
        if offered != self._offered:
            self._offered = offered
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one line
        """Draw as many as there is room for."""
        segments = [Segment(" ", self.rich_style)]
        for action, is_possible in self._fitting(self.size.width):
            kind = ("footer--key", "footer--label") if is_possible else ("footer--off", "footer--off")
            key, label = (self.rich_style + self.get_component_rich_style(name, partial=True) for name in kind)
            segments += [Segment(action.key, key), Segment(f" {action.label}{_GAP}", label)]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Do what is clicked at."""
        x = 1
        for action, _ in self._fitting(self.size.width):
            end = x + _cells(action)
            if x <= event.x < end:
                self.post_message(self.Clicked(action))
            x = end

    def _fitting(self, width: int) -> Sequence[tuple[Action, bool]]:
        """Return what fits: the last ones always, of the others the first."""
        kept = [pair for pair in self._offered if pair[0].id not in LAST_IN_FOOTER]
        last = [pair for pair in self._offered if pair[0].id in LAST_IN_FOOTER]
        while kept and 1 + sum(_cells(action) for action, _ in [*kept, *last]) > width:
            kept.pop()
        return [*kept, *last]


def _cells(action: Action) -> int:
    return cell_len(f"{action.key} {action.label}{_GAP}")
