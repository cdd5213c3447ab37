"""The main screen: what it shows, how one moves, what stays selected."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fjd.snapshot import Counts, Event, EventKind, JobState, Mode, Snapshot
from fjd.tui.actions import Where
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
BOTH = pytest.mark.parametrize("size", [SMALL, WIDE])


@BOTH
async def test_an_empty_spool_says_what_to_do_first(make_app: Make, size: tuple[int, int]) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        shown = text_of(pilot)
        assert "There are no jobs yet." in shown
        assert "n  makes one in a form" in shown
        assert "h  hires" in shown


async def test_a_spool_that_was_not_read_yet_is_not_called_empty(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(replace(scenes.empty(), mode=Mode.STARTING)).run_test(size=WIDE) as pilot:
        assert "Reading the spool" in text_of(pilot)
        assert "There are no jobs yet." not in text_of(pilot)
        backend.show(scenes.empty())
        await until_shown(pilot, "There are no jobs yet.")


@BOTH
async def test_a_run_shows_its_figures(make_app: Make, size: tuple[int, int]) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=size) as pilot:
        shown = text_of(pilot)
        for words in ("● dispatching", "6,120 done", "3 failed", "3,853 waiting", "24.1 jobs/s", "eta 2m 40s", " 61%"):
            assert words in shown, words
        assert "▶ running" in shown
        assert "nova-3" in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": Mode.PAUSED}, "‖ paused"),
        ({"mode": Mode.WATCHING, "holder": "nova:4121"}, "◌ watching; nova:4121 dispatches"),
        ({"mode": Mode.TROUBLED, "trouble": "no space left"}, "✗ in trouble: no space left"),
        ({"mode": Mode.STOPPED}, "■ stopped"),
    ],
)
async def test_the_mode_is_a_sign_and_words(make_app: Make, change: dict[str, object], words: str) -> None:
    async with make_app(replace(scenes.empty(), **change)).run_test(size=WIDE) as pilot:  # type: ignore[arg-type]
        assert words in text_of(pilot)


async def test_new_snapshots_are_drawn(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        backend.show(scenes.run_in_progress())
        await until_shown(pilot, "6,120 done")


async def test_tab_and_numbers_go_from_pane_to_pane(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        assert desk.where is Where.JOBS
        for key, where in (
            ("tab", Where.WORKERS),
            ("tab", Where.LOG),
            ("tab", Where.JOBS),
            ("shift+tab", Where.LOG),
            ("2", Where.WORKERS),
            ("1", Where.JOBS),
            ("3", Where.LOG),
            ("escape", Where.JOBS),
            ("enter", Where.LOG),
        ):
            await pilot.press(key)
            assert desk.where is where


async def test_moving_inside_a_table(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        page, last = jobs.page, len(jobs.rows) - 1
        for key, row in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("ctrl+d", page // 2), ("ctrl+u", 0),
            ("G", last), ("j", last), ("g", 0), ("pagedown", page), ("pageup", 0), ("end", last), ("home", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert jobs.cursor == row, key
            assert 0 <= jobs.cursor - jobs.scroll_offset.y < page


async def test_what_is_selected_stays_selected_while_rows_come_and_go(make_app: Make, backend: FakeBackend) -> None:
    start = scenes.run_in_progress()
    async with make_app(start).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        await pilot.press(*"jjjj")
        chosen = desk.jobs_pane.job
        assert chosen
        line = desk.jobs_pane.cursor - desk.jobs_pane.scroll_offset.y
        new = tuple(scenes.job(f"new{n}", JobState.RUNNING, worker="w-1", since_s=scenes.now()) for n in range(300))
        backend.show(replace(start, active=new + start.active))
        await until(pilot, lambda: desk.jobs_pane.cursor == 304)
        assert desk.jobs_pane.job == chosen
        assert desk.jobs_pane.cursor - desk.jobs_pane.scroll_offset.y == line
        ended = scenes.job(chosen.name, JobState.DONE, seconds=1.0)
        backend.show(replace(start, active=start.active[:4], done=(ended, *start.done)))
        await until(pilot, lambda: desk.jobs_pane.job == ended)


async def test_a_cursor_that_nobody_moved_stays_at_the_top(make_app: Make, backend: FakeBackend) -> None:
    start = scenes.run_in_progress()
    async with make_app(start).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        first = start.active[0]
        ended = scenes.job(first.name, JobState.DONE, seconds=1.0)
        backend.show(replace(start, active=start.active[1:], done=(ended, *start.done)))
        await until(pilot, lambda: desk.jobs_pane.job == start.active[1])
        assert desk.jobs_pane.cursor == 0


async def test_a_selected_row_that_is_gone_leaves_the_cursor_where_it_was(make_app: Make, backend: FakeBackend) -> None:
    start = scenes.run_in_progress()
    async with make_app(start).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        await pilot.press("2", "j", "j")
        backend.show(replace(start, workers=start.workers[:2] + start.workers[3:]))
        await until(pilot, lambda: desk.workers_pane.worker == start.workers[3])
        backend.show(replace(start, workers=start.workers[:1]))
        await until(pilot, lambda: desk.workers_pane.worker == start.workers[0])
        backend.show(replace(start, workers=()))
        await until_shown(pilot, "There are no workers.")


async def test_groups_of_jobs(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        jobs = desk_of(pilot).jobs_pane
        await pilot.press("]")
        assert {jobs.rows.key(n).name for n in range(len(jobs.rows))} == {  # type: ignore[attr-defined]
            job.name for job in scenes.run_in_progress().active if job.state is JobState.RUNNING
        }
        await pilot.press("]")
        assert len(jobs.rows) == 3
        await pilot.press("[", "[")
        assert len(jobs.rows) > 3000
        await pilot.press("[")
        assert len(jobs.rows) == 100


async def test_the_filter_counts_while_it_is_typed_and_esc_undoes_it(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        all_rows = len(desk.jobs_pane.rows)
        await pilot.press("/", *"61")
        assert "/61: 177" in text_of(pilot)
        await pilot.press("down")
        assert desk.jobs_pane.cursor == 1
        await pilot.press("enter")
        assert not desk.is_typing_filter
        assert len(desk.jobs_pane.rows) == 177
        await pilot.press("/", *"zzz")
        assert "No job here is meant by" in text_of(pilot)
        await pilot.press("escape")
        assert len(desk.jobs_pane.rows) == all_rows
        assert desk.where is Where.JOBS


async def test_marks_are_undone_before_the_focus(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        await pilot.press("2", "space", "space")
        assert [worker.short for worker in desk.workers_pane.chosen] == ["nova-1", "nova-2"]
        assert text_of(pilot).count("✓ ▶") == 2
        await pilot.press("escape")
        assert not desk.workers_pane.marks
        assert desk.pane is desk.workers_pane
        await pilot.press("escape")
        assert desk.where is Where.JOBS


async def test_the_zoom_gives_a_pane_the_screen(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=SMALL) as pilot:
        desk = desk_of(pilot)
        await pilot.press("2", "z")
        assert "Jobs" not in text_of(pilot)
        assert desk.workers_pane.size.height > 15
        await pilot.press("3")
        assert "Workers" not in text_of(pilot)
        assert desk.log_pane.size.height > 15
        await pilot.press("escape")
        assert "Jobs" in text_of(pilot)


async def test_what_happened_is_said_once(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        events = (
            Event(1, 0.0, EventKind.FAILED, "job7.conf failed: exit 3"),
            Event(2, 0.0, EventKind.WORKER_CAME, "nova-1 came"),
        )
        backend.show(replace(scenes.empty(), events=events))
        await until_shown(pilot, "✗ job7.conf failed: exit 3")
        desk_of(pilot).say("something else")
        backend.show(replace(scenes.empty(), events=events, counts=Counts(failed=1)))
        await until_shown(pilot, "1 failed")
        assert "something else" in text_of(pilot)


async def test_pause_and_resume(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("p")
        await until_shown(pilot, "Paused: nothing more is handed out")
        backend.show(replace(scenes.empty(), mode=Mode.PAUSED))
        await until_shown(pilot, "‖ paused")
        await pilot.press("p")
        await until_shown(pilot, "Handing out again.")
        assert [order[0] for order in backend.asked] == ["pause", "resume"]


async def test_a_click_selects_and_a_second_one_opens(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        await pilot.click("#jobs", offset=(5, 4))
        assert desk.jobs_pane.cursor == 2
        await pilot.click("#jobs", offset=(5, 4), times=2)
        assert desk.where is Where.LOG


async def test_nothing_of_the_disk_is_asked_on_the_apps_own_thread(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("p", "3", "]", "]", "1")
        await until(pilot, lambda: backend.asked_for("pause"))
        await pilot.press("n")
        await until_shown(pilot, "New job")
    assert "MainThread" not in backend.threads
