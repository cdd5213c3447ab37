"""The form: it makes one job, or many by a sweep, all or nothing, or changes one. What stands in it is its `Sheet`."""

import asyncio
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.tui.backend import Backend
from fjd.tui.dialogs.ask import Ask, Choice
from fjd.tui.dialogs.templates import TemplateDialog
from fjd.tui.form import saving, sweeping, texts
from fjd.tui.form.fields import FormEntry, show_problem
from fjd.tui.form.saving import Left, Saved
from fjd.tui.form.sheet import Sheet


class Form(Sheet):
    """Makes a job, or changes the one whose file says ``before``. It returns None when it was left for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("ctrl+t", "sweep", show=False, priority=True),
        Binding("ctrl+l", "last", show=False, priority=True),
        Binding("ctrl+g", "templates", show=False, priority=True),
        Binding("escape,ctrl+c", "leave", show=False),
    ]

    def __init__(
        self,
        backend: Backend,
        name: str,
        spec: JobSpec | None = None,
        *,
        before: bytes | None = None,
        last: JobSpec | None = None,
    ) -> None:
        super().__init__(backend, name, spec, before=before)
        self._last = last

    # ---- filling it

    def action_sweep(self) -> None:
        """Let parameters have several values, or one again."""
        if self._before is None:
            self.sweeps = not self.sweeps
            self.judge()

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

    # ---- the ends

    @work
    async def action_save(self) -> None:
        """Write what the form says, if it can be, and close."""
        if not self.judge(strict=True):
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
        sweep = sweeping.of(self.job_name, self.spec) if self.sweeps else None
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
            choices.insert(0, Choice("k", "leave and keep it for the next time", True))
        keeps = await self.app.push_screen_wait(Ask("Leave the form?", ["What you typed is not saved."], choices))
        if keeps is not None:
            self.dismiss(Left(self.job_name, self.spec) if keeps else None)

    def on_paste(self, event: events.Paste) -> None:
        """A text that no field took is nobody's."""
        event.stop()
