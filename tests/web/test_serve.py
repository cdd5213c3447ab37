"""``fjd-tui --serve`` as it is: the real command, a real spool, requests over a real port, and a real browser."""

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

import aiohttp
import psutil
import pytest

from fjd.spool import create
from tests import needs
from tests.crew import BIN, Crew, until
from tests.web import chromium

URL = re.compile(r"http://(?P<host>[^/]+)/\?token=(?P<token>\S+)")
Websocket: TypeAlias = "aiohttp.ClientWebSocketResponse[Any]"
CHOSEN = "a-token-that-was-chosen"


class Served:
    """A running server: its process, and where it is."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        said: list[str] = []
        out: IO[str] | None = process.stdout
        assert out is not None
        while not said or "token=" not in said[-1]:
            line = out.readline()
            assert line, (said, process.stderr.read() if process.stderr else "")
            said.append(line)
        self.said = "".join(said)
        match = URL.search(self.said)
        assert match, self.said
        self.host, self.token = match["host"], match["token"]

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    @property
    def windows(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    create.open_spool(str(root))
    crew = Crew(root)
    crew.environment |= {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    yield crew
    crew.close()


@pytest.fixture
def serve(crew: Crew) -> Callable[..., Served]:
    def start(*options: str, **environ: str) -> Served:
        return Served(crew.start("fjd-tui", str(crew.root), "--serve", "0", *options, environment=environ))

    return start


@contextlib.asynccontextmanager
async def window(served: Served, token: str = "", **headers: str) -> AsyncIterator[Websocket]:
    """Open one as the page does, unless the headers say otherwise."""
    said = {"Origin": f"http://{served.host}"} | headers
    async with aiohttp.ClientSession() as session:
        url = f"ws://{served.host}/ws/{token or served.token}?width=120&height=36"
        async with session.ws_connect(url, headers=said, timeout=aiohttp.ClientWSTimeout(ws_close=60)) as websocket:
            yield websocket


async def until_drawn(websocket: Websocket, text: str) -> str:
    drawn = ""
    while text not in drawn:
        message = await websocket.receive(timeout=60)
        assert message.type is aiohttp.WSMsgType.BINARY, (message, drawn[-2000:])
        drawn += message.data.decode("utf-8", "replace")
    return drawn


async def status_of(served: Served, path: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(served.url + path, headers=headers) as response:
        await response.read()
        return response.status


def everything(root: Path) -> dict[str, object]:
    """All that a spool holds, and when it was last changed."""
    found: dict[str, object] = {}
    for path in [root, *root.rglob("*")]:
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path)] = status.st_ino, status.st_mtime_ns, status.st_ctime_ns, content
    return found


# ---- what it does


async def test_reading_changes_nothing_whatever_key_is_pressed(crew: Crew, serve: Callable[..., Served]) -> None:
    """Jobs wait, nobody dispatches: a window shows them, and not a byte of the spool is another afterwards."""
    for number in range(3):
        crew.submit(f"job{number}", "true")
    before = everything(crew.root)
    served = serve()
    assert "for reading only" in served.said
    async with window(served) as websocket:
        await until_drawn(websocket, "job2")
        for key in "hnFrKxHpPu+-e":
            await websocket.send_str(json.dumps(["stdin", key]))
            await websocket.send_str(json.dumps(["stdin", "y"]))
        await until_drawn(websocket, "for reading only")
        await websocket.send_str(json.dumps(["stdin", "?"]))
        await until_drawn(websocket, "hire workers")
    until(lambda: not served.windows)
    assert everything(crew.root) == before


async def test_with_actions_the_server_dispatches_and_windows_do_not(crew: Crew, serve: Callable[..., Served]) -> None:
    served = serve("--serve-actions")
    crew.worker()
    crew.submit("job1", "true")
    until(lambda: crew.names("done") == {"job1"})  # with no window open
    async with window(served) as one, window(served) as other:
        for websocket in (one, other):
            drawn = await until_drawn(websocket, "dispatches")
            assert "read only" not in drawn
        (crew.root / ".fjd" / "paused").exists()
        await one.send_str(json.dumps(["stdin", "p"]))
        until((crew.root / ".fjd" / "paused").exists)
        writers = [path for path in (crew.root / "journal").iterdir() if path.name.startswith("dispatcher-")]
        assert len(writers) == 1
    until(lambda: not served.windows)
    served.process.terminate()
    assert served.process.wait(30) == 128 + signal.SIGTERM
    holders = list((crew.root / ".fjd").glob("*lease*"))
    assert all(b"pid" not in path.read_bytes() for path in holders)


async def test_a_window_ends_with_its_program_and_a_program_with_its_window(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    async with window(served) as websocket:
        await until_drawn(websocket, "read only")
        await websocket.send_str(json.dumps(["stdin", "q"]))
        message = await websocket.receive(timeout=60)
        while message.type is aiohttp.WSMsgType.BINARY:
            message = await websocket.receive(timeout=60)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    until(lambda: not served.windows)
    async with window(served) as websocket:
        await until_drawn(websocket, "read only")
        (process,) = served.windows
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


async def test_a_server_that_is_killed_leaves_no_window_running(crew: Crew, serve: Callable[..., Served]) -> None:
    served = serve()
    async with window(served) as websocket:
        await until_drawn(websocket, "read only")
        windows = served.windows
        crew.kill(served.process)
    until(lambda: not any(one.is_running() for one in windows))
    assert not list((crew.root.parent / "state").rglob("crash-*"))


async def test_so_many_windows_and_no_more(serve: Callable[..., Served]) -> None:
    served = serve()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            await stack.enter_async_context(window(served))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(window(served))
        assert refused.value.status == 503


@pytest.mark.parametrize(
    "data", ["", "{}", "[]", "[1]", '["stdin"]', '["stdin", 1]', '["quit"]', "[" * 100_000, "\udcff"]
)
async def test_what_no_page_says_closes_the_window(serve: Callable[..., Served], data: str) -> None:
    served = serve()
    async with window(served) as websocket:
        await websocket.send_bytes(data.encode("utf-8", "surrogatepass"))
        while (await websocket.receive(timeout=60)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert websocket.closed
    assert await status_of(served, "") == 401


# ---- who is let in


async def test_who_is_let_in(serve: Callable[..., Served]) -> None:
    served = serve()
    page = f"?token={served.token}"
    assert await status_of(served, page) == 200
    assert await status_of(served, "") == 401
    assert await status_of(served, f"?token={served.token[:-1]}") == 401
    assert await status_of(served, page, Host="evil.example") == 403
    assert await status_of(served, page, Origin="http://evil.example") == 403
    assert await status_of(served, "static/js/textual.js") == 200
    for path in ("static/", "page/", "page/../server.py", "page/%2e%2e/server.py", "static/..%2f__init__.py"):
        assert await status_of(served, path) in (403, 404)
    port = served.host.rpartition(":")[2]
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": f"evil.example:{port}"},
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with window(served, **headers):
                pass
        assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with window(served, token="x" * 32):
            pass
    assert not served.windows


async def test_headers_that_keep_others_out(serve: Callable[..., Served]) -> None:
    served = serve()
    async with aiohttp.ClientSession() as session:
        for path in (f"?token={served.token}", "", "page/page.js", "none"):
            async with session.get(served.url + path) as response:
                assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
                assert response.headers["Referrer-Policy"] == "no-referrer"
                assert response.headers["Cache-Control"] == "no-store"
                assert "Set-Cookie" not in response.headers


async def test_no_child_is_told_the_token(crew: Crew, serve: Callable[..., Served], tmp_path: Path) -> None:
    """Neither a window nor, by way of that, a worker and its jobs."""
    file = tmp_path / "token"
    file.write_text(f"{CHOSEN}\n")
    file.chmod(0o600)
    for served in (serve(FJD_SERVE_TOKEN=CHOSEN), serve("--serve-token-file", str(file))):
        assert CHOSEN not in served.said
        async with window(served, CHOSEN) as websocket:
            await until_drawn(websocket, "read only")
            (child,) = served.windows
            words = "\0".join([*child.cmdline(), *child.environ().values(), *child.environ()])
            assert CHOSEN not in words
            assert "FJD_SERVE_TOKEN" not in words


REFUSALS = {
    "--serve 0.0.0.0:0": "a token must be chosen",
    "--serve [::]:0": "a token must be chosen",
    "--serve nova:0": "a token must be chosen",
    "--serve x": "--serve needs a port",
    "--serve-actions": "go with --serve",
    "--serve 0 --no-ui": "with --serve go",
    "--serve 0 --hire 2": "with --serve go",
    "--serve 0 --read-only --serve-actions": "with --serve go",
    "--serve 0 --serve-token-file {open}": "others can read the token",
    "--serve 0 --serve-token-file {none}": "there is no file",
    "--serve 0 --serve-token-file {short}": "lest it be guessed",
    "--serve 192.0.2.1:0 --serve-token-file {good}": "cannot serve at 192.0.2.1",
}


@pytest.mark.parametrize("options", REFUSALS)
def test_what_is_refused(crew: Crew, tmp_path: Path, options: str) -> None:
    for name, text, mode in (("open", CHOSEN, 0o644), ("short", "short", 0o600), ("good", CHOSEN, 0o600)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    words = options.format(**{name: tmp_path / name for name in ("open", "none", "short", "good")}).split()
    status, _, talk = crew.finish(crew.start("fjd-tui", str(crew.root), *words))
    assert status == 2
    assert REFUSALS[options] in talk
    assert "Traceback" not in talk


def test_without_the_extra_it_says_what_to_install(crew: Crew, tmp_path: Path) -> None:
    script = (
        "import sys\nfor name in ('textual_serve', 'aiohttp'): sys.modules[name] = None\n"
        f"from fjd.cli.tui import main\nmain([{str(crew.root)!r}, '--serve', '0'])\n"
    )
    run = subprocess.run(
        [BIN / "python", "-c", script], env=crew.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 2
    assert "pip install 'fjd[web]'" in run.stderr


def test_a_directory_that_is_no_spool_is_not_made_one_by_reading(crew: Crew, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir(mode=0o700)
    status, _, talk = crew.finish(crew.start("fjd-tui", str(plain), "--serve", "0"))
    assert status == 1
    assert "is not a spool" in talk
    assert not os.listdir(plain)


# ---- in a browser


@needs.program("chromium")
@pytest.mark.timeout(240)
async def test_in_a_real_browser(crew: Crew, serve: Callable[..., Served], tmp_path: Path) -> None:
    """The page is drawn, a key reaches it, leaving ends it; nothing comes from elsewhere, nothing is complained of."""
    crew.submit("job1", "true")
    served = serve()
    async with chromium.tab(tmp_path) as tab:
        await tab.open(served.url)
        has_focus = "document.readyState === 'complete' && document.activeElement.id === 'token'"
        await chromium.until(lambda: tab.js(has_focus), "no form asks for the token")
        await tab.type(served.token)
        is_typed = f"document.querySelector('#token').value === '{served.token}'"
        await chromium.until(lambda: tab.js(is_typed), "the token cannot be typed")
        await tab.js("document.querySelector('button').click()")
        await tab.until_received("read only")
        await tab.until_received("job1")
        await chromium.until(lambda: has_colours(tab), "nothing is seen on the page")
        await tab.type("h")
        await tab.until_received("This screen is for reading only.")
        hosts = await tab.js("performance.getEntriesByType('resource').map(one => new URL(one.name).host)")
        assert {host for host in hosts if host} == {served.host}
        assert await tab.js("document.cookie") == ""
        (tmp_path / "window.png").write_bytes(await tab.picture())
        await tab.type("q")
        await chromium.until(
            lambda: tab.js("document.body.classList.contains('-closed')"), "it does not say that it ended"
        )
        assert [words for words in tab.said if "WebGL" not in words and "401" not in words] == []
    until(lambda: not served.windows)


async def has_colours(tab: chromium.Tab) -> bool:
    """Tell whether the picture of the page shows a screen full of signs, and not a plain ground."""
    picture = await tab.picture()
    data = b"".join(
        picture[at + 8 : at + 8 + int.from_bytes(picture[at : at + 4], "big")]
        for at in (match.start() - 4 for match in re.finditer(b"IDAT", picture))
    )
    pixels = zlib.decompress(data)
    return len(pixels) - pixels.count(0) > 20_000  # the form that asks for the token has 7,000
