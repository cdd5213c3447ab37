"""The app: it starts the threads, shows the desk, paints at most so often, and ends well however it ends."""

import asyncio
import os
import signal
import sys
import time
import traceback
from functools import partial

from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed, get_current_worker

from fjd.dispatcher import Ended
from fjd.errors import FjdError
from fjd.snapshot import Snapshot
from fjd.tui import herald, theme
from fjd.tui.backend import Backend
from fjd.tui.deeds import crew, program
from fjd.tui.desk import Desk
from fjd.tui.follower import Follower, Found
from fjd.tui.herald import Herald
from fjd.tui.keygate import OrderedKeys
from fjd.tui.lookout import Lookout
from fjd.tui.onlooker import only_looking
from fjd.tui.palette import ActionCommands
from fjd.tui.places import Hiring
from fjd.tui.taste import Taste

_CLOCK_S = 1.0
"""Times that run on the screen are drawn anew this often when nothing else is new."""
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
_PROBLEM = 1
_WIDE = 100
"""From so many cells on, the tables stand side by side."""


class FjdApp(OrderedKeys):
    """``hire_at_start`` workers are hired once the dispatcher runs. After `run`, `return_code` is the exit status."""

    CSS_PATH = "fjd.tcss"
    TITLE = "fjd"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012  # Textual's
    COMMANDS = {ActionCommands}  # noqa: RUF012  # Textual's
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMAND_PALETTE_DISPLAY = "ctrl+p"

    def __init__(
        self,
        backend: Backend,
        *,
        hire_at_start: int = 0,
        theme_name: str = "",
        taste: Taste | None = None,
        read_only: bool = False,
    ) -> None:
        super().__init__()
        self._backend = backend = only_looking(backend) if read_only else backend
        self._taste = taste = taste or Taste()
        self._hire_at_start = hire_at_start
        self._follower = Follower(self._tell_found)
        self._lookout = Lookout(backend)
        self._desk = Desk(backend, self._follower, self._lookout, taste=taste, read_only=read_only)
        self._herald = Herald(taste)
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
        return self._desk  # type: ignore[return-value]  # a screen that returns nothing

    def on_mount(self) -> None:
        """Start the threads and the clock."""
        self._listen_to_signals()
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.run_worker(self._dispatch, thread=True, name="dispatcher")
        self.run_worker(self._follow, thread=True, name="log")
        self.run_worker(self._look_out, thread=True, name="lookout")
        self.set_interval(1 / self._taste.refresh_per_s, self.tick)
        self._desk.hire_count = self._hire_at_start or os.cpu_count() or 1
        if self._hire_at_start:
            self._desk.do(crew.hire_now(self._desk, Hiring(self._hire_at_start)))

    def on_unmount(self) -> None:
        """Let the log's thread end at once."""
        self._follower.close()
        self._lookout.close()
        self.farewell = self.farewell or program.farewell(self._backend.snapshot())

    # ---- painting

    @property
    def shown(self) -> Snapshot:
        """The snapshot that is on the screen."""
        return self._desk.snapshot

    def tick(self) -> None:
        """Draw what is new. Called as often as its user wants it at most."""
        snapshot = self._backend.snapshot()
        now_s = time.monotonic()
        if not self._has_terminal():
            self.exit(return_code=128 + signal.SIGHUP)
        elif self._desk.is_stale(snapshot) or now_s - self._drawn_s >= _CLOCK_S:
            self._drawn_s = now_s
            self._desk.show(snapshot)
            if news := self._herald.news(snapshot):
                herald.call(self, self._taste.signal, news)

    def _has_terminal(self) -> bool:
        """Tell whether there still is one. Not everybody is told by SIGHUP: ``nohup`` sees to that."""
        return self.is_headless or self.is_web or os.isatty(sys.__stdin__.fileno() if sys.__stdin__ else 0)

    # ---- the threads

    def _dispatch(self) -> None:
        try:
            ended = self._backend.run(get_current_worker().cancelled_event)
        except FjdError as error:
            self._leave_from_thread(str(error))
            return
        if ended is Ended.SPOOL_GONE:
            self._leave_from_thread(f"{self._backend.root} is no spool any more: it was removed.")

    def _leave_from_thread(self, why: str) -> None:
        if self.is_running:
            self.farewell = why
            self.call_later(partial(self.exit, return_code=_PROBLEM))

    def _follow(self) -> None:
        self._follower.run(get_current_worker().cancelled_event)

    def _look_out(self) -> None:
        self._lookout.run(get_current_worker().cancelled_event)

    def _tell_found(self, found: Found) -> None:
        if self.is_running:
            self.call_later(self._desk.found, found)

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
