"""Templates of the form, and paths that are completed in it."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fjd import control
from fjd.control import complete
from fjd.errors import DiskError, UsageError
from fjd.jobfile import JobSpec
from fjd.snapshot import Snapshot
from fjd.tui import templates
from fjd.tui.app import FjdApp
from fjd.tui.dialogs.templates import TemplateDialog
from fjd.tui.form import texts
from fjd.tui.form.screen import Form
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import until, until_shown

Make = Callable[[Snapshot], FjdApp]
BOTH = pytest.mark.parametrize("size", [SMALL, WIDE])
TRAIN = JobSpec("train.py --fast", "data/log", "", (("lr", "0.1"),), options=(("priority", "3"),))


async def opened(pilot: Pilot[None]) -> Form:
    await pilot.press("n")
    await until(pilot, lambda: isinstance(pilot.app.screen, Form))
    form = pilot.app.screen
    assert isinstance(form, Form)
    return form


# ---- templates


@BOTH
async def test_a_job_is_kept_under_a_name_and_fills_the_form_again(
    make_app: Make, backend: FakeBackend, size: tuple[int, int]
) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        form = await opened(pilot)
        await form.fill(TRAIN)
        await pilot.press("ctrl+g")
        await until_shown(pilot, "No template was kept yet")
        await pilot.press("s", *"net one", "enter")
        await until_shown(pilot, "train.py --fast")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is form)
        await form.fill(JobSpec(""))
        await pilot.press("ctrl+g", "enter")
        await until(pilot, lambda: form.spec == TRAIN)
    assert templates.known(backend.habits) == {"net one": TRAIN}


async def test_filling_asks_where_something_was_typed(make_app: Make, backend: FakeBackend) -> None:
    backend.keep_template("a", TRAIN)
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        form = await opened(pilot)
        await pilot.press(*"other", "ctrl+g", "enter")
        await until_shown(pilot, "It replaces what you typed.")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is form)
        assert form.spec.executable == "other"


async def test_a_template_is_replaced_and_forgotten_only_when_asked(make_app: Make, backend: FakeBackend) -> None:
    backend.keep_template("a", TRAIN)
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press(*"other", "ctrl+g", "s", "enter")
        await until_shown(pilot, "There is a template a already.")
        await pilot.press("enter")
        assert templates.known(backend.habits) == {"a": TRAIN}
        await until(pilot, lambda: isinstance(pilot.app.screen, TemplateDialog))
        await pilot.press("enter")
        await until_shown(pilot, "There is a template a already.")
        await pilot.press("y")
        await until(pilot, lambda: templates.known(backend.habits) == {"a": JobSpec("other")})
        await pilot.press("d")
        await until_shown(pilot, "Forget the template?")
        await pilot.press("d", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TemplateDialog))
        assert templates.known(backend.habits)
        await pilot.press("d", "y")
        await until(pilot, lambda: not templates.known(backend.habits))


async def test_what_cannot_be_kept_is_said(
    make_app: Make, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("ctrl+g", "s", "enter")
        await until_shown(pilot, "✗ the name is empty")

        def full(name: str, spec: JobSpec | None) -> dict[str, JobSpec]:
            raise DiskError("the disk is full")

        monkeypatch.setattr(pilot.app.screen, "_keep", full)
        await pilot.press("x", "enter")
        await until_shown(pilot, "✗ the disk is full")


@pytest.mark.parametrize(
    "said", [None, [], "x", {"": 1}, {"a": 1}, {"a": {"executable": 1}}, {"\x1b]2;T\x07": texts.as_plain(TRAIN)}]
)
def test_what_is_not_understood_is_no_template(said: object) -> None:
    assert templates.known({"templates": said}) == {}


def test_so_many_templates_and_so_long() -> None:
    many = {f"t{number}": TRAIN for number in range(100)}
    assert len(templates.with_one(many, "t0", JobSpec("x"))) == 100
    with pytest.raises(UsageError):
        templates.with_one(many, "one more", TRAIN)
    with pytest.raises(UsageError):
        templates.with_one({}, "long", JobSpec("x" * 10_000))
    with pytest.raises(UsageError, match="cannot be shown"):
        templates.with_one({}, "\x1b[31m", TRAIN)


# ---- paths


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("data/run2/x.dat", "data/run10/x.dat", "data/a b", "ajob.py", "data/#x", "data/\x1bevil", ".hidden"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("da", "data/"),
        ("data/r", "data/run2/"),
        ("data/run1", "data/run10/"),
        ("data/run10/", ""),
        ("data/run10/x.dat", ""),
        ("data/a", "data/a b"),
        ("data/#", ""),
        ("data/\x1b", ""),
        ("./aj", "./ajob.py"),
        ("li", "link/"),
        ("link/run2/x", "link/run2/x.dat"),
        ("none/x", ""),
        ("ajob.py/x", ""),
        ("", ""),
        (".h", ".hidden"),
    ],
)
def test_a_path_is_completed(place: Path, typed: str, found: str) -> None:
    assert complete.path(typed, str(place)) == found
    absolute = complete.path(f"{place}/{typed}", "/") if typed and typed[0] != "." else ""
    assert absolute == (f"{place}/{found}" if found and typed[0] != "." else "")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("python aj", "python ajob.py"),
        ("aj", "ajob.py"),
        ("python ", ""),
        ("cat data/a", ""),
        ("echo 'aj", ""),
        ("a=$aj", ""),
        ("x > da", "x > data/"),
    ],
)
def test_the_last_word_of_a_command_is_completed(place: Path, typed: str, found: str) -> None:
    assert complete.last_word(typed, str(place)) == found


def test_control_exports_nothing_of_it_by_name() -> None:
    assert "path" not in control.__all__


@BOTH
async def test_a_path_is_suggested_and_taken_by_right(
    make_app: Make, backend: FakeBackend, place: Path, size: tuple[int, int]
) -> None:
    assert str(place) == backend.root
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        form = await opened(pilot)
        await pilot.press(*"python aj")
        await until_shown(pilot, "ajob.py")
        assert form.spec.executable == "python aj"
        await pilot.press("right", "tab", *"data/ru")
        await until_shown(pilot, "data/run2/")
        await pilot.press("right")
        assert (form.spec.executable, form.spec.logfile) == ("python ajob.py", "data/run2/")
        await pilot.press("tab", *"dat")
        await until_shown(pilot, "→ completes")
        await pilot.press("right", "shift+tab", *("backspace",) * 20, *"run1")
        await until_shown(pilot, "run10/")  # a logfile begins in the workdir
    assert "paths" in backend.threads


async def test_a_disk_that_does_not_answer_holds_up_nobody(make_app: Make, backend: FakeBackend) -> None:
    answers, asked = threading.Event(), []

    def hang(typed: str) -> str:
        asked.append(typed)
        answers.wait(60)
        return f"{typed}-late"

    backend.on_complete = hang
    try:
        async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
            form = await opened(pilot)
            await pilot.press(*"abcdef")
            assert form.spec.executable == "abcdef"
            await until(pilot, lambda: asked)
            await pilot.press("tab", *"data", "shift+tab", *"gh")
            assert form.spec.executable == "abcdefgh"
            assert [one for one in asked if one.startswith("a")] == asked[:1]
            assert isinstance(pilot.app.focused, Input)
    finally:
        answers.set()
