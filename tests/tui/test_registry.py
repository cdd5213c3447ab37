"""Footer, help, palette and bindings are one registry."""

import inspect
from collections.abc import Callable

import pytest
from textual.keys import Keys

from fjd.snapshot import Snapshot
from fjd.tui import actions
from fjd.tui.actions import ACTIONS, Topic, Where
from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk
from fjd.tui.dialogs.ask import Ask
from fjd.tui.dialogs.help import Help
from fjd.tui.motion import Motion
from fjd.tui.palette import ActionCommands
from fjd.tui.registry import Registry
from tests.tui import key_table, scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.look import desk_of, text_of, until_shown

Make = Callable[[Snapshot], FjdApp]


def test_ids_are_unique_and_every_action_has_a_key_and_a_sentence() -> None:
    assert len(Registry().by_id) == len(ACTIONS)
    for action in ACTIONS:
        assert action.keys
        assert action.sentence
        assert action.where


def test_no_key_means_two_things_in_one_pane() -> None:
    assert Registry().clashes() == []


def test_every_key_is_one_that_textual_knows() -> None:
    known = {key.value for key in Keys}
    for action in ACTIONS:
        for key in action.keys:
            assert len(key) == 1 or key in known, key


def test_the_bindings_are_those_of_the_registry() -> None:
    registry = Registry()
    assert {binding.id for binding in registry.bindings()} == set(registry.by_id)
    assert {binding.action for binding in registry.bindings()} == {f"act('{name}')" for name in registry.by_id}


def test_every_choice_has_another_key_than_its_question() -> None:
    """The key that confirms is never one that may have asked, or been held down."""
    asking = {key for action in ACTIONS if action.topic in (Topic.CREW, Topic.JOBS) for key in action.keys}
    assert "y" not in asking
    assert "enter" not in asking
    assert "_NO" in inspect.getsource(inspect.getmodule(Ask) or Ask)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_help_shows_every_action(make_app: Make, size: tuple[int, int]) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=size) as pilot:
        await pilot.press("?")
        assert isinstance(pilot.app.screen, Help)
        seen = ""
        for _ in range(2 * len(ACTIONS)):
            seen += text_of(pilot)
            await pilot.press("j")
        for action in ACTIONS:
            assert action.sentence.split()[0] in seen
            assert actions.shown_key(action.keys[0]) in seen
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Desk)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_footer_shows_what_has_a_label_and_always_the_way_out(make_app: Make, size: tuple[int, int]) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=size) as pilot:
        last = text_of(pilot).splitlines()[-1]
        assert "h hire  f fire" in last
        assert "? help  q quit" in last
        if size == WIDE:
            for action in ACTIONS:
                assert not action.label or Where.JOBS not in action.where or f"{action.key} {action.label}" in last


async def test_a_click_on_the_footer_does_what_it_says(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        last = text_of(pilot).splitlines()[-1]
        await pilot.click("#footer", offset=(last.index("? help"), 0))
        assert isinstance(pilot.app.screen, Help)


async def test_the_palette_offers_every_action_but_movements(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        provider = ActionCommands(desk_of(pilot))
        offered = {hit.help async for hit in provider.discover()}
        expected = [
            action
            for action in ACTIONS
            if action.topic is not Topic.MOVE and action.id not in ("palette", "back") and Where.JOBS in action.where
        ]
        assert offered == {f"{action.topic.value} · {action.all_keys}" for action in expected}
        for key in ("colon", "ctrl+p"):
            await pilot.press(key)
            assert type(pilot.app.screen).__name__ == "CommandPalette"
            await pilot.press("escape")


async def test_what_cannot_be_done_says_why(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        for key, why in (
            ("f", "no worker to fire"),
            ("r", "failed job"),
            ("K", "No running"),
            ("a", "no worker to att"),
        ):
            await pilot.press(key)
            assert why in text_of(pilot)


def test_the_table_of_keys_in_the_readme_is_the_registry() -> None:
    told = key_table.README.read_text().partition(key_table.HEAD)
    assert told[1] + told[2] == key_table.table(), "python -m tests.tui.key_table writes it anew"


async def test_the_keys_that_move_in_the_panes_move_in_the_help(make_app: Make) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=SMALL) as pilot:
        await pilot.press("?")
        await until_shown(pilot, "hire workers")
        await pilot.press("G")
        await until_shown(pilot, Motion.RIGHT.value)
        await pilot.press("ctrl+u", "g")
        await until_shown(pilot, "hire workers")


@pytest.mark.parametrize(("keys", "said"), [(["U"], " U undoes it."), ([], "")])
def test_what_is_said_of_a_key_is_of_the_key_of_this_user(keys: list[str], said: str) -> None:
    assert Registry({"undo": keys}).with_key("undo", " {} undoes it.") == said
