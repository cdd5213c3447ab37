"""The form: checks beside the fields, a true preview, all or nothing, nothing lost by esc."""

from collections.abc import Callable

import pytest
from textual.widgets import Input, Static

from fjd import jobfile
from fjd.errors import DiskError
from fjd.jobfile import JobSpec
from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.desk import Desk
from fjd.tui.form.fields import ParamRow
from fjd.tui.form.screen import Form
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]
BOTH = pytest.mark.parametrize("size", [SMALL, WIDE])


@BOTH
async def test_a_job_by_keyboard_alone(make_app: Make, backend: FakeBackend, size: tuple[int, int]) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press(*"python ajob.py", "tab", *"data/job1.dat", "down", "down", *"lr", "tab", *"0.1")
        await pilot.press("ctrl+n")
        await pilot.press(*"seed", "enter", *"7")
        spec = JobSpec("python ajob.py", "data/job1.dat", "", (("lr", "0.1"), ("seed", "7")))
        form = pilot.app.screen
        assert isinstance(form, Form)
        assert form.spec == spec
        for line in jobfile.render(spec).splitlines():
            assert line in text_of(pilot)
        await pilot.press("ctrl+s")
        await until_shown(pilot, "✓ job1.conf waits in the queue. h hires workers to do it.")
        assert backend.submitted == {"job1.conf": spec}


async def test_the_preview_is_the_file_exactly(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press(*"sh -c 'echo [red]x[/]'")
        form = pilot.app.screen
        assert isinstance(form, Form)
        shown = str(form.query_one("#preview", Static).content)
        assert shown + "\n" == jobfile.render(form.spec)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (("shift+tab", "ctrl+u", *"a/b"), "a name cannot have a / in it"),
        (("shift+tab", "ctrl+u", *".hidden"), "a name cannot start with ."),
        (("shift+tab", *"~"), "a name cannot start with . or end in ~"),
        (tuple("echo #1"), "holds a #"),
        (("tab", *"a#b"), "holds a #"),
        (("tab", "tab", "tab", *"a=b", "tab", *"1"), "the key holds a ="),
        (("tab", "tab", "tab", "tab", *"1"), "the key is empty; give it a name"),
        (("tab", "tab", "tab", *"k", "tab", *"#"), "the value holds a #"),
    ],
)
async def test_mistakes_are_told_beside_the_field_while_typing(
    make_app: Make, backend: FakeBackend, keys: tuple[str, ...], message: str
) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press(*keys)
        await until_shown(pilot, f"✗ {message}")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Form)
        assert not backend.submitted


async def test_an_empty_form_is_no_mistake_until_it_is_saved(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        assert "✗ is empty" not in text_of(pilot)
        await pilot.press("ctrl+s")
        await until_shown(pilot, "✗ is empty; say what to run")
        assert not backend.asked_for("submit")


async def test_two_keys_that_are_one_are_told(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press("x", "tab", "tab", "tab", *"lr", "ctrl+n")
        await pilot.press(*"LR", "ctrl+s")
        await until_shown(pilot, "are one key to configparser")
        assert not backend.submitted


async def test_a_name_that_is_taken_is_replaced_only_when_asked(make_app: Make, backend: FakeBackend) -> None:
    backend.taken = {"job1.conf"}
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press("x", "ctrl+s")
        await until_shown(pilot, "A job named job1.conf waits already.")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Form))
        assert not backend.submitted
        await pilot.press("ctrl+s")
        await until_shown(pilot, "Replace it?")
        await pilot.press("y")
        await until_shown(pilot, "job1.conf waits in the queue")
        assert backend.submitted


async def test_what_the_disk_refuses_keeps_the_form(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        backend.error = DiskError("no space left on device")
        await pilot.press("x", "ctrl+s")
        await until_shown(pilot, "✗ no space left on device")
        assert isinstance(pilot.app.screen, Form)
        assert pilot.app.screen.spec.executable == "x"


async def test_esc_does_not_throw_away_what_was_typed(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press("x", "escape")
        await until_shown(pilot, "Leave the form?")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Form))
        await pilot.press("escape")
        await until_shown(pilot, "Leave the form?")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        await pilot.press("n")
        await until_shown(pilot, "New job")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk), "an untouched form closes at once")


async def test_params_are_added_and_removed(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=SMALL) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        for number in range(20):
            await pilot.press("ctrl+n")
            await pilot.press(*f"k{number}")
        form = pilot.app.screen
        assert isinstance(form, Form)
        assert form.focused is not None
        assert form.focused.region.y < SMALL[1] - 2, "the cursor is on the screen"
        await until(pilot, lambda: len(form.spec.params) == 20)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: len(form.spec.params) == 19)
        assert form.focused is not None
        await pilot.click(".remove")
        await until(pilot, lambda: len(form.query(ParamRow)) == 19)


async def test_a_paste_goes_into_the_field(make_app: Make, backend: FakeBackend) -> None:
    from textual import events

    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        pilot.app.post_message(events.Paste("python q.py\nqyF"))
        await until(pilot, lambda: pilot.app.screen.query_one("#field-executable Input", Input).value == "python q.py")
        assert isinstance(pilot.app.screen, Form)
