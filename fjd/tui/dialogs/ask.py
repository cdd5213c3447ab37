"""A question with answers to be given by a key each. ``enter`` and ``esc`` mean no, and so does every key but these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from fjd import display

T = TypeVar("T")
_NO = ("enter", "escape", "n", "q", "ctrl+c")
_LINE_MAX = 400


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One answer. Its key is never the key by which the question was asked for."""

    key: str
    sentence: str
    value: T


class Ask(ModalScreen[T | None], Generic[T]):
    """Asks. ``title`` and ``lines`` may hold foreign text."""

    def __init__(self, title: str, lines: Sequence[str], choices: Sequence[Choice[T]]) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Make the box."""
        with VerticalScroll(classes="dialog question", can_focus=False) as box:
            box.border_title = Text(display.clean(self._heading, max_len=_LINE_MAX))
            for line in self._lines:
                yield Static(Text(display.clean(line, max_len=_LINE_MAX)), classes="line")
            for number, choice in enumerate(self._choices):
                yield Answer(number, choice.key, choice.sentence)
            yield Answer(-1, "enter", "no, leave it as it is")

    def on_key(self, event: events.Key) -> None:
        """Take the answer; no key goes on to what lies below."""
        event.stop()
        event.prevent_default()
        for choice in self._choices:
            if event.key == choice.key:
                self.dismiss(choice.value)
                return
        if event.key in _NO:
            self.dismiss(None)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text answers nothing."""
        event.stop()

    def on_answer_clicked(self, event: "Answer.Clicked") -> None:
        """Take the answer that is clicked at."""
        self.dismiss(None if event.number < 0 else self._choices[event.number].value)


class Answer(Static):
    """One line with a key and what it means."""

    class Clicked(Message):
        """This answer was clicked at."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, key: str, sentence: str) -> None:
        super().__init__(Text.assemble((f" {key:^5} ", "reverse bold"), "  ", sentence), classes="answer")
        self._number = number

    def on_click(self) -> None:
        """Give the answer."""
        self.post_message(self.Clicked(self._number))
