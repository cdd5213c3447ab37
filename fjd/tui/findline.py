"""The line in which one types what to look for in the log. What is typed is marked at once; enter goes there."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from fjd.tui.entry import Entry


class FindLine(Horizontal):
    """Closed until `open`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False)]

    class Typed(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """It is closed: look for the text, or, without ``search``, for nothing any more."""

        def __init__(self, text: str, *, search: bool) -> None:
            super().__init__()
            self.text = text
            self.search = search

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id, classes="prompt")
        self._entry = Entry(placeholder="text in the log", compact=True)

    def compose(self) -> ComposeResult:
        """Make the line."""
        yield Label(" find ", markup=False)
        yield self._entry
        yield Label("enter finds it, n and N the others · esc forgets it ", classes="hint", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether something can be typed."""
        return self.has_class("-open")

    def open(self) -> None:
        """Let something be typed; what was looked for last stands there, to be typed over."""
        self.add_class("-open")
        self.screen.set_focus(self._entry)
        self._entry.select_all()

    def _close(self, *, search: bool) -> None:
        if self.is_open:
            self.remove_class("-open")
            self.post_message(self.Closed(self._entry.value, search=search))

    def action_leave(self) -> None:
        """Close it; nothing is marked any more."""
        self._close(search=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._close(search=bool(self._entry.value))

    @on(events.DescendantBlur)
    def _left(self) -> None:
        self.remove_class("-open")
