"""Small, large and strange terminals: nothing is refused, and what is not shown is said."""

from collections.abc import Callable

import pytest

from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((60, 20), "60×20 is small: z gives a pane the whole screen."),
        ((60, 12), "60×12 is small: tab turns to the next pane."),
        ((80, 24), ""),
        ((300, 80), ""),
    ],
)
async def test_a_small_screen_says_so(make_app: Make, size: tuple[int, int], told: str) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        await until_shown(pilot, told or "There are no workers.")
        assert ("is small" in text_of(pilot)) is bool(told)
        assert "? help" in text_of(pilot)


async def test_a_low_screen_shows_one_pane_and_a_higher_one_all_of_them(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=(60, 12)) as pilot:
        desk = desk_of(pilot)
        for pane in (desk.workers_pane, desk.log_pane, desk.jobs_pane):
            await pilot.press("tab")
            await until(pilot, lambda: [one for one in desk.panes if one.region.height > 4] == [pane])  # noqa: B023
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: all(one.region.height > 4 for one in desk.panes))
        await pilot.press("z")
        await until(pilot, lambda: sum(one.region.height > 4 for one in desk.panes) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: all(one.region.height > 4 for one in desk.panes))


async def test_a_large_screen_is_used(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=(300, 80)) as pilot:
        desk = desk_of(pilot)
        await until(pilot, lambda: desk.jobs_pane.region.right + desk.workers_pane.region.width == 300)
        assert desk.log_pane.region.width == 300
        assert desk.log_pane.region.bottom == 78
