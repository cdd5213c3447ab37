"""A real browser for a test: Chromium without a window, driven by the protocol of its developer tools."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

DEADLINE_S = 60.0
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the tests may run as root, and the page is our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-port=0",
    "--window-size=1200,720",
)


class Tab:
    """One page. ``said`` is what its console and its loader complained of, ``received`` what its websockets got."""

    def __init__(self, websocket: "aiohttp.ClientWebSocketResponse[Any]") -> None:
        self._websocket = websocket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.said: list[str] = []
        self.received = ""
        self.listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._websocket:
            event = json.loads(message.data)
            if event.get("id") in self._answers:
                self._answers.pop(event["id"]).set_result(event)
            else:
                self._note(event.get("method", ""), event.get("params", {}))

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.webSocketFrameReceived":
            frame = params["response"]
            if frame["opcode"] == 2:
                self.received += base64.b64decode(frame["payloadData"]).decode("utf-8", "replace")
        elif method == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.said.append(json.dumps(params["exceptionDetails"]))

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self._websocket.send_json({"id": number, "method": method, "params": params})
        found = await asyncio.wait_for(answer, DEADLINE_S)
        assert "error" not in found, found
        return found["result"]  # type: ignore[no-any-return]

    async def open(self, url: str) -> None:
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        await self.ask("Emulation.setFocusEmulationEnabled", enabled=True)
        await self.ask("Page.navigate", url=url)

    async def js(self, expression: str) -> Any:
        found = await self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return found["result"].get("value")

    async def type(self, text: str) -> None:
        for sign in text:
            key = {"key": sign, "windowsVirtualKeyCode": ord(sign.upper())}
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=sign, **key)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", **key)

    async def picture(self) -> bytes:
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    async def until_received(self, text: str) -> None:
        await until(
            lambda: text in self.received,
            f"{text!r} was not drawn; console: {self.said}; drawn: {self.received[-500:]!r}",
        )


async def until(condition: Any, why: str) -> None:
    """Wait for a condition, or for what it awaits, with a deadline."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + DEADLINE_S
    while True:
        value = condition()
        if await value if asyncio.iscoroutine(value) else value:
            return
        assert loop.time() < end_s, why
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def tab(place: Path) -> AsyncIterator[Tab]:
    """Start a browser with ``place`` for all that it writes, and end it afterwards."""
    profile = place / "chromium"
    environ = {**os.environ, "HOME": str(place), "XDG_CONFIG_HOME": str(place), "XDG_CACHE_HOME": str(place)}
    with (place / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            ["chromium", *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environ,
            start_new_session=True,
        )
    try:
        port_file = profile / "DevToolsActivePort"
        await until(lambda: port_file.exists() and port_file.read_text().strip(), f"no browser: see {log.name}")
        port = port_file.read_text().split()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                page = next(one for one in await response.json() if one["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as websocket:
                found = Tab(websocket)
                try:
                    yield found
                finally:
                    found.listener.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait(20)
