"""All about one job: why it does not run, its runs as a timeline, its file."""

import re
from collections.abc import Callable

from fjd.snapshot import JobState, Snapshot
from fjd.story import Note, Run, Story
from fjd.tui import detail
from fjd.tui.app import FjdApp
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]

STORY = Story(
    (Run(1, "nova-1-aaa", 1000.0, 10.0, "failed", "exit 1", 1, None, 3 << 20), Run(2, "nova-2-aaa", 1030.0)),
    (Note(1012.0, "to be tried again after attempt 1"),),
)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_runs_are_stretches_of_the_whole_time() -> None:
    job = scenes.job("a", JobState.RUNNING, worker="nova-2-aaa", attempt=2)
    lines = plain(detail.text(job, STORY, b"[control]\nexecutable: x\n", now_s=1040.0)).splitlines()
    assert lines[0] == "a  running on nova-2, attempt 2"
    first, note, second = lines[3:6]
    assert "━" * 3 + "·" * 9 in first
    assert "attempt 1 on nova-1, failed after 10s, exit 1, memory" in first.replace("0:10", "10s")
    assert note.endswith("to be tried again after attempt 1")
    assert "·" * 9 + "━" * 3 in second
    assert lines[-2:] == ["[control]", "executable: x"]


def test_it_says_why_it_does_not_run() -> None:
    for state, reason, words in (
        (JobState.WAITING, "not before 18:00", "not before 18:00"),
        (JobState.WAITING, "", "it waits for its turn"),
        (JobState.HELD, "", "it is held"),
    ):
        assert f"why it is not running: {words}" in plain(
            detail.text(scenes.job("a", state, reason=reason), Story(), b"")
        )


def test_foreign_text_in_it_is_harmless() -> None:
    for name in scenes.HOSTILE:
        job = scenes.job(name, JobState.FAILED, reason=name, worker=name, tags=frozenset({name}))
        runs = (Run(1, name, 1.0, 2.0, name, name),)
        data = f"[{name}]\n{name} = {name}\n# {name}".encode("utf-8", "replace")
        shown = plain(detail.text(job, Story(runs, (Note(1.0, name),)), data, now_s=3.0))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)


async def test_i_shows_it(make_app: Make, backend: FakeBackend) -> None:
    backend.stories["job6122.conf"] = STORY
    async with make_app(scenes.run_in_progress()).run_test(size=WIDE) as pilot:
        await pilot.press("g", "i")
        await until_shown(pilot, "attempt 1 on nova-1")
        await until_shown(pilot, "executable = python ajob.py")


async def test_it_is_told_anew_when_the_job_goes_on_and_stays_where_it_is_read(
    make_app: Make, backend: FakeBackend
) -> None:
    lines = "".join(f"key{number} = {number}\n" for number in range(40))
    backend.files["a"] = f"[control]\nexecutable = x\n[params]\n{lines}".encode()
    handed, failed = scenes.job("a", JobState.HANDED), scenes.job("a", JobState.FAILED, reason="exit 7")
    async with make_app(scenes.replaced(scenes.empty(), active=(handed,))).run_test(size=WIDE) as pilot:
        await pilot.press("i")
        await until_shown(pilot, "it is handed out")
        backend.show(scenes.replaced(scenes.empty(), failed=(failed,)))
        await until_shown(pilot, "why: exit 7")
        await pilot.press("3", *["j"] * 8)
        await until(pilot, lambda: "why: exit 7" not in text_of(pilot))
        pane = desk_of(pilot).log_pane
        assert pane.first_line == 9
        size = len(pane.window)
        backend.files["a"] += b"one = more\n"
        await until(pilot, lambda: len(pane.window) > size)
        assert pane.first_line == 9
        await pilot.press("G")
        await until_shown(pilot, "one = more")


def test_it_says_what_the_job_asks_for() -> None:
    data = b"[control]\nexecutable: x\ncpus: 2\nmemory: 4G\ntimeout: 1h\n"
    lines = plain(detail.text(scenes.job("a", priority=3), Story(), data)).splitlines()
    assert "priority 3, cpus 2, memory 4G, timeout 1h" in lines
    assert "cpus" not in plain(detail.text(scenes.job("a"), Story(), b"no job file"))
