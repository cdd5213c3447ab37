"""Hire, fire, retry, kill: what is asked, which keys mean yes, what is said afterwards."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fjd.errors import DiskError
from fjd.recruiter import How
from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk
from fjd.tui.dialogs.ask import Ask
from fjd.tui.dialogs.hire import HireDialog
from fjd.tui.sights import ToCome
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
BOTH = pytest.mark.parametrize("size", [SMALL, WIDE])


@BOTH
async def test_hire_asks_how_many_and_keeps_the_answer(
    make_app: Make, backend: FakeBackend, size: tuple[int, int]
) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        await pilot.press("h")
        assert "How many, on this machine?" in text_of(pilot)
        await pilot.press("3", "x", "enter")
        await until_shown(pilot, "✓ Hired 3 workers on this machine.")
        assert backend.asked == [("hire", 3)]
        await pilot.press("h", "enter")
        await until(pilot, lambda: backend.asked == [("hire", 3), ("hire", 3)])


async def test_hire_takes_numbers_only_from_one_on(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("h", "0", "enter")
        assert "Give a number from 1 on." in text_of(pilot)
        await pilot.press("backspace", "enter")
        assert isinstance(pilot.app.screen, HireDialog)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Desk)
        assert not backend.asked


async def test_hire_asks_where_and_with_which_tags(make_app: Make, backend: FakeBackend) -> None:
    backend.known_places = ("nova[red]", "slurm")
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("h")
        await until_shown(pilot, "this machine · nova[red] · slurm")
        await pilot.press("2", "up", "tab", *"gpu, 'x")
        await until_shown(pilot, "is not closed")
        await pilot.press("enter", "backspace", "backspace", "x", "enter")
        await until_shown(pilot, "✓ Hired 2 workers on slurm.")
        assert backend.asked == [("hire", 2, "slurm", ("gpu", "x"))]
        await pilot.press("h")
        await until_shown(pilot, "How many, on slurm?")
        await pilot.press("up", "tab", "ctrl+u", "enter")
        await until_shown(pilot, "✓ Hired 2 workers on this machine.")


async def test_workers_that_a_scheduler_has_yet_to_start_are_said(make_app: Make, backend: FakeBackend) -> None:
    backend.to_come = {"slurm": ToCome(3)}
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "3 to come from slurm")


async def test_what_goes_wrong_is_said(make_app: Make, backend: FakeBackend) -> None:
    backend.error = DiskError("no space left on [red]device[/]")
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("h", "enter")
        await until_shown(pilot, "✗ no space left on [red]device[/]")


@BOTH
async def test_fire_an_idle_worker(make_app: Make, backend: FakeBackend, size: tuple[int, int]) -> None:
    crew = (scenes.worker("nova-1"), scenes.worker("nova-2"))
    async with make_app(replace(scenes.empty(), workers=crew)).run_test(size=size) as pilot:
        await pilot.press("f")
        await until_shown(pilot, "Fire 1 worker?")
        await pilot.press("y")
        await until_shown(pilot, "✓ Fired 1 worker.")
        assert backend.asked == [("fire", (crew[0].id,), How.NOW)]


@pytest.mark.parametrize(("key", "how"), [("d", How.DRAIN), ("y", How.NOW), ("c", How.CANCEL)])
async def test_fire_busy_workers_offers_three_ways(make_app: Make, backend: FakeBackend, key: str, how: How) -> None:
    snapshot = scenes.run_in_progress()
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await pilot.press("2", "space", "space", "f")
        await until_shown(pilot, "Fire 2 workers?")
        shown = text_of(pilot)
        assert "nova-1 runs job6122.conf" in shown
        assert "nova-2 runs job6124.conf" in shown
        await pilot.press(key)
        await until(pilot, lambda: backend.asked)
        assert backend.asked == [("fire", tuple(one.id for one in snapshot.workers[:2]), how)]
        await until(pilot, lambda: not desk_of(pilot).workers_pane.marks)


@pytest.mark.parametrize("key", ["enter", "escape", "n", "f", "F", "space", "q"])
async def test_no_other_key_fires(make_app: Make, backend: FakeBackend, key: str) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("F")
        await until_shown(pilot, "Fire 6 workers?")
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.is_running
        assert not backend.asked
        if key in ("enter", "escape", "n", "q"):
            await until_shown(pilot, "Nobody was fired.")
        else:
            assert isinstance(pilot.app.screen, Ask)


async def test_fire_all_lists_so_many_and_counts_the_rest(make_app: Make) -> None:
    crew = tuple(scenes.worker(f"nova-{n}", f"job{n}" if n % 2 else "") for n in range(40))
    async with make_app(replace(scenes.empty(), workers=crew)).run_test(size=SMALL) as pilot:
        await pilot.press("F")
        await until_shown(pilot, "Fire 40 workers?")
        shown = text_of(pilot)
        assert "and 14 more busy workers" in shown
        assert "20 others are idle" in shown


async def test_a_click_answers(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("f")
        await until_shown(pilot, "stop now")
        lines = text_of(pilot).splitlines()
        row = next(number for number, line in enumerate(lines) if "stop now; its job" in line)
        await pilot.click(offset=(lines[row].index("stop now"), row))
        await until(pilot, lambda: backend.asked)
        assert backend.asked[0][2] is How.NOW


async def test_retry_one_at_once_and_many_when_asked(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("]", "]", "r")
        await until_shown(pilot, "✓ Back in the queue: job5803.conf.")
        await pilot.press("space", "space", "space", "r")
        await until_shown(pilot, "Retry 3 jobs?")
        await pilot.press("enter")
        assert len(backend.asked_for("retry")) == 1
        await pilot.press("r", "y")
        await until(pilot, lambda: len(backend.asked_for("retry")) == 4)


async def test_kill_a_running_and_a_waiting_job(make_app: Make, backend: FakeBackend) -> None:
    snapshot = scenes.run_in_progress()
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        desk.jobs_pane.marks = {desk.jobs_pane.rows.key(0), desk.jobs_pane.rows.key(9)}
        await pilot.press("K")
        await until_shown(pilot, "Kill 2 jobs?")
        shown = text_of(pilot)
        assert "job6122.conf, job6127.conf" in shown
        assert "1 job of these will be stopped." in shown
        assert "1 job will be taken out of the queue." in shown
        await pilot.press("K", "enter")
        await until_shown(pilot, "Nothing was killed.")
        await pilot.press("K", "y")
        await until_shown(pilot, "✓ Killed: job6122.conf, job6127.conf.")
        assert backend.asked == [("kill", snapshot.workers[0].id, "job6122.conf"), ("cancel", "job6127.conf")]


async def test_attach_says_why_it_cannot(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("2", "j", "a")
        await until_shown(pilot, "✗ nova-1 was started by hand, and has no session to attach to")
        assert backend.asked == [("attach", scenes.run_in_progress().workers[1].id)]
