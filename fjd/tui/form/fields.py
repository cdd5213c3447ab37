"""The fields of the form: a label, an input, and beside it what is wrong with its value."""

from collections.abc import Callable

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Input, Label, Static

from fjd import display, jobfile
from fjd.tui.entry import Entry

_NAME_MAX = 60


class Field(VerticalGroup):
    """One labelled input. ``check`` returns what is wrong with a value, in words."""

    def __init__(self, key: str, label: str, value: str, hint: str, check: Callable[[str], str]) -> None:
        super().__init__(id=f"field-{key}", classes="field")
        self._label = label
        self._value = value
        self._hint = hint
        self._check = check

    def compose(self) -> ComposeResult:
        """Make the line, and the one below it for the message."""
        with HorizontalGroup():
            yield Label(self._label, classes="label", markup=False)
            yield Entry(self._value, placeholder=self._hint, compact=True, select_on_focus=False)
        yield Static(classes="problem")

    @property
    def value(self) -> str:
        """What was typed, without the blanks around it, which no parser keeps."""
        return self.query_one(Input).value.strip()

    @value.setter
    def value(self, value: str) -> None:
        self.query_one(Input).value = value

    def judge(self, *, strict: bool) -> str:
        """Show and return what is wrong. Not ``strict``, an empty field is no mistake yet."""
        problem = self._check(self.value) if self.value or strict else ""
        show_problem(self.query_one(".problem", Static), problem)
        self.set_class(bool(problem), "-wrong")
        return problem


class ParamRow(VerticalGroup):
    """One parameter: a key, a value, and a way to remove it."""

    class Removed(Message):
        """The row is to go."""

        def __init__(self, row: "ParamRow") -> None:
            super().__init__()
            self.row = row

    def __init__(self, key: str = "", value: str = "") -> None:
        super().__init__(classes="param")
        self._start = key, value

    def compose(self) -> ComposeResult:
        """Make the line, and the one below it for the message."""
        key, value = self._start
        with HorizontalGroup():
            yield Entry(key, placeholder="key", classes="key", compact=True, select_on_focus=False)
            yield Label("=", classes="equals")
            yield Entry(value, placeholder="value", classes="value", compact=True, select_on_focus=False)
            yield Label(" ✗ ", classes="remove", markup=False)
        yield Static(classes="problem")

    @property
    def pair(self) -> tuple[str, str]:
        """Key and value as they will be written."""
        inputs = list(self.query(Input))
        if len(inputs) < 2:  # it is not composed yet
            return self._start
        return inputs[0].value.strip(), inputs[1].value.strip()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed; such a row is not written."""
        return self.pair == ("", "")

    def judge(self) -> str:
        """Show and return what is wrong."""
        key, value = self.pair
        problem = ""
        if not self.is_blank:
            words = jobfile.problem("param-key", key)
            problem = f"the key {words}" if words else ""
            if not problem and (words := jobfile.problem("param-value", value)):
                problem = f"the value {words}"
        show_problem(self.query_one(".problem", Static), problem)
        return problem

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next(Input)

    def on_click(self, event: object) -> None:
        """Remove the row by its sign."""
        widget = getattr(event, "widget", None)
        if widget is not None and widget.has_class("remove"):
            self.post_message(self.Removed(self))


def show_problem(place: Static, problem: str) -> None:
    """Show what is wrong, or nothing. Where nothing is new nothing is done: an update lays the whole form out again."""
    text = f"✗ {display.clean(problem)}" if problem else ""
    if str(place.content) != text:
        place.update(Text(text))
        place.display = bool(problem)
