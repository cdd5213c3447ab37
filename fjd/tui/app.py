"""The app: it starts the threads, shows the desk, paints at most so often, and ends well however it ends."""

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial

from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed, get_current_worker

from fjd.dispatcher import Ended
from fjd.errors import FjdError, UsageError
from fjd.snapshot import Snapshot
from fjd.tui import herald, theme
from fjd.tui.backend import Backend
from fjd.tui.deeds import crew, program
from fjd.tui.follower import Found
from fjd.tui.keygate import OrderedKeys
from fjd.tui.onlooker import only_looking
from fjd.tui.palette import ActionCommands
from fjd.tui.places import Hiring
from fjd.tui.stay import Either, Stay
from fjd.tui.taste import Taste
from fjd.tui.tones import Tone

_CLOCK_S = 1.0
"""Times that run on the screen are drawn anew this often when nothing else is new."""
_REST_CLOCK_S = 5.0
"""The same while no time runs on it: half of what a screen at rest costs is to draw it."""
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
_PROBLEM = 1
_DONE_S = 10.0
"""So long another spool waits for what is being done in this one."""
_LOOK_S = 0.02
_WIDE = 100
"""From so many cells on, the tables stand side by side."""


class FjdApp(OrderedKeys, inherit_bindings=False):  # Textual's own know no keymap
    """``hire_at_start`` workers are hired once the dispatcher runs. After `run`, `return_code` is the exit status."""

    CSS_PATH = "fjd.tcss"
    TITLE = "fjd"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012  # Textual's
    COMMANDS = {ActionCommands}  # noqa: RUF012  # Textual's
    ENABLE_COMMAND_PALETTE = False
    """Textual would bind a key to it that no keymap can take away; the registry's action opens it."""

    def __init__(
        self,
        backend: Backend,
        *,
        hire_at_start: int = 0,
        theme_name: str = "",
        taste: Taste | None = None,
        read_only: bool = False,
        open_spool: Callable[[str], Backend] | None = None,
    ) -> None:
        """``open_spool`` returns the backend of another spool, or raises `FjdError`; without it there is this one."""
        super().__init__()
        self._taste = taste = taste or Taste()
        self._read_only = read_only
        self._open_spool = open_spool
        self._hire_at_start = hire_at_start
        self._stay = self._new_stay(backend)
        self._drawn_s = 0.0
        self.crash = ""
        """The traceback of what ended it, if the program did something wrong."""
        self.farewell = ""
        """What its user should read when the terminal is theirs again."""
        for one in theme.THEMES:
            self.register_theme(one)
        self.theme = theme_name or theme.chosen(
            self.console.color_system, os.environ, backend.habits.get("theme"), configured=taste.theme
        )

    def get_driver_class(self) -> type[Driver]:
        """Use a driver that lets the app end when the terminal is gone."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":  # a browser, or another system
            return usual
        from fjd.tui import driver

        return driver.Driver

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Let Textual's own themes, which do not know our meanings, have values for them too."""
        return theme.DARK.variables

    def get_default_screen(self) -> Screen[object]:
        """Show the desk."""
        return self._stay.desk  # type: ignore[return-value]  # a screen that returns nothing

    def on_mount(self) -> None:
        """Start the threads and the clock."""
        self._listen_to_signals()
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._begin(self._stay)
        self.set_interval(1 / self._taste.refresh_per_s, self.tick)
        desk = self._stay.desk
        desk.hire_count = self._hire_at_start or os.cpu_count() or 1
        if self._hire_at_start:
            desk.do(crew.hire_now(desk, Hiring(self._hire_at_start)))

    def on_unmount(self) -> None:
        """Let the threads end at once."""
        self._stay.close()
        self.farewell = self.farewell or program.farewell(self._stay.backend.snapshot())

    # ---- the spool

    def _new_stay(self, backend: Backend) -> Stay:
        if self._read_only:
            backend = only_looking(backend)
        stay = Stay(backend, self._taste, read_only=self._read_only, tell=self._tell_found)
        stay.desk.goes = self.go_to if self._open_spool else None
        return stay

    def _begin(self, stay: Stay) -> None:
        """Start the threads of a stay."""
        for name, work in (("dispatcher", self._dispatch), ("log", self._follow), ("lookout", self._look_out)):
            self.run_worker(partial(work, stay), thread=True, name=name)

    def go_to(self, root: str) -> None:
        """Show the spool at ``root`` in place of the one that is shown."""
        self.run_worker(self._go_to(root), group="spools")

    async def _go_to(self, root: str) -> None:
        """The new spool is opened first, so that one that cannot be opened costs nothing, and the old one then left."""
        old = self._stay.desk
        if self._open_spool is None or old.leaving:
            return
        old.leaving = f"Another spool is on its way; nothing is changed in {self._stay.backend.root} any more."
        try:
            await self._until_done()
            backend = await asyncio.to_thread(self._open_spool, root)
        except FjdError as error:
            old.leaving = ""
            old.say(str(error), Tone.BAD)
            return
        old.say(f"Leaving {self._stay.backend.root} …")
        self._stay.close()
        await _until(self._stay.has_ended.is_set)
        await self._show_instead(self._new_stay(backend))

    async def _show_instead(self, stay: Stay) -> None:
        old, self._stay = self._stay.desk, stay
        stay.desk.hire_count, stay.desk.left, stay.desk.tab = old.hire_count, old.left, old.tab
        while self.screen is not old:
            await self.pop_screen()
        if not old._result_callbacks:  # switch_screen takes one away, and the first screen of an app has none
            old._push_result_callback(self, None)
        await self.switch_screen(stay.desk)
        stay.desk.go_to(stay.desk.jobs_pane)
        self._begin(stay)
        stay.desk.say(f"This is {stay.backend.root}.")

    async def _until_done(self) -> None:
        """Wait for what is being done, for a moment. Raises `UsageError` when that takes longer."""
        doing = [worker for worker in self.workers if worker.group == "deeds" and not worker.is_finished]
        try:
            await asyncio.wait_for(_until(lambda: all(worker.is_finished for worker in doing)), _DONE_S)
        except asyncio.TimeoutError:
            raise UsageError("something is still being done here; try again when it is done") from None

    # ---- painting

    @property
    def shown(self) -> Snapshot:
        """The snapshot that is on the screen."""
        return self._stay.desk.snapshot

    def tick(self) -> None:
        """Draw what is new. Called as often as its user wants it at most."""
        stay = self._stay
        snapshot = stay.backend.snapshot()
        now_s = time.monotonic()
        if not self._has_terminal():
            self.exit(return_code=128 + signal.SIGHUP)
        elif stay.desk.is_stale(snapshot) or now_s - self._drawn_s >= self._clock_s:
            self._drawn_s = now_s
            stay.desk.show(snapshot)
            if news := stay.herald.news(snapshot):
                herald.call(self, self._taste.signal, news)

    @property
    def _clock_s(self) -> float:
        return _CLOCK_S if self.shown.is_moving else max(_CLOCK_S, _REST_CLOCK_S)

    def _has_terminal(self) -> bool:
        """Tell whether there still is one. Not everybody is told by SIGHUP: ``nohup`` sees to that."""
        return self.is_headless or self.is_web or os.isatty(sys.__stdin__.fileno() if sys.__stdin__ else 0)

    # ---- the threads

    def _dispatch(self, stay: Stay) -> None:
        stop = Either(stay.is_over, get_current_worker().cancelled_event)
        try:
            ended = stay.backend.run(stop)
        except FjdError as error:
            self._leave_from_thread(stay, str(error))
        else:
            if ended is Ended.SPOOL_GONE:
                self._leave_from_thread(stay, f"{stay.backend.root} is no spool any more: it was removed.")
        finally:
            stay.has_ended.set()

    def _leave_from_thread(self, stay: Stay, why: str) -> None:
        if self.is_running and stay is self._stay and not stay.is_over.is_set():
            self.farewell = why
            self.call_later(partial(self.exit, return_code=_PROBLEM))

    def _follow(self, stay: Stay) -> None:
        stay.follower.run(get_current_worker().cancelled_event)

    def _look_out(self, stay: Stay) -> None:
        stay.lookout.run(get_current_worker().cancelled_event)

    def _tell_found(self, stay: Stay, found: Found) -> None:
        if self.is_running and stay is self._stay:
            self.call_later(stay.desk.found, found)

    # ---- ending

    def _listen_to_signals(self) -> None:
        """Textual leaves the terminal as it is when one of these comes; an exit in good order mends that."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def _handle_exception(self, error: Exception) -> None:
        """Keep the traceback for the file; Textual's own would fill the terminal with local variables."""
        cause = error.error if isinstance(error, WorkerFailed) else error  # Textual's says nothing of where it was
        self.crash = self.crash or "".join(traceback.format_exception(cause))
        super()._handle_exception(error)
        self._exit_renderables.clear()


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(_LOOK_S)
