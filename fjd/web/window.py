"""One window in a browser: the process of `fjd-tui` behind it, started with the websocket and ended with it.

textual-serve knows how to speak with such a process. What is done otherwise here: it is started by its words and not by
way of a shell; its environment has nothing of ours; a process that ends however it may closes the window, and one that
does not end when its window is closed is made to.
"""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import Sequence

from aiohttp.web import WebSocketResponse
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

DRIVER = "fjd.tui.browser:BrowserDriver"
_LEAVING_S = 10.0
"""So long a window may take to close in order; then its process is killed."""


class Window(AppService):
    """``argv`` is the program; what it draws goes to ``websocket``."""

    def __init__(self, argv: Sequence[str], websocket: WebSocketResponse) -> None:
        super().__init__(
            "fjd-tui",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close_websocket,
            download_manager=DownloadManager(),
        )
        self._argv = argv
        self._websocket = websocket

    async def _close_websocket(self) -> None:
        await self._websocket.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        size = {"COLUMNS": str(width), "ROWS": str(height)}
        return {**os.environ, **size, "TEXTUAL_DRIVER": DRIVER, "TEXTUAL_COLOR_SYSTEM": "truecolor"}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the program. In a session of its own: ctrl+C at the server is for the server."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Pass on what is drawn, until the program ends; then the window is closed, whatever the end was."""
        await super().run()
        await self._close_websocket()

    async def stop(self) -> None:
        """End the program, in order if it does so in time."""
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._leave(self._process), _LEAVING_S)
        except asyncio.TimeoutError:  # by this name since Python 3.10 has another one for it
            self._process.kill()
            await self._process.wait()

    async def _leave(self, process: Process) -> None:
        await super().stop()
        await process.wait()
