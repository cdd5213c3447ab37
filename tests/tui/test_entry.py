"""The input line takes keys in the order in which they came, however fast they come."""

from textual import events
from textual.app import App, ComposeResult

from fjd.tui.entry import Entry


class OneLine(App[None]):
    """A screen with one line."""

    def compose(self) -> ComposeResult:
        yield Entry("23", select_on_focus=False)


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    async with OneLine().run_test() as pilot:
        for key, character in (("backspace", "\x7f"), ("7", "7"), ("home", None), ("delete", None), ("9", "9")):
            pilot.app.post_message(events.Key(key, character))
        await pilot.pause()
        assert pilot.app.query_one(Entry).value == "97"


async def test_letters_are_letters_and_not_bindings() -> None:
    async with OneLine().run_test() as pilot:
        await pilot.press("end", "q", "left", "x", "ctrl+u")
        assert pilot.app.query_one(Entry).value == "q"
