"""Many spools: those that were used lately, what they have, and going from one to another within one process."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.dispatcher import Ended
from fjd.errors import FjdError, SpoolGone
from fjd.snapshot import Counts
from fjd.tui.app import FjdApp
from fjd.tui.backend import Backend, Stop
from fjd.tui.dialogs.spools import Spools
from tests import crew
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown


@pytest.fixture
def other(tmp_path: Path) -> FakeBackend:
    place = tmp_path / "other"
    (place / "output").mkdir(parents=True)
    other = FakeBackend(place)
    other.show(scenes.empty())
    return other


@pytest.fixture
def make(backend: FakeBackend, other: FakeBackend) -> Callable[..., FjdApp]:
    backend.show(scenes.run_in_progress())
    backend.known_spools = (other.root, "/gone")
    backend.spools_have = {
        backend.root: Counts(waiting=3),
        other.root: Counts(waiting=12_000, handed=1, running=4, failed=7, done=9),
        "/gone": SpoolGone("there is no directory /gone"),
    }

    def open_spool(root: str) -> Backend:
        if root != other.root:
            raise SpoolGone(f"there is no directory {root}")
        return other

    return lambda **more: FjdApp(backend, theme_name="fjd", open_spool=open_spool, **more)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_what_was_used_lately_is_listed_with_its_counts(
    make: Callable[..., FjdApp], backend: FakeBackend, other: FakeBackend, size: tuple[int, int]
) -> None:
    async with make().run_test(size=size) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "12,001")
        lines = {line.split()[1]: line for line in text_of(pilot).splitlines() if "12,001" in line or "(here)" in line}
        assert any(other.root[-5:] in line and "4" in line and "7" in line for line in lines.values())
        await pilot.press("G")
        await until_shown(pilot, "there is no directory /gone")
        assert "–" in text_of(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        assert desk_of(pilot).backend is backend
    assert "spools" in backend.threads


async def test_going_to_another_leaves_the_one_and_shows_the_other(
    make: Callable[..., FjdApp], backend: FakeBackend, other: FakeBackend
) -> None:
    async with make().run_test(size=WIDE) as pilot:
        await until(pilot, backend.running.is_set)
        await pilot.press("n", *"echo", "escape", "k")  # what is left in the form goes along
        await until(pilot, lambda: desk_of(pilot).left)
        await pilot.press("o", "j", "enter")
        await until(pilot, lambda: desk_of(pilot).backend is other)
        await until_shown(pilot, "There are no jobs yet.")
        await until(pilot, other.running.is_set)
        assert not backend.running.is_set()
        assert "job6122" not in text_of(pilot)
        assert pilot.app.focused is desk_of(pilot).jobs_pane
        assert other.known_spools[0] == other.root
        await pilot.press("p")
        await until(pilot, lambda: other.asked_for("pause"))
        assert not backend.asked_for("pause")
        left = desk_of(pilot).left
        assert left is not None
        assert left.spec.executable == "echo"
        other.show(scenes.run_in_progress())
        await until_shown(pilot, "job6122")
    crew.until(lambda: not other.running.is_set())


async def test_one_that_cannot_be_opened_costs_nothing(make: Callable[..., FjdApp], backend: FakeBackend) -> None:
    async with make().run_test(size=WIDE) as pilot:
        await pilot.press("o", "G", "enter")
        await until_shown(pilot, "✗ there is no directory /gone")
        assert desk_of(pilot).backend is backend
        assert backend.running.is_set()
        await pilot.press("p")
        await until(pilot, lambda: backend.asked_for("pause"))


async def test_while_the_old_one_is_left_nothing_is_changed_there(
    make: Callable[..., FjdApp], backend: FakeBackend, other: FakeBackend
) -> None:
    let_go = threading.Event()

    def slow(stop: Stop) -> Ended:
        stop.wait()
        let_go.wait(30)
        return Ended.STOPPED

    backend.on_run = slow
    async with make().run_test(size=WIDE) as pilot:
        await pilot.press("o", "j", "enter")
        await until_shown(pilot, "Leaving ")
        for key in ("p", "o"):
            await pilot.press(key)
            await until_shown(pilot, "Another spool is on its way")
        await pilot.press("question_mark")  # what lies above the desk goes with it
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        let_go.set()
        await until(pilot, lambda: desk_of(pilot).backend is other)
        assert len(pilot.app.screen_stack) == 1
        assert not backend.asked


async def test_the_end_of_the_old_dispatcher_does_not_end_the_program(
    make: Callable[..., FjdApp], backend: FakeBackend, other: FakeBackend
) -> None:
    def gone(stop: Stop) -> Ended:
        stop.wait()
        raise FjdError("this one is over")

    backend.on_run = gone
    async with make().run_test(size=WIDE) as pilot:
        await pilot.press("o", "j", "enter")
        await until(pilot, lambda: desk_of(pilot).backend is other)
        await asyncio.sleep(0)
        assert pilot.app.is_running
        assert pilot.app.return_code is None


async def test_hostile_paths_are_shown_harmless(make: Callable[..., FjdApp], backend: FakeBackend) -> None:
    paths = tuple(f"/{name}" for name in scenes.HOSTILE)
    backend.known_spools = paths
    backend.spools_have |= {path: SpoolGone(f"there is no directory {path}") for path in paths}
    async with make().run_test(size=WIDE) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Spools))
        for _ in paths:
            await pilot.press("j")
            shown = text_of(pilot)
            assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(shown)
        assert "[red]x[/]" in shown


async def test_a_window_for_one_spool_says_so(backend: FakeBackend) -> None:
    backend.show(scenes.empty())
    async with FjdApp(backend).run_test(size=WIDE) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "This window is for one spool alone.")


async def test_a_screen_for_reading_goes_to_others_and_remembers_nothing(
    make: Callable[..., FjdApp], backend: FakeBackend, other: FakeBackend
) -> None:
    async with make(read_only=True).run_test(size=WIDE) as pilot:
        await pilot.press("o", "j", "enter")
        await until_shown(pilot, "There are no jobs yet.")
        await pilot.press("p")
        await until_shown(pilot, "for reading only")
    assert not other.asked
    assert other.root not in other.known_spools
