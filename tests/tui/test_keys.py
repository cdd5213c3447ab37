"""Every key of the registry, pressed in a real terminal: in tmux, and in GNU screen inside of it.

The app is the real one on a spool that is none; what an action would do is not done, but written down.
"""

import os
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from fjd.tui.actions import ACTIONS, Action, Where
from tests import needs
from tests.crew import BIN, until
from tests.tui.conftest import WIDE
from tests.tui.terminal import DEADLINE_S, Terminal

pytestmark = [needs.program("tmux"), needs.program("screen")]

ROOT = Path(__file__).parents[2]
PANES = {Where.JOBS: "1", Where.WORKERS: "2", Where.LOG: "3"}
SCRIPT = """\
import os, sys
sys.path.insert(0, {root!r})
from fjd.tui.driver import may_have_mouse
from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk
from tests.tui import scenes
from tests.tui.fake_engine import FakeBackend
from pathlib import Path
usual = Desk.action_act
def noted(self, name):
    with open({log!r}, "a") as log:
        print(self.where.value, name, file=log)
    if name in ("pane.jobs", "pane.workers", "pane.log"):
        usual(self, name)
Desk.action_act = noted
FjdApp(FakeBackend(Path({place!r}), scenes.run_in_progress()), theme_name="fjd").run(mouse=may_have_mouse(os.environ))
"""
TMUX_NAMES = {
    "escape": "Escape", "enter": "Enter", "tab": "Tab", "shift+tab": "BTab", "space": "Space",
    "up": "Up", "down": "Down", "left": "Left", "right": "Right",
    "home": "Home", "end": "End", "pageup": "PageUp", "pagedown": "PageDown",
}  # fmt: skip
MULTIPLEXERS = ["tmux", "screen"]


def tmux_name(key: str) -> str:
    """Return what tmux calls a key of Textual's."""
    if key.startswith("ctrl+"):
        return f"C-{key.removeprefix('ctrl+')}"
    return TMUX_NAMES.get(key, key)


def test_tmux_has_a_name_for_every_key() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert len(key) == 1 or tmux_name(key) != key, key


class Noted:
    """A terminal in which the app runs, and what its keys have meant."""

    def __init__(self, terminal: Terminal, place: Path, multiplexer: str) -> None:
        self.terminal = terminal
        self.log = place / "noted"
        self.log.touch()
        script = place / "app.py"
        script.write_text(SCRIPT.format(root=str(ROOT), log=str(self.log), place=str(place)))
        command = shlex.join([str(BIN / "python"), str(script)])
        terminal.run(f"screen -c /dev/null -m {command}" if multiplexer == "screen" else command)
        terminal.until_shown("? help", "job6122")

    @property
    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def press(self, key: str) -> list[str]:
        """Press one key, and return what has come of it."""
        before = len(self.lines)
        self.terminal.tmux("send-keys", tmux_name(key))
        end_s = time.monotonic() + DEADLINE_S
        while len(self.lines) == before:
            assert time.monotonic() < end_s, f"{key} does not arrive"
            time.sleep(0.01)
        return self.lines[before:]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Noted]]:
    place = tmp_path / "app"
    (place / "output").mkdir(parents=True)
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    terminal = Terminal(tmp_path, WIDE, {"SCREENDIR": str(sockets), "XDG_STATE_HOME": str(tmp_path / "state")})
    yield lambda multiplexer: Noted(terminal, place, multiplexer)
    pids = [int(socket.name.partition(".")[0]) for socket in sockets.iterdir()]
    below = [
        process for pid in pids for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    ]
    terminal.close()
    for pid in pids:  # a screen whose terminal is gone detaches, and goes on
        os.kill(pid, signal.SIGTERM)
    until(lambda: not any(process.is_running() for process in below))


@pytest.mark.parametrize("multiplexer", MULTIPLEXERS)
def test_every_key_arrives_and_means_what_the_registry_says(start: Callable[[str], Noted], multiplexer: str) -> None:
    noted = start(multiplexer)
    for where, pane in PANES.items():
        noted.press(pane)
        for action, key in keys_of(where):
            assert noted.press(key) == [f"{where.value} {action.id}"], (key, noted.terminal.screen())


def keys_of(where: Where) -> Iterator[tuple[Action, str]]:
    """All keys that mean something in a pane, but those that lead out of it."""
    for action in ACTIONS:
        if where in action.where and action.id not in ("pane.jobs", "pane.workers", "pane.log"):
            for key in action.keys:
                yield action, key


@pytest.mark.parametrize("multiplexer", MULTIPLEXERS)
def test_a_pasted_text_is_no_key(start: Callable[[str], Noted], multiplexer: str) -> None:
    noted = start(multiplexer)
    noted.terminal.paste("qFyh3\nn")
    noted.terminal.until_shown("The pasted text was not taken")
    assert noted.press("x") == ["jobs jobs.cancel"]
    assert len(noted.lines) == 1
