"""Textual's driver for Linux, made to outlive its terminal for the moment that an orderly end takes.

When the terminal goes away (ssh is cut, the window is closed), a write gives EIO (tty_ioctl(4), "hangup"). That ends
Textual's writer thread, and the app then waits for ever to hand it the next text: a process that nobody sees would
keep the dispatcher's lease. So what is written to a terminal that is gone goes nowhere.

A continued app (SIGCONT) begins to read again even when it is just ending, and from a terminal that is gone one reads
nothing, again and again. So nothing begins after the end.

Textual leaves the terminal within the handler of SIGTSTP, and begins anew within that of SIGCONT. A handler runs
between any two steps of the program, also while it hands a text to the writer thread; whoever hands over another text
then waits for a lock that is his own. So both are put off to the app's loop, which comes to them when it is at rest.
While the terminal is lent, the loop stands still and there is nothing to leave: then the process is stopped at once.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from io import TextIOWrapper
from typing import IO, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


def may_have_mouse(environ: Mapping[str, str]) -> bool:
    """Tell whether the mouse may be asked for: not inside GNU screen.

    While a program there wants the mouse, screen (4.9) takes each ESC for the begin of what the mouse says, and holds
    it back until the next key: ``esc`` would do nothing, and then spoil another key.
    """
    return not environ.get("STY")


class Driver(LinuxDriver):
    """A `LinuxDriver` whose writer thread does not die with the terminal."""

    def __init__(self, app: App[object], **options: Any) -> None:
        super().__init__(app, **options)
        self._file = cast("TextIOWrapper", _Patient(cast("IO[str]", self._file)))
        self._has_ended = False
        self._is_away = False
        """The terminal was left for a stop, and the app's loop stands still."""

    def start_application_mode(self) -> None:
        """Begin to draw and to read, unless all is over."""
        if not self._has_ended:
            super().start_application_mode()  # type: ignore[no-untyped-call]

    def suspend_application_mode(self) -> None:
        """Leave the terminal for a while: Textual closes what it has to do with it, but this is not the end."""
        super().suspend_application_mode()
        self._has_ended = False
        self.exit_event.clear()

    def _sigtstp_application(self, *_: object) -> None:
        """Stop, having left the terminal; this is called by the signal's handler."""
        if self._auto_restart:
            asyncio.get_running_loop().call_soon_threadsafe(self._leave)
        else:
            super()._sigtstp_application()

    def _leave(self) -> None:
        self._is_away = True
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        """Go on, in whatever state the terminal is by now."""
        if self._is_away:
            self._is_away = False
            super()._sigcont_application()
        elif self._auto_restart:
            asyncio.get_running_loop().call_soon_threadsafe(self._begin_anew)

    def _begin_anew(self) -> None:
        """Take the terminal again after a stop of which nobody has told us, such as SIGSTOP.

        Who continued us may have typed by now. Textual throws away what it has not read when it leaves the terminal,
        unless it has been told before that reading is over.
        """
        if self._has_ended:
            return
        self.exit_event.set()
        if self._key_thread is not None:
            self._key_thread.join()
        self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()

    def close(self) -> None:
        """End for good, also what a signal has begun meanwhile."""
        self._has_ended = True
        super().close()
        self.exit_event.set()


class _Patient:
    """A text file of which writing never fails."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()
