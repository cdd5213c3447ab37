"""The form: checks beside the fields, a true preview, all or nothing, nothing lost by esc."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fjd import jobfile
from fjd.control import Draft
from fjd.errors import DiskError
from fjd.jobfile import JobSpec
from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.deeds import write
from fjd.tui.desk import Desk
from fjd.tui.form import preview, texts
from fjd.tui.form.fields import EnvRow, Field, ParamRow
from fjd.tui.form.more import More
from fjd.tui.form.screen import Form
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import text_of, until, until_shown
from tests.tui.test_deeds import waiting

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
    ("command", "runs"),
    [
        ("", ""),
        ("sleep 10", "runs  sleep 10 …/job1"),
        ("sleep 10;", "runs  sleep 10;"),
        ("cd sub && ./run", "runs  cd sub && ./run …/job1"),
        ("./run | tee log", "runs  ./run | tee log"),
        ("cat $1", "runs  cat $1"),
        ("a\x1b]2;T\x07;", "runs  a\\x1b]2;T\\x07;"),
    ],
)
def test_whether_a_command_gets_the_path_of_its_file_is_seen(command: str, runs: str) -> None:
    assert preview.what_runs("job1", JobSpec(command)).plain == runs


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
        await pilot.click(form.query(".remove").last())
        await until(pilot, lambda: len(form.query(ParamRow)) == 19)


async def test_a_paste_goes_into_the_field(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await pilot.press("n")
        await until_shown(pilot, "New job")
        pilot.app.post_message(events.Paste("python q.py\nqyF"))
        await until(pilot, lambda: pilot.app.screen.query_one("#field-executable Input", Input).value == "python q.py")
        assert isinstance(pilot.app.screen, Form)


# ---- more, sweeps, files, templates


async def opened(pilot: Pilot[None], key: str = "n", title: str = "New job") -> Form:
    await pilot.press(key)
    await until_shown(pilot, title)
    form = pilot.app.screen
    assert isinstance(form, Form)
    return form


@BOTH
async def test_every_option_is_under_more_by_itself(
    make_app: Make, backend: FakeBackend, size: tuple[int, int]
) -> None:
    async with make_app(scenes.empty()).run_test(size=size) as pilot:
        form = await opened(pilot)
        assert not form.query("#field-priority")
        await pilot.press(*"x", "ctrl+o")
        await until(pilot, lambda: {field.key for field in form.query(Field)} >= set(jobfile.OPTIONS))
        await until_shown(pilot, "Higher goes first")
        await pilot.press(*"5", "enter", *"soon")
        await until_shown(pilot, "✗ ")
        await pilot.press("ctrl+o", "ctrl+s")
        await until(pilot, lambda: form.query_one(More).is_open, "what is wrong is unfolded")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: not form.query_one(More).is_open)
        await until_shown(pilot, "▸ more  2 set")
        await pilot.press("ctrl+o")
        form.query_one("#field-timeout", Field).value = "1h"
        await until(pilot, lambda: form.spec.options == (("priority", "5"), ("timeout", "1h")))
        form.query(EnvRow).first().query(Input).first().focus()
        await pilot.press(*"LANG", "enter", *"C", "ctrl+n", *"A", "enter", *"b")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "job1.conf" in backend.submitted)
        spec = backend.submitted["job1.conf"]
        assert (spec.options, spec.env) == ((("priority", "5"), ("timeout", "1h")), (("LANG", "C"), ("A", "b")))


async def test_a_sweep_says_how_many_before_it_writes(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        form = await opened(pilot)
        await pilot.press(*"train --lr {lr}", "tab", "tab", "tab", *"lr", "tab", *"0.1, 0.2", "ctrl+n")
        await pilot.press(*"seed", "tab", *"1..5", "ctrl+t")
        await until_shown(pilot, "10 jobs; the first is job1-1.conf")
        await until_shown(pilot, "executable = train --lr 0.1")
        await pilot.press("backspace", *".", "ctrl+s")
        await until_shown(pilot, "Submit 2 jobs?")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is form)
        assert not backend.submitted
        await pilot.press("backspace", *"5", "ctrl+s")
        await until_shown(pilot, "Submit 10 jobs?")
        await pilot.press("y")
        await until_shown(pilot, "✓ 10 jobs wait in the queue, from job1-1.conf on.")
        assert len(backend.submitted) == 10
        assert backend.submitted["job1-10.conf"].params == (("lr", "0.2"), ("seed", "5"))


async def test_a_sweep_of_too_many_or_none_is_told(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press(*"x", "ctrl+t")
        await until_shown(pilot, "a sweep: give a param values")
        await pilot.press("tab", "tab", "tab", *"n", "tab", *"1..9999999")
        await until_shown(pilot, "9,999,999 values")


FILE = "[control]\n# first of all\nexecutable: train.py\npriority: 3\n\n[params]\nLR = 0.1\n"


async def test_a_pasted_job_file_fills_the_form(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        form = await opened(pilot)
        wanted = JobSpec("train.py", params=(("LR", "0.1"),), options=(("priority", "3"),))
        pilot.app.post_message(events.Paste(FILE.replace("\n", "\r")))
        await until(pilot, lambda: form.spec == wanted)
        pilot.app.post_message(events.Paste("[control]\nnothing: 1\n"))
        await until_shown(pilot, "the pasted job file cannot be taken")
        pilot.app.post_message(events.Paste("[control]\nexecutable: other\n"))
        await until_shown(pilot, "It replaces what you typed.")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is form)
        assert form.spec == wanted


async def test_what_was_left_in_the_form_comes_back(make_app: Make) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press(*"long work", "escape")
        await until_shown(pilot, "for the next time")
        await pilot.press("k")
        await until_shown(pilot, "What you typed is kept")
        form = await opened(pilot)
        assert form.spec.executable == "long work"


async def test_the_last_job_is_a_template(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(scenes.empty()).run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("ctrl+l")
        await until_shown(pilot, "no job was made")
        await pilot.press(*"x", "ctrl+s")
        await until(pilot, lambda: "template" in backend.habits)
        form = await opened(pilot)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: form.spec == JobSpec("x"))


async def test_edit_changes_only_what_was_changed(make_app: Make, backend: FakeBackend) -> None:
    backend.files["job1"] = FILE.encode()
    async with make_app(waiting(1)).run_test(size=WIDE) as pilot:
        form = await opened(pilot, "e", "Edit job1")
        assert form.query_one("#field-name Input", Input).disabled
        await pilot.press(*" -v", "ctrl+s")
        await until_shown(pilot, "✓ Changed job1. u undoes it.")
        (order,) = backend.asked_for("rewrite")
        assert order == ("rewrite", "job1", FILE.encode(), FILE.replace("train.py", "train.py -v").encode())
        await pilot.press("u")
        await until(pilot, lambda: backend.asked_for("revert"))


async def test_what_the_form_would_lose_is_for_the_editor(make_app: Make, backend: FakeBackend) -> None:
    backend.files["job1"] = FILE.encode() + b"[mine]\na = 1\n"
    async with make_app(waiting(1)).run_test(size=WIDE) as pilot:
        await pilot.press("e")
        await until_shown(pilot, "it has sections of its own: mine; E opens it in your editor")


async def test_a_copy_has_a_name_of_its_own(make_app: Make, backend: FakeBackend) -> None:
    backend.files["job1"] = FILE.encode()
    async with make_app(waiting(1)).run_test(size=WIDE) as pilot:
        form = await opened(pilot, "c")
        assert (form.job_name, form.spec.params) == ("job1.conf", (("LR", "0.1"),))


def test_what_is_remembered_of_a_job_comes_back_or_is_nothing() -> None:
    spec = texts.spec_of(FILE.encode())
    assert texts.from_plain(json.loads(json.dumps(texts.as_plain(spec)))) == spec
    unknown: list[object] = [None, [], {"executable": "x"}, {**texts.as_plain(spec), "env": [["a"]]}]
    for value in unknown:
        assert texts.from_plain(value) is None


def test_a_rewritten_file_keeps_its_comments_where_it_can() -> None:
    spec = texts.spec_of(FILE.encode())
    assert texts.rewritten(FILE.encode(), spec) == FILE
    assert "# first of all" in texts.rewritten(FILE.encode(), replace(spec, options=()))
    assert texts.rewritten(FILE.encode(), replace(spec, params=())) == jobfile.render(replace(spec, params=()))


async def test_the_editor_changes_a_waiting_job(
    make_app: Make, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.files["job1"] = FILE.encode()
    path = tmp_path / "draft"
    told = iter(["", FILE.replace("train", "better")])

    def lend(_app: object, _argv: list[str]) -> int:
        path.write_text(next(told))
        return 0

    monkeypatch.setattr("fjd.tui.deeds.write.lend", lend)
    monkeypatch.setattr(backend, "draft", lambda job, _data: Draft(job, str(path)))
    async with make_app(waiting(1)).run_test(size=WIDE) as pilot:
        await pilot.press("E")
        await until_shown(pilot, "job1 was not changed")
        await pilot.press("y")
        await until_shown(pilot, "✓ Changed job1. u undoes it.")
        assert backend.asked_for("rewrite")[0][3] == FILE.replace("train", "better").encode()
        assert not path.exists()


def test_the_editor_is_the_users() -> None:
    assert write.editor({"VISUAL": "emacs -nw", "EDITOR": "ed"}) == ["emacs", "-nw"]
    assert write.editor({"EDITOR": "'"}) == ["vi"]
