"""What the screen says of an elastic crew."""

import time
from collections.abc import Callable
from dataclasses import replace

from fjd.snapshot import CrewView, Snapshot
from fjd.tui import crewline
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.look import text_of, until_shown

Make = Callable[[Snapshot], FjdApp]


def test_the_line_says_how_many_of_how_many_and_where() -> None:
    assert crewline.line(Snapshot()) == ""
    crew = CrewView("0..64", "slurm", coming=2)
    assert crewline.line(Snapshot(crew=crew)) == "crew 0 of 0..64 on slurm, 2 to come"
    assert crewline.line(Snapshot(crew=replace(crew, is_dry=True, coming=0))) == "crew 0 of 0..64 on slurm, dry run"


def test_a_pause_is_said_with_its_reason_which_is_harmless() -> None:
    crew = CrewView("0..64", "slurm", paused="slurm: no \x1b[31mquota", until=time.time() + 240.5)
    snapshot = Snapshot(crew=crew)
    assert crewline.line(snapshot).startswith("crew 0 of 0..64 on slurm · paused for 4m: slurm: no \\x1b")
    assert [words for piece in crewline.pieces(snapshot) for words, _ in piece] == ["! crew paused for 4m"]
    assert crewline.pieces(Snapshot(crew=replace(crew, paused=""))) == []


async def test_it_stands_in_the_frame_of_the_workers(make_app: Make) -> None:
    snapshot = replace(scenes.run_in_progress(), crew=CrewView("0..64", "slurm", coming=2))
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await until_shown(pilot, f"crew {len(snapshot.workers)} of 0..64 on slurm, 2 to come")


async def test_a_pause_stands_at_the_top_as_well_also_of_a_small_screen(make_app: Make) -> None:
    crew = CrewView("0..64", "slurm", paused="slurm: no [red]quota", until=time.time() + 240.9)
    async with make_app(replace(scenes.empty(), crew=crew)).run_test(size=SMALL) as pilot:
        await until_shown(pilot, "! crew paused for ")
        assert "! crew paused for " in text_of(pilot).splitlines()[0]
