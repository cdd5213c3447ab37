"""The workers pane: what a worker does and uses, how it was lately, and who is lost."""

from collections.abc import Callable
from dataclasses import replace

from fjd.snapshot import Snapshot, WorkerState
from fjd.tui import workerrows
from fjd.tui.app import FjdApp
from fjd.tui.columns import Order
from fjd.tui.strips import CELL_S, Strips
from fjd.tui.workerrows import CrewLook, WorkerRows
from fjd.usage import Use
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until_shown

Make = Callable[[Snapshot], FjdApp]


def shown(look: CrewLook, **more: object) -> dict[str, str]:
    worker = scenes.worker("nova-1", "job1", **more)
    rows = WorkerRows([worker], look)
    columns = workerrows.chosen(())
    return {column.name: cell.text for column, cell in zip(columns, rows.cells(0, columns), strict=True)}


def test_a_row_says_what_its_job_uses() -> None:
    look = CrewLook(100.0, {"nova-1-a1b2c3": Use(1.5, 123_000_000)})
    row = shown(look, since_s=40.0, seen_s=99.0, handed=3)
    assert row | {"lately": ""} == {
        "worker": "▶ nova-1", "job": "job1 +3", "time": "1:00", "cpu": "150%", "mem": "117M", "lately": "",
        "kind": "screen", "seen": "now",
    }  # fmt: skip


def test_who_is_silent_is_said_to_be() -> None:
    row = shown(CrewLook(100.0), seen_s=80.0)
    assert row["job"] == "silent 0:20 · job1"
    assert row["seen"] == "0:20"


def test_the_strip_tells_the_last_minutes() -> None:
    strips, worker = Strips(), scenes.worker("w")
    busy = replace(worker, job="j", state=WorkerState.BUSY)
    now_s = 10 * CELL_S
    for step in range(40):
        for one in [(worker,), (worker, busy)[step % 2 :][:1], (busy,), (replace(worker, state=WorkerState.LOST),)]:
            strips.note(one, now_s + 0.25 * step)
            now_s += CELL_S if step == 0 else 0
        now_s = 10 * CELL_S
    assert len(strips.strip(worker.id, 6, 13 * CELL_S)) == 6
    strips = Strips()
    for second in range(int(3 * CELL_S)):
        strips.note([busy if CELL_S <= second < 2 * CELL_S else worker], float(second))
    assert strips.strip(worker.id, 5, 3 * CELL_S - 1) == "  ·█·"
    strips.note([], 1000.0)
    assert strips.strip(worker.id, 3, 1000.0) == "   "


def test_workers_are_in_the_order_of_any_column() -> None:
    crew = scenes.run_in_progress().workers
    look = CrewLook(scenes.now(), {crew[3].id: Use(0.5, 1), crew[1].id: Use(0.7, 2)})
    for column in workerrows.BY_NAME:
        for descending in (False, True):
            rows = WorkerRows(crew, look, order=Order(column, descending))
            assert {rows.key(index) for index in range(len(rows))} == {worker.id for worker in crew}
    rows = WorkerRows(crew, look, order=Order("cpu", descending=True))
    assert [rows.key(index) for index in range(2)] == [crew[1].id, crew[3].id]


async def test_who_is_lost_is_said_and_cannot_be_fired(make_app: Make) -> None:
    gone = scenes.worker("nova-9", since_s=scenes.now() - 5, state=WorkerState.LOST, reason="nova-9 is lost: killed")
    async with make_app(replace(scenes.empty(), lost=(gone,))).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "✗ nova-9")
        assert "1 lost" in text_of(pilot)
        await pilot.press("2", "z")
        await until_shown(pilot, "lost: killed")
        assert not desk_of(pilot).workers_pane.chosen


async def test_what_jobs_use_and_say_appears(make_app: Make, backend: FakeBackend) -> None:
    snapshot = scenes.run_in_progress()
    backend.uses = {worker.id: Use(0.97, 4 << 30) for worker in snapshot.workers}
    backend.said = {"job5803.conf": "ValueError: bad step"}
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "97%")
        await until_shown(pilot, "exit 1 · Val")
    assert "MainThread" not in backend.threads
