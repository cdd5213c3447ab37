"""Pictures of the screens, compared with those that were approved: ``pytest --snapshot-update`` takes new ones.

They are of Textual as it is pinned for the tests; another version may draw the same in other words.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fjd.errors import SpoolGone
from fjd.jobfile import JobSpec
from fjd.snapshot import Counts, Snapshot
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, until, until_shown, until_still

SCENES: dict[str, tuple[Callable[[], Snapshot], tuple[str, ...], str]] = {
    "empty": (scenes.empty, (), "There are no jobs yet."),
    "run": (scenes.run_in_progress, ("j", "k"), "step 140/400"),
    "worker": (scenes.run_in_progress, ("2", "j", "space"), "started by hand"),
    "groups": (scenes.run_in_progress, ("2", "b", "j"), "[-] nova · screen"),
    "failure": (scenes.run_in_progress, ("]", "]", "G"), "It failed: there is no [control]"),
    "filter": (scenes.run_in_progress, ("/", *"61"), "/61: 177"),
    "form": (scenes.run_in_progress, ("n", *"python ajob.py", "tab", *"data/#1"), "✗ holds a #"),
    "path": (scenes.run_in_progress, ("n", *"python train.py", "tab", *"ou"), "output/"),
    "templates": (scenes.run_in_progress, ("n", "ctrl+g", "j"), "python ajob.py"),
    "spools": (scenes.run_in_progress, ("o", "G"), "there is no directory /srv/gone"),
    "hire": (scenes.empty, ("h",), "8 cores here."),
    "fire": (scenes.run_in_progress, ("2", "space", "space", "f"), "Fire 2 workers?"),
    "help": (scenes.run_in_progress, ("?",), "hire workers"),
    "hostile": (scenes.hostile, ("j", "j"), "watching; "),
}


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x36"])
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.usefixtures("stopped_clock")
def test_picture(
    scene: str, size: tuple[int, int], snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr("fjd.tui.app._CLOCK_S", 1e9)
    make, keys, shown = SCENES[scene]
    backend = FakeBackend(tmp_path, make())
    scenes.furnish(backend)
    furnish_dialogs(backend)
    output = tmp_path / "output"
    output.mkdir()
    monkeypatch.setattr(backend, "output_path", lambda job: str(output / f"{job.name}.out"))
    steps = (f"step {step:3}/400  loss {1 / (step + 1):.4f}\n" for step in range(141))
    (output / "job6122.conf.out").write_text("".join(steps))

    async def prepare(pilot: Pilot[None]) -> None:
        await pilot.pause()
        if make is scenes.run_in_progress:  # the log shines through at the sides of a dialog
            await until(pilot, lambda: not desk_of(pilot).log_pane.has_no_lines)
            await until(pilot, lambda: has_looked(pilot, backend))
        await press(pilot, keys)
        await until_shown(pilot, shown)
        if make is scenes.run_in_progress:
            await until(pilot, lambda: has_looked(pilot, backend))
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        await until_still(pilot)

    app = FjdApp(backend, theme_name="fjd", open_spool=lambda _root: backend)
    assert snap_compare(app, terminal_size=size, run_before=prepare)


def furnish_dialogs(backend: FakeBackend) -> None:
    """Let there be other spools, templates, and a path to complete; the spool has the same path in each run."""
    backend.root = "/srv/ada/exp/brute"
    backend.on_complete = lambda typed: "output/" if typed == "ou" else ""
    long = "/srv/ada/projects/a-project-with-a-long-name/experiments/2026-11/seeds"
    backend.known_spools = ("/srv/ada/exp/brute-2", long, "/srv/gone")
    backend.spools_have = {
        backend.root: Counts(3852, 1, 5, 6120, 3),
        "/srv/ada/exp/brute-2": Counts(waiting=12_000, handed=1, running=4, failed=7, done=9),
        long: Counts(done=1_200_000),
        "/srv/gone": SpoolGone("there is no directory /srv/gone"),
    }
    backend.keep_template("a net", JobSpec("python train.py --fast --config configs/of-a-large-net.yaml --seed 1"))
    backend.keep_template("seeds", JobSpec("python ajob.py", params=(("seed", "1..5"),)))


def has_looked(pilot: Pilot[None], backend: FakeBackend) -> bool:
    """Tell whether all is seen that the lookout looks at."""
    jobs = desk_of(pilot).jobs_pane
    names, sights = {job.name for job in jobs.on_screen}, jobs.sights
    seen = {*sights.said, *sights.progress, *sights.use}
    return jobs.page > 4 and seen >= {*(names & {*backend.said, *backend.reports}), *backend.uses}


async def press(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    """Press the keys; a dialog that a key opens by way of a thread is waited for."""
    for key in keys:
        depth = len(pilot.app.screen_stack)
        await pilot.press(key)
        if (key in ("n", "f", "h", "o", "?") and depth == 1) or key == "ctrl+g":
            await until(pilot, partial(is_deeper, pilot, depth))


def is_deeper(pilot: Pilot[None], depth: int) -> bool:
    return len(pilot.app.screen_stack) > depth
