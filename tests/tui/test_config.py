"""``[tui]`` of the configuration file: what it says is done, and every mistake is told with line and nearest name."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fjd.errors import ConfigurationError
from fjd.snapshot import JobState, JobView, Snapshot
from fjd.tui import config, theme
from fjd.tui.actions import ACTIONS
from fjd.tui.app import FjdApp
from fjd.tui.dialogs.ask import Ask
from fjd.tui.registry import READ_ONLY, Registry, changes
from fjd.tui.taste import Confirm, Signal, Taste
from tests.crew import BIN
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        config.parse(text, path="c.ini")
    return list(caught.value.sentences)


def test_nothing_said_is_as_usual() -> None:
    assert config.parse("") == Taste() == config.parse("[defaults]\nnice = 1\n[dispatch]\nhalt = 3\n")


def test_the_default_file_says_the_defaults_and_names_every_action() -> None:
    text = config.default_text()
    assert config.parse(text) == Taste()
    lines = [line.strip() for line in text.splitlines()]
    for action in ACTIONS:
        assert f"# {action.id} = {' '.join(action.keys)}" in lines
        assert f"# {action.sentence}" in lines
    said = "\n".join(line.removeprefix("# ") if " =" in line else line for line in lines)
    assert config.parse(said) == Taste()


def test_what_is_said() -> None:
    taste = config.parse(
        "[tui]\ntheme = nord\nrefresh = 2\nmouse = no\nconfirm = losses\n[[notify]]\nby = osc9\nend = no\n"
        "[[columns]]\njobs = job, exit, what\n[[keys]]\njobs.retry = R ctrl+r\ntheme =\nundo = comma\n"
    )
    assert taste == Taste(
        theme="nord",
        refresh_per_s=2,
        mouse=False,
        confirm=Confirm.LOSSES,
        signal=Signal.OSC9,
        for_the_end=False,
        keymap={"jobs.retry": ("R", "ctrl+r"), "theme": (), "undo": ("comma",)},
        columns={"jobs": ("job", "exit", "what")},
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tui]\nrefesh = 2\n", ["c.ini:2: there is no refesh in [tui]; did you mean refresh?"]),
        ("[tiu]\n", ["c.ini:1: there is no section tiu; did you mean tui?"]),
        ("[tui]\nrefresh = 99\n", ["c.ini:2: refresh must be a whole number from 1 to 15, not '99'"]),
        (
            "[tui]\nconfirm = allways\n",
            ["c.ini:2: confirm must be one of always, losses, not 'allways'; did you mean always?"],
        ),
        (
            "[tui]\n[[keys]]\njobs.retri = r\n",
            ["c.ini:3: there is no jobs.retri in [tui.keys]; did you mean jobs.retry?"],
        ),
        ("[tui]\n[[keys]]\nundo = entr\n", ["c.ini:3: there is no key entr; did you mean enter?"]),
        ("[tui]\n[[keys]]\nundo = ctl+z\n", ["c.ini:3: there is no key ctl+z; did you mean ctrl+z?"]),
        ("[tui]\n[[keys]]\nundo = t\n", ["c.ini:3: t means theme too (jobs, workers); give that another key"]),
        ("[tui]\n[[keys]]\nquit =\n", ["c.ini:3: quit needs a key"]),
        ("[tui]\n[[columns]]\njobs = job stat\n", ["c.ini:3: there is no column stat of jobs; did you mean state?"]),
    ],
)  # fmt: skip
def test_mistakes(text: str, told: list[str]) -> None:
    assert mistakes(text) == told


def test_a_key_may_be_exchanged_with_another_and_mean_two_things_in_two_panes() -> None:
    taste = config.parse("[tui]\n[[keys]]\nundo = t\ntheme = u\nlog.search = n\nlog.next = s\n")
    assert not Registry(taste.keymap).clashes()


@pytest.mark.parametrize(
    "key", ["a", "+", "ctrl+plus", "alt+x", "f5", "ctrl+shift+f5", "question_mark", "?", "shift+up"]
)
def test_keys(key: str) -> None:
    taste = config.parse(
        f"[tui]\n[[keys]]\nworkers.fire-all = {key}\nworkers.attach=\njobs.more-urgent=\nhelp=f1\nmark.range=\n"
    )
    assert taste.keymap["workers.fire-all"] == (key,)


async def test_keys_columns_theme_are_those_of_the_user(backend: FakeBackend) -> None:
    backend.show(scenes.run_in_progress())
    taste = config.parse(
        "[tui]\ntheme = nord\n[[columns]]\njobs = job exit\n[[keys]]\nworkers.hire = W\nhelp = f1 ?\nworkers.fire =\n"
    )
    async with FjdApp(backend, taste=taste).run_test(size=WIDE) as pilot:
        assert pilot.app.theme == "nord"
        assert [column.name for column in desk_of(pilot).jobs_pane.columns] == ["job", "exit"]
        last = text_of(pilot).splitlines()[-1]
        assert "W hire" in last
        assert "fire" not in last
        await pilot.press("h", "f")
        assert len(pilot.app.screen_stack) == 1
        await pilot.press("f1")
        await until(pilot, lambda: "W  hire workers" in text_of(pilot))
        await pilot.press("escape", "W")
        await until(pilot, lambda: "How many" in text_of(pilot))


async def test_no_question_where_nothing_is_lost_when_its_user_wants_none(backend: FakeBackend) -> None:
    failed = tuple(JobView(f"f{n}", JobState.FAILED, since_s=0.0) for n in range(3))
    active = (JobView("r1", JobState.RUNNING, worker="nova-1", since_s=0.0),)
    backend.show(Snapshot(failed=failed, active=active, workers=(scenes.worker("nova-1"),)))
    async with FjdApp(backend, taste=replace(Taste(), confirm=Confirm.LOSSES)).run_test(size=WIDE) as pilot:
        await pilot.press("A", "r")
        await until(pilot, lambda: len(backend.asked_for("retry")) == 3)
        await pilot.press("F")
        await until(pilot, lambda: backend.asked_for("fire"))
        await pilot.press("g", "K")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask))  # it runs: that would be lost


async def test_a_screen_for_reading_changes_nothing(backend: FakeBackend) -> None:
    backend.show(scenes.run_in_progress())
    async with FjdApp(backend, read_only=True).run_test(size=WIDE) as pilot:
        for action in ACTIONS:
            if changes(action):
                desk_of(pilot).action_act(action.id)
                assert READ_ONLY in text_of(pilot), action.id
        await pilot.press("z", "s", "escape", "slash", "6", "enter")
        assert len(pilot.app.screen_stack) == 1
    assert not backend.asked


def test_the_theme_of_the_file_comes_before_the_remembered_and_after_the_environment() -> None:
    assert theme.chosen("truecolor", {}, "fjd-light", configured="nord") == "nord"
    assert theme.chosen("standard", {}, None, configured="nord") == "nord"
    assert theme.chosen("truecolor", {"TEXTUAL_THEME": "fjd"}, None, configured="nord") == "fjd"


def run(home: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [BIN / "fjd-tui", *options],
        env={**os.environ, "XDG_CONFIG_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_default_file_is_written_but_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "fjd" / "config.ini"
    assert run(tmp_path, "--write-config") == (0, f"[FJD] Written: {path}\n")
    assert path.read_text() == config.default_text()
    path.write_text("[tui]\nrefesh = 2\n")
    status, told = run(tmp_path, "--write-config")
    assert (status, path.read_text()) == (2, "[tui]\nrefesh = 2\n")
    assert "is there already" in told
    status, told = run(tmp_path, str(tmp_path))
    assert (status, told) == (2, f"[FJD] {path}:2: there is no refesh in [tui]; did you mean refresh?\n")
    assert run(tmp_path, "--write-config", "--overwrite")[0] == 0
    assert path.read_text() == config.default_text()


async def test_an_empty_spool_names_the_keys_of_its_user_and_none_for_reading(backend: FakeBackend) -> None:
    backend.show(scenes.empty())
    taste = config.parse("[tui]\n[[keys]]\nworkers.hire = W\n")
    async with FjdApp(backend, theme_name="fjd", taste=taste).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "W  hires workers to do them")
        assert "W  hires some" in text_of(pilot)
    async with FjdApp(backend, theme_name="fjd", read_only=True).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "There are no jobs yet.")
        assert "hires" not in text_of(pilot)


async def test_the_key_of_the_palette_can_be_taken_away_and_given_to_another(backend: FakeBackend) -> None:
    backend.show(scenes.empty())
    taste = config.parse("[tui]\n[[keys]]\npalette = f2\nhelp = ctrl+p\n")
    async with FjdApp(backend, taste=taste).run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+p")
        assert type(pilot.app.screen).__name__ == "Help"
        await pilot.press("ctrl+p")
        assert type(pilot.app.screen).__name__ != "CommandPalette"
        await pilot.press("escape", "f2")
        assert type(pilot.app.screen).__name__ == "CommandPalette"
