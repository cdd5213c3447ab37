"""The form: it makes one job, all or nothing, and shows the file as it will be written."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fjd import control, display, jobfile
from fjd.errors import FjdError, JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.tui.backend import Backend
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.form.fields import Field, ParamRow, show_problem

_KEYS = (("ctrl+s", "save"), ("ctrl+n", "add a param"), ("ctrl+d", "remove it"), ("esc", "leave"))


class Form(ModalScreen[str | None]):
    """Makes a job, and returns its name; None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("ctrl+n", "add", show=False, priority=True),
        Binding("ctrl+d", "remove", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("escape,ctrl+c", "leave", show=False),
    ]
    AUTO_FOCUS = "#field-executable Input"

    def __init__(self, backend: Backend, name: str, spec: JobSpec | None = None) -> None:
        super().__init__()
        self._backend = backend
        self._name_at_start = name
        self._spec_at_start = spec or JobSpec("")

    # ---- what stands in it

    def compose(self) -> ComposeResult:
        """Make the fields and the preview."""
        spec = self._spec_at_start
        with VerticalGroup(classes="dialog", id="form") as box:
            box.border_title = "New job"
            with Horizontal(id="form-body"):
                with VerticalScroll(id="fields", can_focus=False):
                    yield Field("name", "name", self._name_at_start, "job1.conf", control.name_problem)
                    yield Field("executable", "executable", spec.executable, "python ajob.py", _rule("executable"))
                    yield Field("logfile", "logfile", spec.logfile, "none", _rule("logfile"))
                    yield Field("workdir", "workdir", spec.workdir, "where the worker works", _rule("workdir"))
                    yield Label("params", id="params-title", markup=False)
                    with VerticalGroup(id="params"):
                        for key, value in spec.params or (("", ""),):
                            yield ParamRow(key, value)
                with VerticalScroll(id="preview-box", can_focus=False) as preview:
                    preview.border_title = "The file"
                    yield Static(id="preview")
            yield Static(id="form-problem", classes="problem")
            yield Static(_keys(), id="form-keys")

    def on_mount(self) -> None:
        """Show what the empty form would write."""
        self._judge()

    @property
    def spec(self) -> JobSpec:
        """What the fields say."""
        executable, logfile, workdir = (self._field(key).value for key in ("executable", "logfile", "workdir"))
        pairs = tuple(row.pair for row in self.query(ParamRow) if not row.is_blank)
        return JobSpec(executable, logfile, workdir, pairs)

    @property
    def job_name(self) -> str:
        """What the name field says."""
        return self._field("name").value

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that would be lost."""
        return self.spec != self._spec_at_start or self.job_name != self._name_at_start

    def _field(self, key: str) -> Field:
        return self.query_one(f"#field-{key}", Field)

    # ---- checking

    @on(Input.Changed)
    def _typed(self) -> None:
        self._judge()

    def _judge(self, *, strict: bool = False) -> bool:
        """Say beside each field what is wrong, draw the preview, and return whether the job can be written."""
        problems = [field.judge(strict=strict) for field in self.query(Field)]
        problems += [row.judge() for row in self.query(ParamRow)]
        preview, problem = self._rendered()
        self.query_one("#preview", Static).update(preview)
        show_problem(self.query_one("#form-problem", Static), problem if strict and not any(problems) else "")
        return not any(problems) and not problem

    def _rendered(self) -> tuple[Text, str]:
        try:
            text = jobfile.render(self.spec)
        except JobFileError as error:
            return Text(display.clean(str(error)), "italic"), str(error)
        return Text("\n".join(display.clean(line) for line in text.splitlines())), ""

    # ---- the keys

    async def action_add(self) -> None:
        """Add a parameter, and go to it. The next key waits until it is there."""
        row = ParamRow()
        await self.query_one("#params").mount(row)
        row.query(Input).first().focus(scroll_visible=False)
        self.call_after_refresh(row.scroll_visible, animate=False)

    def action_remove(self) -> None:
        """Remove the parameter that the cursor is in, or the last one."""
        rows = list(self.query(ParamRow))
        here = [row for row in rows if row.has_focus_within] or rows[-1:]
        if here:
            self._remove(here[0])

    @on(ParamRow.Removed)
    def _removed(self, event: ParamRow.Removed) -> None:
        self._remove(event.row)

    def _remove(self, row: ParamRow) -> None:
        if row.has_focus_within:
            self.focus_previous(Input)
        row.remove()
        self.call_after_refresh(self._judge)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next(Input)

    @work
    async def action_save(self) -> None:
        """Write the job into the queue, if it can be, and close."""
        if not self._judge(strict=True):
            return
        name, spec = self.job_name, self.spec
        try:
            await self._submit(name, spec)
        except FjdError as error:
            show_problem(self.query_one("#form-problem", Static), str(error))

    async def _submit(self, name: str, spec: JobSpec) -> None:
        try:
            await asyncio.to_thread(self._backend.submit, name, spec, replace=False)
        except NameTaken:
            question = Ask("Replace it?", [f"A job named {name} waits already."], [Choice("y", "yes, replace", True)])
            if await self.app.push_screen_wait(question) is None:
                self._field("name").query_one(Input).focus()
                return
            await asyncio.to_thread(self._backend.submit, name, spec, replace=True)
        self.dismiss(name)

    @work
    async def action_leave(self) -> None:
        """Close; what was typed is not thrown away without asking."""
        question = Ask("Leave the form?", ["What you typed would be lost."], [Choice("y", "yes, leave", True)])
        is_leaving = not self.is_changed
        if not is_leaving:
            is_leaving = await self.app.push_screen_wait(question) is not None
        if is_leaving:
            self.dismiss(None)

    def on_paste(self, event: events.Paste) -> None:
        """A text that no field took is nobody's."""
        event.stop()


def _rule(field: jobfile.Field) -> Callable[[str], str]:
    return lambda value: jobfile.problem(field, value)


def _keys() -> Text:
    text = Text()
    for key, what in _KEYS:
        text.append(f" {key} ", "reverse bold").append(f" {what}  ")
    return text
