"""The templates of the form: one is loaded, what stands in the form is kept under a name, one is forgotten."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fjd import display
from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.tui.columns import Column
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.entry import Entry
from fjd.tui.motion import KEYS, Motion
from fjd.tui.rows import Cell
from fjd.tui.table import Table
from fjd.tui.tones import Tone

_COLUMNS = (Column("template", min=12, flex=1, max=40), Column("executable", min=16, flex=3))
_LINES_MAX = 12

Templates = Mapping[str, JobSpec]
Keep = Callable[[str, JobSpec | None], Templates]
"""Keeps a spec under a name, or forgets the name, and returns all that are kept then."""


class TemplateRows:
    """The rows of the table."""

    def __init__(self, templates: Templates) -> None:
        self._pairs = list(templates.items())

    def __len__(self) -> int:
        return len(self._pairs)

    def key(self, index: int) -> str:
        """Return the name."""
        return self._pairs[index][0]

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return the name, and what it runs."""
        name, spec = self._pairs[index]
        cells = {"template": Cell(display.clean(name)), "executable": Cell(display.clean(spec.executable), Tone.DIM)}
        return tuple(cells[column.name] for column in columns)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # there are few
        """Return where it is."""
        return next((index for index, (name, _) in enumerate(self._pairs) if name == key), None)


class TemplateDialog(ModalScreen[JobSpec | None]):
    """Returns the spec to fill the form with. ``spec`` is what stands in the form; ``keep`` is called in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,ctrl+g", "leave", show=False),
        Binding("q", "leave", show=False),
        Binding("enter", "choose", show=False),
        Binding("s", "name", show=False),
        Binding("d,delete", "forget", show=False),
        *(Binding(keys, f"go('{motion.name}')", show=False) for motion, keys in KEYS.items()),
    ]

    def __init__(self, templates: Templates, spec: JobSpec, keep: Keep) -> None:
        super().__init__()
        self._templates = templates
        self._spec = spec
        self._keep = keep
        self._box = Vertical(classes="dialog", id="templates")
        self._table = Table(_COLUMNS, id="template-list")
        self._table.hint = (Text("No template was kept yet; s keeps what stands in the form."),)
        self._entry = Entry(placeholder="a name to keep it under", compact=True, id="template-name")
        self._problem = Static(classes="problem", markup=False)

    def compose(self) -> ComposeResult:
        """Make the box."""
        self._box.border_title = "Templates"
        with self._box:
            yield self._table
            yield self._entry
            yield self._problem
            yield Static(" enter  fill the form   s  keep what stands in it   d  forget   esc  back ", classes="keys")

    def on_mount(self) -> None:
        """Show them."""
        self._show(self._templates)
        self._table.focus()

    def _show(self, templates: Templates) -> None:
        self._templates = templates
        self._table.show_rows(TemplateRows(templates))
        self._table.styles.height = min(_LINES_MAX, max(1, len(templates)) + 2)

    @property
    def _chosen(self) -> str:
        return list(self._templates)[self._table.cursor] if self._templates else ""

    def _say(self, words: str) -> None:
        self._problem.update(Text(f"✗ {display.clean(words)}" if words else ""))
        self._problem.display = bool(words)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text fires no keys."""
        event.stop()

    # ---- the keys

    def action_go(self, motion: str) -> None:
        """Move in the table."""
        self._table.move(Motion[motion])

    @on(Table.Opened)
    def action_choose(self) -> None:
        """Fill the form with the selected one."""
        if self._templates:
            self.dismiss(self._templates[self._chosen])

    def action_name(self) -> None:
        """Let its user type a name; that of the selected one is there, to be kept anew."""
        self._entry.value = self._chosen
        self.set_focus(self._entry)

    @on(Input.Submitted)
    @work
    async def _named(self) -> None:
        name = self._entry.value.strip()
        question = Ask("Replace it?", [f"There is a template {name} already."], [Choice("y", "yes, replace", True)])
        if name in self._templates and await self.app.push_screen_wait(question) is None:
            return
        await self._change(name, self._spec)

    @work
    async def action_forget(self) -> None:
        """Forget the selected one."""
        if not (name := self._chosen):
            return
        question = Ask("Forget the template?", [name], [Choice("y", "yes, forget it", True)])
        if await self.app.push_screen_wait(question) is not None:
            await self._change(name, None)

    async def _change(self, name: str, spec: JobSpec | None) -> None:
        try:
            templates = await asyncio.to_thread(self._keep, name, spec)
        except FjdError as error:
            self._say(str(error))
            return
        self._say("")
        self._show(templates)
        self.set_focus(self._table)

    def action_leave(self) -> None:
        """Leave the line, or close."""
        if self._entry.has_focus:
            self.set_focus(self._table)
        else:
            self.dismiss(None)
