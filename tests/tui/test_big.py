"""A million waiting jobs cost no more than forty: the work is counted, not timed."""

from collections.abc import Callable
from dataclasses import replace

from textual.pilot import Pilot

from fjd.snapshot import Counts, JobState, JobView, Snapshot, WaitingJobs
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
MILLION = 1_000_000


class Names(tuple[str, ...]):
    """Names that count how often one of them is looked at."""

    looked = 0

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # overloads of tuple say nothing here
        type(self).looked += 1
        return super().__getitem__(index)

    def __iter__(self):  # type: ignore[no-untyped-def]
        type(self).looked += MILLION
        return super().__iter__()


class Views:
    """Makes the views of waiting jobs, and counts them."""

    made = 0

    def __call__(self, name: str) -> JobView:
        self.made += 1
        return JobView(name, JobState.WAITING, "python ajob.py")


def million(first: int = 0) -> tuple[Snapshot, Views]:
    views = Views()
    names = Names(f"job{number}.conf" for number in range(first, first + MILLION))
    Names.looked = 0
    return Snapshot(version=1, counts=Counts(waiting=MILLION), waiting=WaitingJobs(names, views)), views


async def test_a_paint_looks_at_what_is_on_the_screen(make_app: Make, backend: FakeBackend) -> None:
    snapshot, views = million()
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        height = desk.jobs_pane.size.height
        await until_shown(pilot, "waiting 1,000,000")
        paints = 0
        for keys in (["j"] * 5, ["ctrl+d"] * 5, ["G"], ["k"] * 5, ["g"]):
            for key in keys:
                views.made = Names.looked = 0
                await pilot.press(key)
                paints += 1
                assert views.made <= 3 * height, key
                assert Names.looked <= 6 * height, key
        await pilot.press("G", "k")
        assert "job999999.conf" in text_of(pilot)
        views.made = Names.looked = 0
        backend.show(replace(snapshot, counts=Counts(waiting=MILLION, done=1)))
        await until_shown(pilot, "1 done")
        assert views.made <= 4 * height
        assert Names.looked <= 8 * height


async def test_the_selection_is_found_again_at_the_same_price(make_app: Make, backend: FakeBackend) -> None:
    snapshot, _ = million()
    shifted, views = million(first=40)
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        desk.jobs_pane.move_to(500_000)
        await pilot.pause()
        Names.looked = 0
        backend.show(shifted)
        await until(pilot, lambda: desk.jobs_pane.cursor == 499_960)
        assert Names.looked <= 200 + 8 * desk.jobs_pane.size.height
        assert views.made <= 4 * desk.jobs_pane.size.height
        assert desk.jobs_pane.job
        assert desk.jobs_pane.job.name == "job500000.conf"


async def test_the_end_of_the_selected_job_is_cheap(make_app: Make, backend: FakeBackend) -> None:
    """With short jobs it comes fifteen times a second."""
    snapshot, _ = million()
    running = scenes.job("running", JobState.RUNNING, worker="w-1", since_s=scenes.now())
    async with make_app(replace(snapshot, active=(running,))).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        await end(pilot, backend, snapshot)
        assert desk.jobs_pane.cursor == 0, "nobody has moved it, so it stays at the top"
        backend.show(replace(snapshot, active=(running,)))
        await until_shown(pilot, "▶ running")
        await pilot.press("j", "k")
        await end(pilot, backend, snapshot)
        assert desk.jobs_pane.cursor == MILLION, "it was chosen, so it is followed"


async def end(pilot: Pilot[None], backend: FakeBackend, snapshot: Snapshot) -> None:
    """Let the job called "running" end, and count what it costs to see that."""
    ended = scenes.job("running", JobState.DONE, seconds=1.0)
    Names.looked = 0
    backend.show(replace(snapshot, done=(ended,), counts=Counts(waiting=MILLION, done=1)))
    await until_shown(pilot, "1 done")
    assert Names.looked < 3000


async def test_the_filter_works_in_a_thread_and_makes_no_views(make_app: Make) -> None:
    snapshot, views = million()
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await pilot.press("/")
        views.made = 0
        await pilot.press(*"99999")
        await until_shown(pilot, "/99999: 19")
        assert views.made < 30 * desk_of(pilot).jobs_pane.size.height
        await pilot.press("escape")
        await until(pilot, lambda: len(desk_of(pilot).jobs_pane.rows) == MILLION)
