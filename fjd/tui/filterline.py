"""The line in which one types which jobs are to be shown. The table follows while it is typed."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from fjd import display
from fjd.tui.entry import Entry

_HINT = "enter keeps it · esc shows all "


class FilterLine(Horizontal):
    """Closed until `open`."""

    class Typed(Message):
        """The filter is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """Its user has typed all of it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._entry = Entry(
            placeholder="part of a name, ~fuzzy, !not, state:failed exit:1 worker:x age>1h", compact=True
        )
        self._hint = Label(_HINT, classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        """Make the line."""
        yield Label(" /", markup=False)
        yield self._entry
        yield self._hint

    @property
    def is_open(self) -> bool:
        """Whether something can be typed."""
        return self.has_class("-open")

    def open(self) -> None:
        """Let something be typed."""
        self.add_class("-open")
        self._entry.focus()

    def close(self, *, keep: bool) -> None:
        """Close it; what was typed stays there only to ``keep`` it."""
        if not keep:
            self._entry.value = ""
        self.remove_class("-open")

    def tell(self, problem: str = "") -> None:
        """Say what is wrong with the filter, or, without that, which keys there are."""
        self._hint.update(Text(display.clean(problem), style="bold") if problem else _HINT)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Kept())
