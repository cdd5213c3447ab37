"""The part of the form that is folded away: every key of ``[control]`` that a job seldom needs, and ``[env]``.

Which keys there are is said in `fjd.jobfile` alone; a new one is here by itself.
"""

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.message import Message
from textual.widgets import Input, Label, Static

from fjd import jobfile
from fjd.jobfile import JobSpec
from fjd.tui.form.fields import EnvRow, Field

_PATHS = ("stdin",)
"""The options that are paths."""


class More(VerticalGroup):
    """A head, and below it, once it was unfolded, a field for each option and a row for each variable."""

    class Clicked(Message):
        """The head was clicked at."""

    def __init__(self, spec: JobSpec, find: Callable[[str], str], *, id: str) -> None:  # noqa: A002  # Textual's name
        """``find`` completes a path that is typed; it is called in a thread."""
        super().__init__(id=id)
        self._find = find
        self._spec = spec
        self._has_fields = bool(spec.options or spec.env)
        self.is_open = self._has_fields

    def compose(self) -> ComposeResult:
        """Make the head; the fields only where something stands in them."""
        yield Static(id="more-head", markup=False)
        with VerticalGroup(id="more-body"):
            if self._has_fields:
                yield from self._fields()

    def _fields(self) -> ComposeResult:
        said = dict(self._spec.options)
        for key in jobfile.OPTIONS:
            find = self._find if key in _PATHS else None
            check = partial(jobfile.problem, key)
            yield Field(key, said.get(key, ""), jobfile.HELP[key], check, is_needed=False, find=find)
        yield Label("env", classes="section", markup=False)
        yield VerticalGroup(*(EnvRow(key, value) for key, value in self._spec.env or (("", ""),)), id="env")

    def on_mount(self) -> None:
        """Show the head."""
        self._fold()

    @property
    def rows(self) -> VerticalGroup:
        """Where the variables stand."""
        return self.query_one("#env", VerticalGroup)

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The options that say something."""
        return tuple((field.key, field.value) for field in self.query(Field) if field.value)

    @property
    def env(self) -> tuple[tuple[str, str], ...]:
        """The variables."""
        return tuple(row.pair for row in self.query(EnvRow) if not row.is_blank)

    async def toggle(self) -> None:
        """Fold, or unfold and go to the first field."""
        self.is_open = not self.is_open
        await self._make()
        self._fold()
        if self.is_open:
            self.query(Input).first().focus()

    async def fill(self, spec: JobSpec) -> None:
        """Show what another spec says."""
        self._spec = spec
        self._has_fields = False
        self.is_open = bool(spec.options or spec.env)
        await self.query_one("#more-body").remove_children()
        if self.is_open:
            await self._make()
        self._fold()

    def tell(self, *, is_unfolded: bool) -> None:
        """Say in the head how many keys say something; unfold where one of them may be wrong."""
        if is_unfolded and self._has_fields and self.query(".-wrong"):
            self.is_open = True
        self._fold()

    async def _make(self) -> None:
        if not self._has_fields:
            self._has_fields = True
            await self.query_one("#more-body").mount_all(list(self._fields()))

    def _fold(self) -> None:
        said = len(self.options) + len(self.env)
        words = "priority, timeout, retries, after, tags, env …" if not said else f"{said} set"
        head = f"{'▾' if self.is_open else '▸'} more  {'' if self.is_open else words}"
        place = self.query_one("#more-head", Static)
        if str(place.content) != head:
            place.update(head)
        self.query_one("#more-body").display = self.is_open

    def on_click(self, event: object) -> None:
        """Fold or unfold by the head."""
        widget = getattr(event, "widget", None)
        if widget is not None and widget.id == "more-head":
            self.post_message(self.Clicked())
