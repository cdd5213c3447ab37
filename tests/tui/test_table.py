"""What both tables can do: marks, ranges, orders, columns; by keys and by the mouse."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from fjd.snapshot import JobState, Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.columns import Order
from fjd.tui.jobrows import Group
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]


def first_names(pilot: Pilot[None], number: int) -> list[str]:
    jobs = desk_of(pilot).jobs_pane
    return [jobs.rows.key(index).name for index in range(number)]  # type: ignore[attr-defined]


async def test_a_range_goes_with_the_cursor_and_becomes_marks(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("j", "v", "j", "j")
        assert list(jobs.span) == [1, 2, 3]
        assert text_of(pilot).count("┃ job") == 3
        assert [job.name for job in jobs.chosen] == first_names(pilot, 4)[1:]
        await pilot.press("k", "k", "k")
        assert list(jobs.span) == [0, 1]
        await pilot.press("space")
        assert not jobs.has_range
        assert [job.name for job in jobs.chosen] == first_names(pilot, 2)
        await pilot.press("v", "j", "j", "escape")
        assert not jobs.marks
        assert not jobs.span


async def test_a_range_stays_with_its_rows(make_app: Make, backend: FakeBackend) -> None:
    start = scenes.run_in_progress()
    async with make_app(start).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("j", "v", "j")
        chosen = [job.name for job in jobs.chosen]
        new = tuple(scenes.job(f"new{n}", JobState.RUNNING, worker="w-1", since_s=scenes.now()) for n in range(7))
        backend.show(scenes.replaced(start, active=new + start.active))
        await until(pilot, lambda: jobs.cursor == 9)
        assert [job.name for job in jobs.chosen] == chosen


async def test_all_that_is_filtered_can_be_marked(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("/", *"job61", "enter", "A")
        await until(pilot, lambda: len(jobs.marks) == len(jobs.rows))
        assert len(jobs.chosen) == len(jobs.rows)
        await pilot.press("A")
        assert not jobs.marks


async def test_the_order_goes_from_column_to_column(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        usual = first_names(pilot, 9)
        await pilot.press(">")
        assert jobs.order == Order("job")
        await until(pilot, lambda: first_names(pilot, 1) == ["job5512.conf"])
        assert "job ▴" in text_of(pilot)
        await pilot.press("I")
        await until(pilot, lambda: first_names(pilot, 1) == ["notes.txt"])
        await pilot.press("<")
        await until(pilot, lambda: first_names(pilot, 9) == usual)
        await pilot.press("<")
        assert jobs.order == Order("what")


async def test_a_click_at_a_columns_name_orders_by_it(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        x = text_of(pilot).splitlines()[3].index("time")
        for order in (Order("time"), Order("time", descending=True), None):
            await pilot.click(offset=(x, 3))
            assert desk.jobs_pane.order == order
        x = text_of(pilot).splitlines()[3].index("cpu")
        await pilot.click(offset=(x, 3))
        assert desk.workers_pane.order == Order("cpu")


async def test_a_click_at_a_count_shows_these_jobs_and_again_all(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        x = text_of(pilot).splitlines()[2].index("failed 3")
        for group in (Group.FAILED, Group.ALL):
            await pilot.click(offset=(x, 2))
            assert jobs.group is group


async def test_columns_are_chosen_moved_and_ordered(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("s")
        await until_shown(pilot, "Columns")
        await pilot.press("j", "space", "j", "J", "enter", "escape")
        assert [column.name for column in jobs.columns] == ["job", "time", "worker", "what"]
        assert jobs.order == Order("worker")
        await pilot.press("2", "s", "space", "escape")
        assert desk_of(pilot).workers_pane.columns[0].name == "job"


async def test_the_last_column_stays(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=SMALL) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("s", *(["space", "j"] * 9), "escape")
        assert len(jobs.columns) >= 1
        assert "▸" in text_of(pilot)


async def test_a_wrong_filter_says_what_is_wrong_and_keeps_the_last_one(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("/", *"state:faile")
        await until_shown(pilot, "did you mean failed")
        await pilot.press("d")
        await until(pilot, lambda: len(jobs.rows) == 3)
        assert "did you mean" not in text_of(pilot)


async def test_columns_order_and_look_are_as_they_were_left(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("s", "j", "space", "escape", ">", "I", "2", ">", "t")
        await until(pilot, lambda: {"jobs", "workers", "theme"} <= set(backend.habits))
        assert backend.habits["jobs"] == {"columns": ["job", "worker", "time", "what"], "order": ["job", True]}
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        assert [column.name for column in jobs.columns] == ["job", "worker", "time", "what"]
        assert jobs.order == Order("job", descending=True)
        assert desk_of(pilot).workers_pane.order == Order("worker")


@pytest.mark.parametrize(
    "value", [None, 1, [], {"columns": 1, "order": 1}, {"columns": ["nonsense", 3], "order": ["nonsense", True]}]
)
async def test_what_is_not_understood_of_habits_is_passed_by(
    make_app: Make, backend: FakeBackend, value: object
) -> None:
    backend.habits = {"jobs": value, "workers": value, "theme": value}
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        assert [column.name for column in jobs.columns] == ["job", "state", "worker", "time", "what"]
        assert jobs.order is None
