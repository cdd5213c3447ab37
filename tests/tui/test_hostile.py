"""Names and logs that other people wrote are shown, harmless, wherever they appear."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from fjd import display
from fjd.errors import DiskError
from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk
from fjd.tui.dialogs.ask import Ask
from fjd.tui.form.screen import Form
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
BOTH = pytest.mark.parametrize("size", [SMALL, WIDE])


def assert_harmless(pilot: Pilot[None]) -> None:
    """Nothing on the screen is a control character, and nothing of it can be clicked at that should not be."""
    screen = text_of(pilot)
    assert all(char.isprintable() for char in screen.replace("\n", "")), repr(screen)
    screen.encode()
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in strip:
            assert "@click" not in (segment.style.meta if segment.style else {})


@BOTH
async def test_every_pane_shows_them(make_app: Make, size: tuple[int, int]) -> None:
    snapshot = scenes.hostile()
    async with make_app(snapshot).run_test(size=size) as pilot:
        desk = desk_of(pilot)
        seen = ""
        for _ in range(len(desk.jobs_pane.rows)):
            assert_harmless(pilot)
            seen += text_of(pilot)
            await pilot.press("j")
        for name in scenes.HOSTILE:
            assert display.clean(name)[:6] in seen
        await pilot.press("2")
        for _ in scenes.HOSTILE:
            await pilot.press("j")
            assert_harmless(pilot)
        for _ in range(3):
            await pilot.press("3", "]")
            assert_harmless(pilot)


@pytest.mark.parametrize("name", scenes.HOSTILE)
async def test_dialogs_and_messages_show_them(make_app: Make, backend: FakeBackend, name: str) -> None:
    async with make_app(scenes.hostile()).run_test(size=WIDE) as pilot:
        desk = desk_of(pilot)
        number = scenes.HOSTILE.index(name)
        desk.jobs_pane.move_to(number)
        desk.workers_pane.move_to(number)
        for key, title in (("f", "Fire 1 worker?"), ("K", "Kill 1 job?")):
            await pilot.press(key)
            await until_shown(pilot, title)
            assert_harmless(pilot)
            assert display.clean(name)[:20] in text_of(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        desk.say(name)
        await pilot.pause()
        assert_harmless(pilot)
        await pilot.press("/", *"[red]a[/]b")
        await pilot.pause()
        assert_harmless(pilot)
        await pilot.press("escape")
        backend.error = DiskError(f"cannot write {name}")
        await pilot.press("p")
        await until_shown(pilot, "✗ cannot write")
        assert_harmless(pilot)


@pytest.mark.parametrize("name", [name for name in scenes.HOSTILE if name.isprintable()])
async def test_the_form_takes_them(make_app: Make, name: str) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        pilot.app.post_message(events.Paste(name))
        await pilot.pause()
        await pilot.press("shift+tab")
        pilot.app.post_message(events.Paste(name))
        await pilot.pause()
        assert_harmless(pilot)
        form = pilot.app.screen
        assert isinstance(form, Form)
        assert form.spec.executable == name


async def test_a_log_is_shown_harmless(make_app: Make, backend: FakeBackend) -> None:
    path = Path(backend.root) / "output" / "job1.out"
    path.write_bytes(
        b"\x1b]2;TITLE\x07\x1b[31mred\x1b[0m [red]markup[/] a[/]b [@click=app.quit]x[/]\n"
        b"caf\xe9 \x9b31m \xe2\x80\xae bidi\ttab\x08\x00\n" + b"z" * 1_000_000 + b"\n" + b"\x1b[?1049l\x1bcend\n"
    )
    job = scenes.job("job1")
    snapshot = Snapshot(version=1, done=(job,))
    async with make_app(snapshot).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "end")
        assert_harmless(pilot)
        shown = text_of(pilot)
        assert "red [red]markup[/] a[/]b [@click=app.quit]x[/]" in shown
        assert "TITLE" not in shown
        await pilot.press("3", "w")
        await pilot.pause()
        assert_harmless(pilot)


@BOTH
async def test_a_pasted_text_fires_no_keys(make_app: Make, backend: FakeBackend, size: tuple[int, int]) -> None:
    async with make_app(scenes.run_in_progress()).run_test(size=size) as pilot:
        for pane in "123":
            await pilot.press(pane)
            pilot.app.post_message(events.Paste("qFyKypn\x1b"))
            await until_shown(pilot, "The pasted text was not taken")
            desk_of(pilot).say("")
        assert isinstance(pilot.app.screen, Desk)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
        pilot.app.post_message(events.Paste("y"))
        await pilot.pause()
        assert isinstance(pilot.app.screen, Ask)
        assert not backend.asked
