"""Workers in detached GNU screen sessions, which a person can look into with ``screen -x``.

What was measured with screen 4.9 and is built on here:

- ``-S name`` takes any session whose name *begins* so: only ``PID.name`` is an address.
- With ``-DmS`` screen does not fork, so the process that we start is the session's server, and its pid is known at
  once. With ``-dmS`` one would have to search for it, and could not tell two sessions of one name apart.
- ``-Logfile`` expands ``%``, fails silently with a long path or odd characters in it, and is written every 10 s. So
  screen is started where the log is to be and given its plain name, and an rc file says ``logfile flush 0``.
- That the command does not exist shows only in the log; exit statuses tell nothing.
- ``-X quit`` closes the terminal, sends HUP to the worker and no more; a server that was stopped does not answer it.
"""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from functools import cached_property

from fjd import identity
from fjd.errors import HireError
from fjd.hiring import processes, screen_place
from fjd.hiring.processes import Process
from fjd.hiring.screen_place import Place
from fjd.spool import fsio
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout

_RC = b"""\
# Of the workers' screen sessions; written anew by the recruiter.
startup_message off
defscrollback 10000
defutf8 on
autodetach on
# The log is followed while it grows.
logfile flush 0
"""
_GO_THERE = 'cd -- "$0" && exec "$@"'
_EMPTY_S = 1.0
"""A server whose last window has closed is gone after this time."""


class ScreenBackend:
    """Hires workers in screen sessions, for the spool of ``layout``. A handle is ``PID.name``."""

    kind = "screen"

    def __init__(self, layout: Layout, environ: Mapping[str, str] | None = None) -> None:
        self._layout = layout
        self._environ = os.environ if environ is None else environ
        self._started: dict[str, Process] = {}

    def available(self) -> str:
        if shutil.which("screen", path=self._environ.get("PATH")) is None:
            return "screen is not installed"
        return f"screen does not work here ({self._place})" if isinstance(self._place, str) else ""

    def names(self) -> frozenset[str]:
        return frozenset().union(*(place.names(self._environ) for place in screen_place.known(self._environ)))

    def start(self, command: Sequence[str], *, name: str, log: str, cwd: str, env: Mapping[str, str]) -> str:
        if isinstance(self._place, str):
            raise HireError(self.available())
        directory, file = os.path.split(log)
        screen = ["screen", "-c", self._rc, "-L", "-Logfile", file.replace("%", "%%"), "-DmS", name]
        server = processes.spawn(
            [*screen, "/bin/sh", "-c", _GO_THERE, cwd, *command],
            log=log,
            cwd=directory,
            env=self._place.environment(env),
        )
        handle = f"{server.pid}.{name}"
        self._started[handle] = server
        return handle

    def is_running(self, handle: str) -> bool:
        return self._server(handle) is not None

    def end(self, handle: str, *, grace_s: float) -> None:
        server = self._server(handle)
        if server is None:
            return
        # First the worker, while its terminal is there: after "quit" its last words would be in no log.
        processes.end(processes.children(server.pid), grace_s=grace_s)
        server.signal(signal.SIGCONT)
        if not processes.wait_until(lambda: not server.lives(), _EMPTY_S):
            self._quit(handle)
            processes.end([server], grace_s=_EMPTY_S)

    def handle_of(self, announcement: Announcement) -> str:
        return announcement.session

    def attach_argv(self, handle: str) -> list[str]:
        place = self._place_of(handle)
        if place is None or not self.is_running(handle):
            raise HireError(f"there is no screen session {handle} any more")
        return [*place.prefix(os.environ), "screen", "-x", handle]

    @cached_property
    def _place(self) -> Place | str:
        return screen_place.usable(self._environ)

    @cached_property
    def _rc(self) -> str:
        path = f"{self._layout.private}/screenrc"
        fsio.publish(self._layout.tmp, path, _RC, replace=True)
        return path

    def _place_of(self, handle: str) -> Place | None:
        return next((place for place in screen_place.known(self._environ) if place.has(handle)), None)

    def _server(self, handle: str) -> Process | None:
        """Return the session's living server. One that we did not start is known by the name in its command line."""
        if handle in self._started:
            server = self._started[handle]
            return server if server.lives() else None
        pid, _, name = handle.partition(".")
        started = identity.start_time(int(pid)) if pid.isdecimal() else None
        if started is None or name not in processes.command_line(int(pid)):
            return None
        return Process(int(pid), started)

    def _quit(self, handle: str) -> None:
        place = self._place_of(handle)
        if place is not None:
            processes.ask(["screen", "-S", handle, "-X", "quit"], place.environment(self._environ))
