"""What the actions on waiting jobs do, what they ask before, and that the last of them can be taken back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fjd.errors import FjdError
from fjd.recruiter import How
from fjd.snapshot import Counts, JobState, Snapshot, WaitingJobs
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]


def waiting(count: int = 3, state: JobState = JobState.WAITING) -> Snapshot:
    names = tuple(f"job{number}" for number in range(1, count + 1))
    view = WaitingJobs(names, lambda name: scenes.job(name, state))
    return replace(scenes.empty(), counts=Counts(waiting=count), waiting=view)


async def confirm(pilot: Pilot[None], question: str) -> None:
    await until_shown(pilot, question)
    await pilot.press("y")


async def test_cancel_asks_and_undo_brings_back(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(waiting()).run_test(size=WIDE) as pilot:
        await pilot.press("j", "v", "j", "x")
        await until_shown(pilot, "Cancel 2 jobs?")
        assert "job2, job3" in text_of(pilot)
        await pilot.press("enter")
        await until_shown(pilot, "Nothing was cancelled.")
        assert not backend.asked_for("cancel")
        await pilot.press("x")
        await confirm(pilot, "Cancel 2 jobs?")
        await until_shown(pilot, "Cancelled: job2, job3. u undoes it.")
        await pilot.press("u")
        await until_shown(pilot, "Undone, cancelling 2 jobs: job2, job3.")
        assert sorted(backend.asked_for("retry")) == [("retry", "job2"), ("retry", "job3")]
        await pilot.press("u")
        await until_shown(pilot, "There is nothing to undo")


async def test_a_held_job_that_was_cancelled_is_held_again(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(waiting(1, state=JobState.HELD)).run_test(size=WIDE) as pilot:
        await pilot.press("x")
        await confirm(pilot, "Cancel 1 job?")
        await until_shown(pilot, "Cancelled: job1.")
        await pilot.press("u")
        await until_shown(pilot, "Undone")
        assert [order[0] for order in backend.asked] == ["cancel", "retry", "hold"]


@pytest.mark.parametrize(
    ("key", "order", "said", "back"),
    [
        ("H", ("hold", "job1"), "Held: job1.", ("release", "job1")),
        ("+", ("raise_priority", "job1", 1), "Priority raised by one: job1.", ("revert", "job1")),
        ("-", ("raise_priority", "job1", -1), "Priority lowered by one: job1.", ("revert", "job1")),
    ],
)
async def test_what_is_easily_undone_is_done_at_once(
    make_app: Make, backend: FakeBackend, key: str, order: tuple[object, ...], said: str, back: tuple[object, ...]
) -> None:
    async with make_app(waiting()).run_test(size=WIDE) as pilot:
        await pilot.press(key)
        await until_shown(pilot, said)
        await pilot.press("u")
        await until_shown(pilot, "Undone")
        assert backend.asked == [order, back]


async def test_many_are_asked_for(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(waiting(40)).run_test(size=WIDE) as pilot:
        await pilot.press("A")
        await until(pilot, lambda: desk_of(pilot).jobs_pane.marks)
        await pilot.press("H")
        await confirm(pilot, "Hold 40 jobs?")
        await until(pilot, lambda: len(backend.asked_for("hold")) == 40)
        assert not desk_of(pilot).jobs_pane.marks


async def test_held_jobs_are_released_by_the_same_key(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(waiting(1, state=JobState.HELD)).run_test(size=WIDE) as pilot:
        await pilot.press("H")
        await until_shown(pilot, "Released: job1.")
        await pilot.press("u")
        await until(pilot, lambda: backend.asked == [("release", "job1"), ("hold", "job1")])


async def test_what_goes_wrong_is_said_once_with_its_number(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(waiting()).run_test(size=WIDE) as pilot:
        backend.error = FjdError("job does not wait any more")
        await pilot.press("v", "G", "+")
        await until_shown(pilot, "job does not wait any more (and 2 more like this)")
        assert desk_of(pilot).undos.last is None


async def test_drain_lets_the_chosen_workers_leave(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("2", "d")
        await confirm(pilot, "Drain 1 worker?")
        await until_shown(pilot, "1 worker will leave")
        assert backend.asked_for("fire") == [("fire", ("nova-1-a1b2c3",), How.DRAIN)]


async def test_freeze_asks_and_thaw_is_beside_it(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("P")
        await confirm(pilot, "Freeze all that runs?")
        await until_shown(pilot, "Frozen: 6 workers.")
        await pilot.press("P")
        await until_shown(pilot, "Freeze all")
        await pilot.press("t")
        await until_shown(pilot, "Thawed: 6 workers.")
        await pilot.press("P")
        await until_shown(pilot, "Freeze all")
        await pilot.press("P")
        await pilot.press("escape")
        await until_shown(pilot, "Nothing was frozen.")
        assert [order[0] for order in backend.asked] == ["freeze", "thaw"]


async def test_names_and_paths_are_copied_as_a_shell_reads_them(make_app: Make) -> None:
    names = WaitingJobs(("job1", "two\nlines"))
    snapshot = replace(scenes.empty(), counts=Counts(waiting=2), waiting=names)
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await pilot.press("v", "j", "y")
        await until_shown(pilot, "Copied 2 names")
        assert pilot.app.clipboard == "job1\n'two\nlines'"
        await pilot.press("escape", "g", "Y")
        await until_shown(pilot, "Copied the path")
        assert pilot.app.clipboard.endswith("/jobqueue/job1")


async def test_a_picture_is_saved_and_the_look_changes(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+s")
        await until_shown(pilot, "The screen is in")
        assert backend.asked_for("save_picture") == [("save_picture", True)]
        for look in ("fjd-light", "fjd-ansi", "fjd"):
            await pilot.press("t")
            assert pilot.app.theme == look
