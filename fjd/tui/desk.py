"""The main screen: it hands the newest snapshot to each of its `Parts`, and holds no other.

What the keys do is in `fjd.tui.deeds`; which keys there are, in `fjd.tui.actions`.
"""

import asyncio
import contextlib
import inspect
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar

from rich.text import Text
from textual import events, on
from textual.binding import BindingsMap

from fjd.errors import FjdError, UsageError
from fjd.logtail import Needle
from fjd.snapshot import JobState, Snapshot, WorkerView
from fjd.tui import chronicle, kept, sources
from fjd.tui.action import Where
from fjd.tui.backend import Backend
from fjd.tui.chronicle import Chronicle
from fjd.tui.filterline import FilterLine
from fjd.tui.findline import FindLine
from fjd.tui.follower import Follower, Found
from fjd.tui.footer import Footer
from fjd.tui.form.saving import Left
from fjd.tui.keygate import OrderedKeys
from fjd.tui.lookout import Lookout
from fjd.tui.panes.log import LogPane
from fjd.tui.parts import Parts
from fjd.tui.registry import Registry, changes
from fjd.tui.sources import Source, Tab
from fjd.tui.table import Table
from fjd.tui.taste import Taste
from fjd.tui.tones import Tone
from fjd.tui.undo import Undos
from fjd.tui.worktable import WorkTable

_DOING: ContextVar[bool] = ContextVar("doing", default=False)
"""Whether what is said is the outcome of an action."""
_RESELECT_S = 0.7
"""Where the log shows another job by itself, it does so no more often than this."""


class Desk(Parts):
    """What a person looks at all day."""

    def __init__(
        self,
        backend: Backend,
        follower: Follower,
        lookout: Lookout,
        *,
        taste: Taste | None = None,
        read_only: bool = False,
    ) -> None:
        super().__init__(follower, read_only=read_only)
        self.backend = backend
        self.taste = taste or Taste()
        self.registry = Registry(self.taste.keymap, read_only=read_only)
        self._read_only = read_only
        self._bindings = BindingsMap(self.registry.bindings())  # those of this user, and so not of the class
        self._lookout = lookout
        self.snapshot = Snapshot(spool=backend.root)
        self.hire_count = 0
        self.goes: Callable[[str], None] | None = None
        """Goes to another spool, where that can be done."""
        self.leaving = ""
        """Why nothing can be changed here any more: another spool is on its way."""
        self.undos = Undos()
        self.chronicle = Chronicle()
        self.left: Left | None = None
        """What was left in the form."""
        self._remembered = dict(backend.habits)
        self.tab = Tab.OUTPUT
        self._seen_event: int | None = None
        self._looks_at = Where.JOBS
        self._retargeted_s = 0.0

        self._say_first_steps()

    def _say_first_steps(self) -> None:
        """Let the empty panes say what to do, by the keys of this user."""

        def step(name: str, words: str) -> tuple[Text, ...]:
            key = self.registry.by_id[name].key
            return (Text.assemble((f" {key} ", "bold reverse"), " ", words),) if key and not self._read_only else ()

        makes, hires = step("jobs.new", "makes one in a form"), step("workers.hire", "hires workers to do them")
        self.jobs_pane.first_steps = makes + hires
        self.workers_pane.hint += (Text(""), *step("workers.hire", "hires some"))

    def on_mount(self) -> None:
        """Draw the first snapshot, as its user likes it."""
        for table in (self.jobs_pane, self.workers_pane):
            kept.arrange(table, self._remembered.get(table.id or ""))
            table.choose_columns(self.taste.columns.get(table.id or "", ()))
        self.show(self.backend.snapshot())
        if not self._read_only:
            self.run_worker(self._note_use())

    async def _note_use(self) -> None:
        with contextlib.suppress(FjdError):  # the list is a help, and no reason to trouble anybody
            await asyncio.to_thread(self.backend.note_use)

    @property
    def selected_worker(self) -> WorkerView | None:
        """The selected worker; in the jobs pane the one that runs the selected job, if one does."""
        job = self.jobs_pane.job
        if self.pane is self.jobs_pane and job is not None and job.state is JobState.RUNNING:
            return next(
                (worker for worker in self.snapshot.workers if worker.id == job.worker), self.workers_pane.worker
            )
        return self.workers_pane.worker

    # ---- the snapshot

    def is_stale(self, snapshot: Snapshot) -> bool:
        """Tell whether something else is on the screen than is known now."""
        return snapshot is not self.snapshot or self._lookout.latest is not self.jobs_pane.sights

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        self.snapshot = snapshot
        sights = self.jobs_pane.sights = self.workers_pane.sights = self._lookout.latest
        self._header.show(snapshot, sights)
        self.jobs_pane.show(snapshot)
        self.workers_pane.show(snapshot)
        self._lookout.want(self.jobs_pane.on_screen, snapshot.workers)
        self.chronicle.take(snapshot)
        self._mention(snapshot)
        self._retarget()
        self._offer()

    def _mention(self, snapshot: Snapshot) -> None:
        """Say the latest thing that happened and is worth a line."""
        latest = snapshot.events[-1].seq if snapshot.events else 0
        seen = self._seen_event or 0
        self._seen_event = latest
        for event in reversed(snapshot.events):
            if event.seq <= seen:
                return
            if event.kind not in chronicle.QUIET:
                self.say(event.text, chronicle.tone_of(event.kind))
                return

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message, which may hold foreign text; the outcome of an action is kept besides."""
        super().say(text, tone)
        if tone is not Tone.PLAIN and _DOING.get():
            self.chronicle.did(text, tone, time_s=time.time())

    def _offer(self) -> None:
        self._footer.offer(self)

    # ---- the actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tell whether a key means this action in the focused pane."""
        if action == "act":
            return self.where in self.registry.by_id[str(parameters[0])].where
        return super().check_action(action, parameters)

    def action_act(self, name: str) -> None:
        """Do what the registry says, or say why it cannot be done."""
        action = self.registry.by_id[name]
        if why_not := action.why_not(self) or (self.leaving if changes(action) or name == "spools" else ""):
            self.say(why_not, Tone.WARN)
            return
        doing = action.run(self)
        if inspect.iscoroutine(doing):
            self.do(doing)

    def remembered(self, topic: str) -> object:
        """Return what is remembered under a topic, None for nothing."""
        return self._remembered.get(topic)

    def remember(self, topic: str, value: object) -> None:
        """Remember a habit for the next time; what is remembered already is not written again."""
        if self._remembered.get(topic) != value and not self._read_only:
            self._remembered[topic] = value
            self.do(asyncio.to_thread(self.backend.remember, topic, value))

    def do(self, doing: Coroutine[None, None, None]) -> None:
        """Run what waits; what a user can mend is said."""
        worker = self.run_worker(self._explained(doing), group="deeds")
        if isinstance(self.app, OrderedKeys):
            self.app.await_opening(worker)

    async def _explained(self, doing: Coroutine[None, None, None]) -> None:
        _DOING.set(True)
        try:
            await doing
        except FjdError as error:
            self.say(str(error), Tone.BAD)

    @on(Footer.Clicked)
    def _clicked(self, event: Footer.Clicked) -> None:
        self.action_act(event.action.id)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text fires no keys."""
        event.stop()
        self.say("The pasted text was not taken: nothing here has a place for it.", Tone.WARN)

    # ---- the focus and the log

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        if self.where is not Where.LOG:
            self._looks_at = self.where
        self._retarget(at_once=True)
        self._offer()
        self._arrange()

    @on(WorkTable.Arranged)
    def _arranged(self, event: WorkTable.Arranged) -> None:
        self.remember(event.table.id or "", kept.arrangement(event.table))

    @on(Table.Selected)
    def _selected(self, event: Table.Selected) -> None:
        self._retarget(at_once=event.by_user)
        self._offer()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.go_to(self.log_pane)

    def turn_tab(self, step: int) -> None:
        """Show another text of the job."""
        tabs = list(Tab)
        self.show_tab(tabs[(tabs.index(self.tab) + step) % len(tabs)])

    def show_tab(self, tab: Tab) -> None:
        """Show this text of the job."""
        self.tab = tab
        self._looks_at = Where.JOBS
        self._retarget(at_once=True)

    def _retarget(self, *, at_once: bool = False) -> None:
        """Let the log show what is selected. What comes and goes by itself must not make it flicker."""
        source, current = self._source(), self.log_pane.source
        now_s = time.monotonic()
        if source.of != current.of:
            if not at_once and now_s - self._retargeted_s < _RESELECT_S:
                return  # the next snapshot comes here again
            self._retargeted_s = now_s
        self.log_pane.show_source(source)

    def _source(self) -> Source:
        worker, job = self.workers_pane.worker, self.jobs_pane.job
        if self._looks_at is Where.WORKERS and worker is not None:
            return sources.of_worker(worker)
        return sources.of_job(self.backend, job, self.tab) if job is not None else sources.NO_SOURCE

    def found(self, found: Found) -> None:
        """Take in what the follower read."""
        self.log_pane.found(found)

    # ---- the filter

    @property
    def is_typing_filter(self) -> bool:
        """Whether the filter's line is open."""
        return self._filter_line.is_open

    def open_filter(self) -> None:
        """Open the line in which the filter is typed."""
        self._filter_line.open()

    def close_filter(self, *, keep: bool) -> None:
        """Close that line; without ``keep`` all jobs are shown again."""
        self._filter_line.close(keep=keep)
        if not keep:
            self.jobs_pane.filter("")
        self.go_to(self.jobs_pane)

    @on(FilterLine.Typed)
    def _filter_typed(self, event: FilterLine.Typed) -> None:
        try:
            self.jobs_pane.filter(event.text)
        except UsageError as error:  # what was meant until now stays
            self._filter_line.tell(str(error))
        else:
            self._filter_line.tell()

    @on(FilterLine.Kept)
    def _filter_kept(self) -> None:
        self.close_filter(keep=True)

    # ---- the search in the log

    @on(FindLine.Typed)
    def _find_typed(self, event: FindLine.Typed) -> None:
        self.log_pane.seek(Needle(event.text) if event.text else None)

    @on(FindLine.Closed)
    def _find_closed(self, event: FindLine.Closed) -> None:
        self.log_pane.seek(Needle(event.text) if event.search else None)
        self.go_to(self.log_pane)
        self.log_pane.find(backwards=self.log_pane.is_held is False and bool(self.log_pane.source.path))

    @on(LogPane.Said)
    def _log_said(self, event: LogPane.Said) -> None:
        self.say(event.text, event.tone)
