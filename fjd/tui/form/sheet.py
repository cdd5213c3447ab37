"""The sheet of the form: its fields, what is said beside them, and the file as it will be."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fjd import control, display, jobfile
from fjd.jobfile import JobSpec
from fjd.tui.backend import Backend
from fjd.tui.form import preview
from fjd.tui.form.fields import EnvRow, Field, PairRow, ParamRow, show_problem
from fjd.tui.form.more import More
from fjd.tui.form.saving import Left, Saved
from fjd.tui.keyline import KeyLine

_KEYS = (
    ("ctrl+s", "save"),
    ("ctrl+n", "row"),
    ("ctrl+d", "remove"),
    ("ctrl+o", "more"),
    ("ctrl+t", "sweep"),
    ("ctrl+l", "last job"),
    ("ctrl+g", "templates"),
    ("esc", "leave"),
)


class Sheet(ModalScreen[Saved | Left | None]):
    """Shows a job, and judges what is typed. ``before`` is the file of a job that is changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "add", show=False, priority=True),
        Binding("ctrl+d", "remove", show=False, priority=True),
        Binding("ctrl+o", "more", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "#field-executable Input"

    def __init__(
        self, backend: Backend, name: str, spec: JobSpec | None = None, *, before: bytes | None = None
    ) -> None:
        super().__init__()
        self._backend = backend
        self._name_at_start = name
        self._spec_at_start = spec or JobSpec("")
        self._before = before
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
                with VerticalScroll(id="preview-box", can_focus=False) as beside:
                    beside.border_title = "The file"
                    yield Static(id="preview")
                    yield Static(id="what-runs")
            yield Static(id="form-help")
            with VerticalGroup(id="form-foot"):
                yield Static(id="form-problem", classes="problem")
            yield KeyLine(_KEYS, id="form-keys")

    def on_mount(self) -> None:
        """Show what the empty form would write."""
        self.judge()

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
        self.call_after_refresh(self.judge)

    # ---- checking

    @on(Input.Changed)
    def _typed(self) -> None:
        self.judge()

    @on(events.DescendantFocus)
    def _explain(self) -> None:
        """Say what the field is for in which the cursor is."""
        here = next((field for field in self.query(Field) if field.has_focus_within), None)
        words = jobfile.HELP.get(here.key, "") if here else ""
        if here is not None and here.completes:
            words += " → completes a path."
        self.query_one("#form-help", Static).update(Text(words.strip(), "dim"))

    def judge(self, *, strict: bool = False) -> bool:
        """Say beside each field what is wrong, draw the preview, and return whether the job can be written."""
        self._workdir = self._field("workdir").value
        problems = [field.judge(strict=strict and field.is_needed) for field in self.query(Field)]
        problems += [row.judge(sweeps=self.sweeps) for row in self.query(PairRow)]
        shown, problem = preview.of(self.job_name, self.spec, before=self._before, sweeps=self.sweeps)
        self.query_one("#preview", Static).update(shown)
        self.query_one("#what-runs", Static).update(preview.what_runs(self.job_name, self.spec))
        self.query_one(More).tell(is_unfolded=strict and any(problems))
        show_problem(self.query_one("#form-foot"), problem if strict and not any(problems) else "")
        return not any(problems) and not problem

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
        self.call_after_refresh(self.judge)

    async def action_more(self) -> None:
        """Fold or unfold the keys that a job seldom needs."""
        more = self.query_one(More)
        if more.is_open and more.has_focus_within:
            self._field("workdir").query_one(Input).focus()
        await more.toggle()

    @on(More.Clicked)
    async def _more_clicked(self) -> None:
        await self.action_more()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next(Input)


def _rule(field: jobfile.Field) -> Callable[[str], str]:
    return lambda value: jobfile.problem(field, value)
