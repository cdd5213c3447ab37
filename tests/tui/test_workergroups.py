"""The workers in groups by host and kind: what their lines say, how they fold, and what is done to a whole group."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fjd.habits import Habits
from fjd.recruiter import How
from fjd.snapshot import Mode, Snapshot, WorkerState
from fjd.tui import workergroups, workerrows
from fjd.tui.app import FjdApp
from fjd.tui.sights import ToCome
from fjd.tui.workergroups import GroupedRows, GroupKey
from fjd.tui.workerrows import CrewLook, WorkerRows
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
CREW = (
    scenes.worker("nova-1", "job1"),
    scenes.worker("vega-1", "job2", local=False),
    scenes.worker("nova-2"),
    scenes.worker("slurm-1", "job3", host="n1", kind="slurm", local=False),
    scenes.worker("nova-3", "job4", kind="process"),
    scenes.worker("slurm-2", host="n2", kind="slurm", local=False),
    scenes.worker("nova-4", "job5"),
)
HEADS = [
    "[-] nova · process  1 busy",
    "[-] nova · screen  2 busy 1 idle",
    "[-] vega · screen  1 busy",
    "[-] slurm  1 busy 1 idle 2 pending: Resources",
]


def scene() -> Snapshot:
    return Snapshot(version=1, mode=Mode.DISPATCHING, workers=CREW)


def heads(*folded: GroupKey) -> list[str]:
    groups = workergroups.groups(CREW, {"slurm": ToCome(2, "Resources")}, set(folded))
    return [group.title for group in groups]


def test_those_of_this_host_come_first_and_those_of_schedulers_are_one_group_wherever_they_are() -> None:
    assert heads() == HEADS
    assert heads(GroupKey("vega", "screen"))[2] == "[+] vega · screen  1 busy"


def test_whom_a_scheduler_has_yet_to_start_is_a_group_where_nobody_has_come() -> None:
    (group,) = workergroups.groups([], {"gridengine": ToCome(1)})
    assert (group.title, group.workers) == ("[-] gridengine  1 pending", ())


def test_foreign_words_are_made_harmless() -> None:
    (group,) = workergroups.groups([replace(CREW[0], host="a\x1b[31mb")], {})
    (waiting,) = workergroups.groups([], {"slurm": ToCome(1, "(\x1b]0;x\x07" + "y" * 500)})
    assert "\x1b" not in group.title + waiting.title
    assert len(waiting.title) < 200


def test_rows_are_found_by_their_keys_and_those_of_a_folded_group_are_not_there() -> None:
    rows = WorkerRows(CREW, CrewLook(0.0), lost=[replace(CREW[2], id="nova-9-x", state=WorkerState.LOST)])
    grouped = GroupedRows(rows, {}, {GroupKey("nova", "screen")})
    shown = [grouped.key(index) for index in range(len(grouped))]
    assert [key for key in shown if isinstance(key, str)] == [CREW[4].id, CREW[1].id, CREW[3].id, CREW[5].id]
    assert [grouped.find(key, 0) for key in shown] == list(range(len(grouped)))
    assert grouped.find(CREW[0].id, 0) is None
    folded = grouped.group(2)
    assert folded is not None
    assert folded.title == "[+] nova · screen  2 busy 1 idle 1 lost"
    assert grouped.cells(1, workerrows.chosen(())) == rows.cells(4, workerrows.chosen(()))


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x36"])
async def test_they_are_grouped_and_folded_by_keys(make_app: Make, backend: FakeBackend, size: tuple[int, int]) -> None:
    backend.to_come = {"slurm": ToCome(2, "Resources")}
    async with make_app(scene()).run_test(size=size) as pilot:
        await until_shown(pilot, "2 to come from slurm: Resources")
        await pilot.press("2", "-")
        await until_shown(pilot, "The workers are not in groups.")
        await pilot.press("z", "b")
        for head in HEADS:
            await until_shown(pilot, head)
        await pilot.press("g", "j", "j", "j", "-")
        await until_shown(pilot, "[+] nova · screen  2 busy")
        assert "nova-2" not in text_of(pilot)
        pane = desk_of(pilot).workers_pane
        assert pane.group is not None
        assert pane.group.key == GroupKey("nova", "screen")
        await pilot.press("enter")
        await until_shown(pilot, "[-] nova · screen  2 busy")
        await pilot.press("enter", "b")
        await until(pilot, lambda: "[+]" not in text_of(pilot))
        assert pane.worker is not None


async def test_what_is_done_to_the_line_of_a_group_is_done_to_all_of_it(make_app: Make, backend: FakeBackend) -> None:
    screen = ("nova-1-a1b2c3", "nova-2-a1b2c3", "nova-4-a1b2c3")
    async with make_app(scene()).run_test(size=WIDE) as pilot:
        pane = desk_of(pilot).workers_pane
        await pilot.press("2", "b", "g", "j", "j", "-", "space")
        await until(pilot, lambda: pane.marks == set(screen))
        await pilot.press("k", "space")
        await until(pilot, lambda: not pane.marks)
        await pilot.press("A")
        await until_shown(pilot, "Marked 4 rows.")
        await pilot.press("escape", "k", "f")
        await until_shown(pilot, "Fire 3 workers?")
        await pilot.press("y")
        await until(pilot, lambda: backend.asked_for("fire"))
        assert backend.asked_for("fire") == [("fire", screen, How.NOW)]


async def test_a_double_click_folds(make_app: Make) -> None:
    async with make_app(scene()).run_test(size=WIDE) as pilot:
        await pilot.press("2", "b")
        await until_shown(pilot, HEADS[0])
        await pilot.click("#workers", offset=(10, 2), times=2)
        await until_shown(pilot, "[+] nova · process")
        assert desk_of(pilot).focused is desk_of(pilot).workers_pane


async def test_groups_are_remembered(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scene()).run_test(size=WIDE) as pilot:
        await pilot.press("2", "b", "g", "-")
        kept = {"grouped": True, "folded": [["nova", "process"]]}
        await until(pilot, lambda: kept.items() <= dict(_kept(backend.habits)).items())
    async with make_app(scene()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "[+] nova · process  1 busy")


@pytest.mark.parametrize("folded", [None, 3, [["nova"]], [["nova", 3]], [3], {"a": 1}])
async def test_what_is_remembered_wrongly_folds_nothing(make_app: Make, backend: FakeBackend, folded: object) -> None:
    backend.habits = {"workers": {"grouped": True, "folded": folded}}
    async with make_app(scene()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, HEADS[1])
        assert not desk_of(pilot).workers_pane.folded


async def test_a_screen_for_reading_only_shows_whom_a_scheduler_has_yet_to_start(tmp_path: Path) -> None:
    backend = FakeBackend(tmp_path, scene())
    backend.to_come = {"slurm": ToCome(2, "Resources")}
    async with FjdApp(backend, theme_name="fjd", read_only=True).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "2 to come from slurm: Resources")
        await pilot.press("2", "z", "b")
        await until_shown(pilot, "2 pending: Resources")


def _kept(habits: Habits) -> dict[str, object]:
    value = habits.get("workers")
    return value if isinstance(value, dict) else {}
