"""The server: a page, what it needs, and a websocket for each window. Everything passes `fjd.web.gate` first."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web

from fjd import display
from fjd.errors import UsageError
from fjd.web.address import Address
from fjd.web.gate import Gate
from fjd.web.window import Window

_PAGE = Path(__file__).parent / "page"
_STATIC = Path(textual_serve.__file__).parent / "static"
_WINDOWS_MAX = 8
"""Each is a process that looks at the spool. More than these are refused, lest a page that is loaded again and again
take the whole machine."""
_HEARTBEAT_S = 15.0
_MESSAGE_MAX = 1 << 20
_CLOSING_S = 15.0
_CELLS_MAX = 1000
_HEADERS = {
    # What the page needs is here; xterm.js sets styles of its own.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page has the token in it
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Server:
    """Serves windows in which ``argv`` runs to whom ``gate`` lets in."""

    def __init__(self, gate: Gate, argv: Sequence[str], *, windows_max: int = _WINDOWS_MAX) -> None:
        self._gate = gate
        self._argv = argv
        self._windows_max = windows_max
        self._websockets: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        """Return it for aiohttp."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/ws/{token}", self._window),
                web.static("/static", _STATIC),
                web.static("/page", _PAGE),
            ]
        )
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._close)
        return app

    async def serve(self, at: Address, stop: asyncio.Event, tell: Callable[[int], None]) -> None:
        """Serve until ``stop``; ``tell`` is called with the port when it begins. Raises `UsageError`."""
        # Without a log of requests: their addresses have the token in them.
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=_CLOSING_S)
        await runner.setup()
        try:
            await self._listen(runner, at)
            tell(runner.addresses[0][1])
            await stop.wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner, at: Address) -> None:
        try:
            await web.TCPSite(runner, at.bound, at.port).start()
        except OSError as error:  # taken, forbidden, or no address of this host
            why = display.clean(error.strerror or str(error))
            raise UsageError(f"cannot serve at {at.host}, port {at.port}: {why}") from error

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        is_window = request.path.startswith("/ws/")
        if why_not := self._gate.why_not(request.host, request.headers.get("Origin"), is_window=is_window):
            raise web.HTTPForbidden(text=f"fjd: {why_not}\n")
        return await handler(request)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if self._gate.knows(request.query.get("token", "")):
            return web.FileResponse(_PAGE / "index.html")
        return web.FileResponse(_PAGE / "login.html", status=401)

    async def _window(self, request: web.Request) -> web.StreamResponse:
        if not self._gate.knows(request.match_info["token"]):
            raise web.HTTPForbidden(text="fjd: this is not the token\n")
        if len(self._websockets) >= self._windows_max:
            raise web.HTTPServiceUnavailable(text=f"fjd: there are {self._windows_max} windows already\n")
        websocket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=_MESSAGE_MAX)
        self._websockets.add(websocket)
        try:
            await websocket.prepare(request)
            await self._show(websocket, *_size(request))
        finally:
            self._websockets.discard(websocket)
        return websocket

    async def _show(self, websocket: web.WebSocketResponse, width: int, height: int) -> None:
        window = Window(self._argv, websocket)
        try:
            await window.start(width, height)
            async for message in websocket:
                if message.type is not WSMsgType.TEXT or not await _take(window, websocket, message.data):
                    return
        finally:
            await window.stop()
            await websocket.close()

    async def _close(self, _app: web.Application) -> None:
        """End all windows; aiohttp then waits until their processes have."""
        for websocket in list(self._websockets):
            await websocket.close(code=WSCloseCode.GOING_AWAY)


async def _take(window: Window, websocket: web.WebSocketResponse, data: str) -> bool:
    """Do what a page asks for, by a list of a word and a value; False for what no page of ours asks."""
    try:
        match json.loads(data):
            case ["stdin", str(text)]:
                await window.send_bytes(text.encode("utf-8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await window.set_terminal_size(_bounded(width), _bounded(height))
            case ["ping", str(sent)]:
                await websocket.send_json(["pong", sent])
            case ["focus"]:
                await window.focus()
            case ["blur"]:
                await window.blur()
            case _:
                return False
    except (ValueError, RecursionError):
        return False
    return True


def _size(request: web.Request) -> tuple[int, int]:
    """Return how many columns and lines the page has room for, as far as it says so."""
    said = request.query.get("width", ""), request.query.get("height", "")
    width, height = (_bounded(int(text)) if text.isdecimal() and len(text) < 9 else 0 for text in said)
    return width or 80, height or 24


def _bounded(cells: int) -> int:
    """Return a size that a screen may have: a million cells of width would be a million cells to draw."""
    return max(1, min(cells, _CELLS_MAX))


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
