"""The templates of the form: one is loaded, what stands in the form is kept under a name, one is forgotten."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from fjd import display
from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.tui.columns import Column
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.dialogs.tablebox import TableBox
from fjd.tui.entry import Entry
from fjd.tui.rows import Cell
from fjd.tui.table import Table
from fjd.tui.tones import Tone

_COLUMNS = (Column("template", min=12, flex=1, max=40), Column("executable", min=16, flex=3))
_ROWS_MAX = 12
_KEYS = (("enter", "fill the form"), ("s", "keep the form"), ("d", "forget"), ("esc", "back"))
_KEYS_OF_NONE = (("s", "keep the form"), ("esc", "back"))
_KEYS_OF_NAME = (("enter", "keep it under this name"), ("esc", "back"))

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


class TemplateDialog(TableBox[JobSpec]):
    """Returns the spec to fill the form with. ``spec`` is what stands in the form; ``keep`` is called in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,ctrl+g", "leave", show=False),
        Binding("q", "leave", show=False),
        Binding("enter", "choose", show=False),
        Binding("s", "name", show=False),
        Binding("d,delete", "forget", show=False),
    ]

    def __init__(self, templates: Templates, spec: JobSpec, keep: Keep) -> None:
        super().__init__(_COLUMNS, _KEYS, id="templates", most=_ROWS_MAX)
        self._templates = templates
        self._spec = spec
        self._keep = keep
        self.box.border_title = "Templates of the form"
        self.table.hint = (Text("No template was kept yet; s keeps what stands in the form."),)
        self._entry = Entry(placeholder="a name to keep it under", compact=True, id="template-name")
        self._problem = Static(classes="problem", markup=False)

    def beneath(self) -> ComposeResult:
        """Make the line for a name, and the place for what is wrong."""
        yield self._entry
        yield self._problem

    def on_mount(self) -> None:
        """Show them."""
        self._entry.display = False
        self._show(self._templates)
        self._offer()

    def _show(self, templates: Templates) -> None:
        self._templates = templates
        self.show_rows(TemplateRows(templates))

    @property
    def _chosen(self) -> str:
        return list(self._templates)[self.table.cursor] if self._templates else ""

    def _say(self, words: str) -> None:
        self._problem.update(Text(f"✗ {display.clean(words)}" if words else ""))
        self._problem.display = bool(words)

    # ---- the keys

    @on(Table.Opened)
    def action_choose(self) -> None:
        """Fill the form with the selected one."""
        if self._templates:
            self.dismiss(self._templates[self._chosen])

    def action_name(self) -> None:
        """Let its user type a name; that of the selected one is there, to be kept anew."""
        self._entry.value = self._chosen
        self._entry.display = True
        self.set_focus(self._entry)
        self.key_line.offer(_KEYS_OF_NAME)

    def _close_entry(self) -> None:
        self._entry.display = False
        self.set_focus(self.table)
        self._offer()

    def _offer(self) -> None:
        self.key_line.offer(_KEYS if self._templates else _KEYS_OF_NONE)

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
        self._close_entry()

    def action_leave(self) -> None:
        """Leave the line, or close."""
        if self._entry.has_focus:
            self._say("")
            self._close_entry()
        else:
            self.dismiss(None)
