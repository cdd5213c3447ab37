"""The app ends at once, tells the truth by its exit status, and leaves no thread behind."""

import os
import pty
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.dispatcher import Ended
from fjd.errors import DiskError
from fjd.logtail import Change
from fjd.snapshot import Counts, Mode, Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.backend import Stop
from fjd.tui.deeds.program import farewell
from fjd.tui.follower import Follower, Found, Fresh
from fjd.tui.sources import Source
from tests import crew
from tests.crew import BIN
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import text_of, until

Make = Callable[[Snapshot], FjdApp]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_leaving_does_not_wait_for_the_dispatchers_sleep(make_app: Make, backend: FakeBackend, key: str) -> None:
    woken_s = 0.0

    def run(stop: Stop) -> Ended:
        nonlocal woken_s
        backend.running.set()
        stop.wait(600)
        woken_s = time.monotonic()
        return Ended.STOPPED

    backend.on_run = run
    app = make_app(scenes.empty())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, backend.running.is_set)
        pressed_s = time.monotonic()
        await pilot.press(key)
    assert app.return_code == 0
    deadline_s = time.monotonic() + 60
    while not woken_s and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert pressed_s < woken_s


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda stop: Ended.SPOOL_GONE, "is no spool any more: it was removed."),
        (lambda stop: (_ for _ in ()).throw(DiskError("the disk is on fire")), "the disk is on fire"),
    ],
)
async def test_a_dispatcher_that_cannot_go_on_ends_the_app(
    make_app: Make, backend: FakeBackend, run: Callable[[Stop], Ended], words: str
) -> None:
    backend.on_run = run
    app = make_app(scenes.empty())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 1
    assert words in app.farewell


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (scenes.empty(), ""),
        (Snapshot(workers=(scenes.worker("nova-1"),)), "1 worker stays hired."),
        (Snapshot(workers=(scenes.worker("nova-1", "a"),)), "1 worker goes on with what it runs."),
        (
            Snapshot(workers=(scenes.worker("nova-1", "a"), scenes.worker("nova-2", "b")), counts=Counts(waiting=3)),
            "2 workers go on with what they run; 3 jobs wait until fjd-tui or dispatcher.py runs again.",
        ),
        (Snapshot(mode=Mode.WATCHING, holder="nova:1", counts=Counts(waiting=3)), ""),
        (Snapshot(counts=Counts(waiting=1)), "1 job waits until fjd-tui or dispatcher.py runs again."),
    ],
)
def test_the_last_words(snapshot: Snapshot, words: str) -> None:
    assert farewell(snapshot) == words


@pytest.mark.parametrize("size", [(8, 4), (20, 6), (40, 12), (60, 20), (300, 80)])
async def test_every_size_of_terminal(make_app: Make, backend: FakeBackend, size: tuple[int, int]) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=size) as pilot:
        for keys in ("?", "escape", "h", "escape", "F", "escape", "colon", "escape", "n", "escape", "2", "z", "3", "G"):
            await pilot.press(keys)
        await pilot.resize_terminal(*WIDE)
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: len(text_of(pilot).splitlines()) == size[1])
    assert not backend.asked_for("fire")


def test_a_follower_ends_when_closed_and_sleeps_while_there_is_nothing_to_follow() -> None:
    found: list[Found] = []
    follower = Follower(found.append)
    thread = threading.Thread(target=follower.run, args=(threading.Event(),))
    thread.start()
    follower.watch(Source("a", "text", load=lambda: "one\ntwo"))
    deadline_s = time.monotonic() + 10
    while not found and time.monotonic() < deadline_s:
        time.sleep(0.01)
    follower.close()
    thread.join(2)
    assert not thread.is_alive()
    first = found[0]
    assert isinstance(first, Fresh)
    assert first.news.piece is not None
    assert (first.news.change, first.news.piece.lines) == (Change.ANEW, ("one", "two"))


def test_a_terminal_that_goes_away_while_the_app_is_stopped_ends_it(tmp_path: Path) -> None:
    """Hung up and continued at once: whoever begins to read again just then must not go on for ever."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BIN / "fjd-tui", tmp_path],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""

    def shows(text: bytes) -> bool:
        """Read what it shows, so that it never waits for us."""
        nonlocal shown
        if select.select([ours], [], [], 0.01)[0]:
            shown += os.read(ours, 65536)
        return text in shown

    try:
        crew.until(lambda: shows(b"dispatching"), 60)
        process.send_signal(signal.SIGTSTP)
        crew.until(lambda: shows(b"") and crew.state_of(process.pid) == "T", 60)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGCONT)
        os.close(ours)
        assert process.wait(60) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()
