"""``fjd-tui --serve``: the screen in a browser, on a port of this host.

What is served only looks, unless it is said that it may act; then the server dispatches, and the windows, of which
there may be many, still do not. A token is asked for everywhere, also on the loopback address, which is every user's of
this host; one is made where none was chosen. Elsewhere than there it must have been chosen.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass

import fjd
from fjd import display, settings
from fjd.cli import say
from fjd.cli.say import Status
from fjd.dispatcher import Dispatcher, Ended, Until
from fjd.errors import FjdError, NotAJob, UsageError
from fjd.spool import create, fsio
from fjd.spool.layout import Layout

TOKEN_VARIABLE = "FJD_SERVE_TOKEN"  # noqa: S105  # the name of a variable
_TOKEN_FILE_MAX = 4096
_RUN = """\
import sys
sys.path[:] = [*filter(None, sys.path), sys.argv.pop(1)]
from fjd.cli.tui import main
main(prog_name="fjd-tui")
"""
"""Not ``python -m``, which puts the current directory first on the path, where a ``queue.py`` hides the library's."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be served, and how."""

    directory: str
    where: str
    acts: bool
    token_file: str
    mouse: bool = True


def serve(wish: Wish) -> int:
    """Serve until a signal comes, and return the exit status."""
    try:
        from fjd.web import address, gate, server
    except ImportError as error:
        raise UsageError(f"--serve needs more than is installed ({error.name}): pip install 'fjd[web]'") from error
    at = address.parse(wish.where)
    chosen = _chosen_token(wish.token_file)
    if not chosen and not at.is_loopback:
        raise UsageError(
            f"{at.host} can be reached from other hosts, and so a token must be chosen: "
            f"--serve-token-file FILE, or {TOKEN_VARIABLE}"
        )
    token = gate.checked_token(chosen) if chosen else gate.new_token()
    layout = create.open_spool(wish.directory, create=wish.acts)
    names = () if at.is_loopback else (socket.gethostname(), socket.getfqdn())
    served = server.Server(gate.Gate(token, at, names), _argv(layout, wish))

    def tell(port: int) -> None:
        kind = "for reading and acting" if wish.acts else "for reading only"
        say.say(f"Serving {display.clean(layout.root)} {kind}; ctrl+C ends it.")
        say.say(f"{at.url(port)}?token={'(the one you chose)' if chosen else token}")

    return _Run(layout if wish.acts else None).run(lambda stop: served.serve(at, stop, tell))


def _argv(layout: Layout, wish: Wish) -> list[str]:
    """Return the words that start what a window shows."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(fjd.__file__)))
    argv = [sys.executable, "-c", _RUN, home, "--dir", layout.root, "--watch"]
    return [*argv, *(() if wish.acts else ("--read-only",)), *(() if wish.mouse else ("--no-mouse",))]


def _chosen_token(path: str, environ: MutableMapping[str, str] = os.environ) -> str:
    """Return the token that somebody chose, or nothing; it is taken out of what children are given."""
    said = environ.pop(TOKEN_VARIABLE, "")
    if not path:
        return said
    try:
        contents = fsio.read_plain(path, _TOKEN_FILE_MAX)
    except (NotAJob, FjdError) as error:
        raise UsageError(f"the token cannot be read from {path}: {error}") from error
    if contents is None:
        raise UsageError(f"there is no file {path}")
    with fsio.trouble("look at", path):
        if os.stat(path).st_mode & 0o077:
            raise UsageError(f"others can read the token in {path}: chmod 600 {path}")
    return contents.data.decode("utf-8", "replace").strip()


class _Run:
    """A server, and beside it, where the windows may act, a dispatcher of the spool at ``layout`` in a thread."""

    def __init__(self, layout: Layout | None) -> None:
        self._dispatcher = Dispatcher(layout, settings.from_environment()) if layout else None
        self._status: int = Status.OK
        self._why = ""

    def run(self, serving: "Callable[[asyncio.Event], Coroutine[None, None, None]]") -> int:
        """Serve until a signal comes, or there is nothing to dispatch any more."""
        asyncio.run(self._serve(serving))
        if self._why:
            say.talk(self._why)
        return self._status

    async def _serve(self, serving: "Callable[[asyncio.Event], Coroutine[None, None, None]]") -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def end(status: int) -> None:
            self._status = status
            stop.set()

        for number in _ENDING:
            loop.add_signal_handler(number, end, 128 + number)
        halt = threading.Event()
        thread = threading.Thread(
            target=self._dispatch, args=(halt, lambda: loop.call_soon_threadsafe(end, Status.FAILED))
        )
        if self._dispatcher is not None:
            thread.start()
        try:
            await serving(stop)
        finally:
            halt.set()
            if self._dispatcher is not None:
                await asyncio.to_thread(thread.join)

    def _dispatch(self, halt: threading.Event, end: Callable[[], object]) -> None:
        """Dispatch until ``halt``; where that ends by itself, all ends."""
        assert self._dispatcher is not None  # noqa: S101  # the thread is started for it alone
        try:
            ended = self._dispatcher.run(halt, until=Until.STOPPED, paints=False, ends_halted=False)
        except FjdError as error:
            self._why = str(error)
        else:
            if ended is Ended.SPOOL_GONE:
                self._why = "the spool is no spool any more: it was removed."
        if not halt.is_set():
            end()
