"""The form: it makes one job, or many by a sweep, all or nothing, or changes one; and shows the file as it will be."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fjd import control, display, jobfile
from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.quantity import counted
from fjd.tui.backend import Backend
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.dialogs.templates import TemplateDialog
from fjd.tui.form import saving, sweeping, texts
from fjd.tui.form.fields import EnvRow, Field, FormEntry, PairRow, ParamRow, show_problem
from fjd.tui.form.more import More
from fjd.tui.form.saving import Saved
from fjd.tui.form.sweeping import Sweep

_KEYS = (
    ("ctrl+s", "save"),
    ("ctrl+n", "add row"),
    ("ctrl+d", "remove"),
    ("ctrl+o", "more"),
    ("ctrl+t", "sweep"),
    ("ctrl+l", "last"),
    ("ctrl+g", "kept"),
    ("esc", "leave"),
)


@dataclass(frozen=True, slots=True)
class Left:
    """It was left, and what was typed is to be kept."""

    name: str
    spec: JobSpec


class Form(ModalScreen[Saved | Left | None]):
    """Makes a job, or changes the one whose file says ``before``. It returns None when it was left for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("ctrl+n", "add", show=False, priority=True),
        Binding("ctrl+d", "remove", show=False, priority=True),
        Binding("ctrl+o", "more", show=False, priority=True),
        Binding("ctrl+t", "sweep", show=False, priority=True),
        Binding("ctrl+l", "last", show=False, priority=True),
        Binding("ctrl+g", "templates", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("escape,ctrl+c", "leave", show=False),
    ]
    AUTO_FOCUS = "#field-executable Input"

    def __init__(
        self,
        backend: Backend,
        name: str,
        spec: JobSpec | None = None,
        *,
        before: bytes | None = None,
        last: JobSpec | None = None,
    ) -> None:
        super().__init__()
        self._backend = backend
        self._name_at_start = name
        self._spec_at_start = spec or JobSpec("")
        self._before = before
        self._last = last
        self._workdir = self._spec_at_start.workdir
        """As it was when it was last looked at, for threads."""
        self.sweeps = False

    # ---- what stands in it

    def compose(self) -> ComposeResult:
        """Make the fields and the preview."""
        spec, name = self._spec_at_start, self._name_at_start
        is_edit, complete = self._before is not None, self._backend.complete
        with VerticalGroup(classes="dialog", id="form") as box:
            box.border_title = Text(f"Edit {display.clean(name, max_len=60)}" if is_edit else "New job")
            with Horizontal(id="form-body"):
                with VerticalScroll(id="fields", can_focus=False):
                    yield Field("name", name, "job1.conf", control.name_problem, is_fixed=is_edit)
                    command, place = partial(complete, is_command=True), "where the worker works"
                    yield Field("executable", spec.executable, "python ajob.py", _rule("executable"), find=command)
                    yield Field("logfile", spec.logfile, "none", _rule("logfile"), find=self._complete)
                    yield Field("workdir", spec.workdir, place, _rule("workdir"), find=complete)
                    yield More(spec, self._complete, id="more")
                    yield Label("params", id="params-title", markup=False)
                    with VerticalGroup(id="params"):
                        for key, value in spec.params or (("", ""),):
                            yield ParamRow(key, value)
                with VerticalScroll(id="preview-box", can_focus=False) as preview:
                    preview.border_title = "The file"
                    yield Static(id="preview")
            yield Static(id="form-help")
            with VerticalGroup(id="form-foot"):
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
        more = self.query_one(More)
        return JobSpec(executable, logfile, workdir, pairs, options=more.options, env=more.env)

    @property
    def job_name(self) -> str:
        """What the name field says."""
        return self._field("name").value

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that would be lost."""
        return self.spec != self._spec_at_start or self.job_name != self._name_at_start

    def _complete(self, typed: str) -> str:
        """Complete a path that begins where the job will work."""
        return self._backend.complete(typed, self._workdir)

    def _field(self, key: str) -> Field:
        return self.query_one(f"#field-{key}", Field)

    async def fill(self, spec: JobSpec) -> None:
        """Let the fields say ``spec``, whatever they said; the name stays."""
        for key in ("executable", "logfile", "workdir"):
            self._field(key).value = getattr(spec, key)
        await self.query_one(More).fill(spec)
        await self.query_one("#params").remove_children()
        await self.query_one("#params").mount(*(ParamRow(key, value) for key, value in spec.params or (("", ""),)))
        self._field("executable").query_one(Input).focus()
        self.call_after_refresh(self._judge)

    # ---- checking

    @on(Input.Changed)
    def _typed(self) -> None:
        self._judge()

    @on(events.DescendantFocus)
    def _explain(self) -> None:
        """Say what the field is for in which the cursor is."""
        here = next((field for field in self.query(Field) if field.has_focus_within), None)
        words = jobfile.HELP.get(here.key, "") if here else ""
        if here is not None and here.completes:
            words += " → completes a path."
        self.query_one("#form-help", Static).update(Text(words.strip(), "dim"))

    def _judge(self, *, strict: bool = False) -> bool:
        """Say beside each field what is wrong, draw the preview, and return whether the job can be written."""
        self._workdir = self._field("workdir").value
        problems = [field.judge(strict=strict and field.is_needed) for field in self.query(Field)]
        problems += [row.judge(sweeps=self.sweeps) for row in self.query(PairRow)]
        preview, problem = self._rendered()
        self.query_one("#preview", Static).update(preview)
        self.query_one(More).tell(is_unfolded=strict and any(problems))
        show_problem(self.query_one("#form-foot"), problem if strict and not any(problems) else "")
        return not any(problems) and not problem

    def _rendered(self) -> tuple[Text, str]:
        head = ""
        try:
            sweep = self._sweep()
            if sweep is None:
                text = texts.rewritten(self._before, self.spec) if self._before is not None else self._text(self.spec)
            else:
                name, spec = sweep.sample()
                head = f"{counted(sweep.count, 'job')}; the first is {display.clean(name, max_len=60)}"
                text = self._text(spec)
        except FjdError as error:
            words = str(error).removeprefix("--sweep ")
            return Text(display.clean(words), "italic"), words
        if self.sweeps and sweep is None:
            head = "a sweep: give a param values such as 1..5 or 0.1, 0.2"
        lines = [display.clean(line) for line in text.splitlines()]
        return Text.assemble((head + "\n\n", "bold") if head else "", "\n".join(lines)), ""

    def _text(self, spec: JobSpec) -> str:
        return jobfile.render(spec)

    def _sweep(self) -> Sweep | None:
        return sweeping.of(self.job_name, self.spec) if self.sweeps else None

    # ---- the keys

    async def action_add(self) -> None:
        """Add a row, and go to it: a variable where the cursor is among these, else a parameter."""
        more = self.query_one(More)
        row: PairRow = EnvRow() if more.has_focus_within else ParamRow()
        await (more.rows if more.has_focus_within else self.query_one("#params")).mount(row)
        row.query(Input).first().focus(scroll_visible=False)
        self.call_after_refresh(row.scroll_visible, animate=False)

    def action_remove(self) -> None:
        """Remove the row that the cursor is in, or the last parameter."""
        rows = [row for row in self.query(PairRow) if row.has_focus_within] or list(self.query(ParamRow))[-1:]
        if rows:
            self._remove(rows[0])

    @on(PairRow.Removed)
    def _removed(self, event: PairRow.Removed) -> None:
        self._remove(event.row)

    def _remove(self, row: PairRow) -> None:
        if row.has_focus_within:
            self.focus_previous(Input)
        row.remove()
        self.call_after_refresh(self._judge)

    async def action_more(self) -> None:
        """Fold or unfold the keys that a job seldom needs."""
        more = self.query_one(More)
        if more.is_open and more.has_focus_within:
            self._field("workdir").query_one(Input).focus()
        await more.toggle()

    @on(More.Clicked)
    async def _more_clicked(self) -> None:
        await self.action_more()

    def action_sweep(self) -> None:
        """Let parameters have several values, or one again."""
        if self._before is None:
            self.sweeps = not self.sweeps
            self._judge()

    @work
    async def action_last(self) -> None:
        """Fill in the job that was made last."""
        if self._last is None:
            show_problem(self.query_one("#form-foot"), "no job was made in the form before")
        elif await self._may_replace():
            await self.fill(self._last)

    @work
    async def action_templates(self) -> None:
        """Fill in a template, or keep what stands here as one."""
        kept = await asyncio.to_thread(self._backend.templates)
        spec = await self.app.push_screen_wait(TemplateDialog(kept, self.spec, self._backend.keep_template))
        if spec is not None and await self._may_replace():
            await self.fill(spec)

    @on(FormEntry.PastedFile)
    def _pasted(self, event: FormEntry.PastedFile) -> None:
        self._take_file(event.text)

    @work
    async def _take_file(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        if words := texts.why_no_form(data):
            show_problem(self.query_one("#form-foot"), f"the pasted job file cannot be taken: {words}")
        elif await self._may_replace():
            await self.fill(texts.spec_of(data))

    async def _may_replace(self) -> bool:
        question = Ask("Fill the form?", ["It replaces what you typed."], [Choice("y", "yes, fill it", True)])
        return not self.is_changed or await self.app.push_screen_wait(question) is not None

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next(Input)

    # ---- the ends

    @work
    async def action_save(self) -> None:
        """Write what the form says, if it can be, and close."""
        if not self._judge(strict=True):
            return
        try:
            saved = await self._save()
        except FjdError as error:
            show_problem(self.query_one("#form-foot"), str(error))
        else:
            if saved is not None:
                self.dismiss(saved)

    async def _save(self) -> Saved | None:
        if self._before is not None:
            return await saving.change(self._backend, self.job_name, self.spec, self._before)
        sweep = self._sweep()
        if sweep is not None:
            return await saving.submit_all(self.app, self._backend, sweep, self.spec)
        saved = await saving.submit(self.app, self._backend, self.job_name, self.spec)
        if saved is None:
            self._field("name").query_one(Input).focus()
        return saved

    @work
    async def action_leave(self) -> None:
        """Close; what was typed is not thrown away without asking."""
        if not self.is_changed:
            self.dismiss(None)
            return
        choices = [Choice("y", "yes, leave and forget it", False)]
        if self._before is None:
            choices.insert(0, Choice("k", "leave and keep it; n brings it back", True))
        keeps = await self.app.push_screen_wait(Ask("Leave the form?", ["What you typed is not saved."], choices))
        if keeps is not None:
            self.dismiss(Left(self.job_name, self.spec) if keeps else None)

    def on_paste(self, event: events.Paste) -> None:
        """A text that no field took is nobody's."""
        event.stop()


def _rule(field: jobfile.Field) -> Callable[[str], str]:
    return lambda value: jobfile.problem(field, value)


def _keys() -> Text:
    text = Text()
    for key, what in _KEYS:
        text.append(f" {key} ", "reverse bold").append(f" {what} ")
    return text
