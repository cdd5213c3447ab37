"""The fields of the form: a label, an input, and beside it what is wrong with its value."""

from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from fjd import display, jobfile
from fjd.tui import columns
from fjd.tui.entry import Entry
from fjd.tui.form import sweeping, texts
from fjd.tui.form.suggest import PathSuggester


class FormEntry(Entry):
    """An input to which a whole job file may be pasted: that is for the form, and not for one of its fields."""

    class PastedFile(Message):
        """A job file was pasted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, value: str = "", *, placeholder: str = "", **more: Any) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False, **more)
        self._hint = placeholder

    def on_resize(self) -> None:
        """Show as much of the hint as there is room for."""
        self.placeholder = columns.fit(self._hint, self.content_size.width).rstrip()

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if texts.is_job_file(text):
            event.stop()
            event.prevent_default()  # Textual's own would put its first line in
            self.post_message(self.PastedFile(text))


class Field(VerticalGroup):
    """One labelled input. ``check`` returns what is wrong with a value, in words."""

    def __init__(
        self,
        key: str,
        value: str,
        hint: str,
        check: Callable[[str], str],
        *,
        is_fixed: bool = False,
        is_needed: bool = True,
        find: Callable[[str], str] | None = None,
    ) -> None:
        """``find`` completes a path that is typed; it is called in a thread."""
        super().__init__(id=f"field-{key}", classes="field")
        self._find = find
        self.key = key
        self.is_needed = is_needed
        """Whether an empty value is judged when the form is saved."""
        self._is_fixed = is_fixed
        self._value = value
        self._hint = hint
        self._check = check

    def compose(self) -> ComposeResult:
        """Make the line, and the one below it for the message."""
        with HorizontalGroup():
            yield Label(self.key, classes="label", markup=False)
            yield FormEntry(
                self._value,
                placeholder=self._hint,
                disabled=self._is_fixed,
                suggester=PathSuggester(self._find) if self._find else None,
            )
        yield Static(classes="problem")

    @property
    def completes(self) -> bool:
        """Whether a path that is begun here is completed."""
        return self._find is not None

    @property
    def value(self) -> str:
        """What was typed, without the blanks around it, which no parser keeps."""
        found = self.query(Input)
        return (found.first().value if found else self._value).strip()  # it may not be composed yet

    @value.setter
    def value(self, value: str) -> None:
        self.query_one(Input).value = value

    def judge(self, *, strict: bool) -> str:
        """Show and return what is wrong. Not ``strict``, an empty field is no mistake yet."""
        problem = self._check(self.value) if self.value or strict else ""
        show_problem(self, problem)
        self.set_class(bool(problem), "-wrong")
        return problem


class PairRow(VerticalGroup):
    """One line of a section: a key, a value, and a way to remove it."""

    rule: ClassVar[str]
    """What its rules are called: ``param`` for ``param-key`` and ``param-value``."""

    class Removed(Message):
        """The row is to go."""

        def __init__(self, row: "PairRow") -> None:
            super().__init__()
            self.row = row

    def __init__(self, key: str = "", value: str = "") -> None:
        super().__init__(classes="param")
        self._start = key, value

    def compose(self) -> ComposeResult:
        """Make the line, and the one below it for the message."""
        key, value = self._start
        with HorizontalGroup():
            yield FormEntry(key, placeholder="key", classes="key")
            yield Label("=", classes="equals")
            yield FormEntry(value, placeholder="value", classes="value")
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

    def judge(self, *, sweeps: bool) -> str:
        """Show and return what is wrong; where the form ``sweeps``, a value may be several."""
        problem = "" if self.is_blank else self._problem(*self.pair, sweeps=sweeps)
        show_problem(self, problem)
        return problem

    def _problem(self, key: str, value: str, *, sweeps: bool) -> str:
        if words := jobfile.problem(f"{self.rule}-key", key):
            return f"the key {words}"
        if sweeps and self.rule == "param":
            return sweeping.problem(key, value)
        words = jobfile.problem(f"{self.rule}-value", value)
        return f"the value {words}" if words else ""

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next(Input)

    def on_click(self, event: object) -> None:
        """Remove the row by its sign."""
        widget = getattr(event, "widget", None)
        if widget is not None and widget.has_class("remove"):
            self.post_message(self.Removed(self))


class ParamRow(PairRow):
    """One parameter."""

    rule = "param"


class EnvRow(PairRow):
    """One variable of the job's environment."""

    rule = "env"


def show_problem(around: Widget, problem: str) -> None:
    """Show what is wrong, or nothing. Where nothing is new nothing is done: an update lays the whole form out again."""
    text = f"✗ {display.clean(problem)}" if problem else ""
    for place in around.query(".problem").results(Static):  # none where it is not composed yet
        if str(place.content) != text:
            place.update(Text(text))
            place.display = bool(problem)
