"""The log pane follows, holds still, goes back, and survives what is done to its file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fjd.snapshot import JobState, Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.panes.log import LogPane
from fjd.tui.sources import Source
from tests.tui import scenes
from tests.tui.conftest import WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown

Make = Callable[[Snapshot], FjdApp]


def one_job(**more: object) -> Snapshot:
    job = scenes.job("job1", JobState.RUNNING, worker="nova-1-ff", since_s=scenes.now(), **more)
    return replace(scenes.empty(), active=(job,), workers=(scenes.worker("nova-1", "job1"),))


def output(backend: FakeBackend, name: str = "job1") -> Path:
    return Path(backend.root) / "output" / f"{name}.out"


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def log_of(pilot: Pilot[None]) -> LogPane:
    return desk_of(pilot).log_pane


def first_row(pilot: Pilot[None]) -> str:
    """What the first row of the log shows."""
    log = log_of(pilot)
    index, _ = log._shown_page()[0]
    return log.window.line(index)


async def test_output_appears_and_is_followed(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "It has printed nothing so far.")
        add(output(backend), "".join(f"line {n}\n" for n in range(100)))
        await until_shown(pilot, "line 99")
        assert "following" in text_of(pilot)
        add(output(backend), "and more")
        await until_shown(pilot, "and more")
        add(output(backend), " of it\n")
        await until_shown(pilot, "and more of it")


async def test_scrolling_up_stops_it_counts_what_is_new_and_end_goes_on(make_app: Make, backend: FakeBackend) -> None:
    add(output(backend), "".join(f"line {n}\n" for n in range(100)))
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "line 99")
        await pilot.press("3", "k", "k")
        assert "held, end follows" in text_of(pilot)
        top = first_row(pilot)
        add(output(backend), "new\n" * 12)
        await until_shown(pilot, "12 new lines, end follows")
        assert first_row(pilot) == top
        assert "new" not in [line.strip("│ ") for line in text_of(pilot).splitlines()]
        await pilot.press("end")
        assert "following" in text_of(pilot)
        assert log_of(pilot).is_following
        await pilot.press("k")
        await pilot.press("j")
        assert log_of(pilot).is_following, "coming back to the end by itself follows too"


async def test_truncation_and_rotation(make_app: Make, backend: FakeBackend) -> None:
    path = output(backend)
    add(path, "old\n" * 5)
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "old")
        path.write_text("short\n")
        await until_shown(pilot, "short")
        assert "old" not in text_of(pilot)
        path.rename(path.with_suffix(".1"))
        path.write_text("rotated\n")
        await until_shown(pilot, "rotated")
        path.unlink()
        await until_shown(pilot, "It has printed nothing so far.")


async def test_going_up_reads_what_stands_before(make_app: Make, backend: FakeBackend) -> None:
    add(output(backend), "".join(f"line {n}\n" for n in range(5000)))
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "line 4999")
        await pilot.press("3")

        async def is_at_the_first_line() -> bool:
            await pilot.press("g")
            return "line 0 " in text_of(pilot)

        for _ in range(400):
            if await is_at_the_first_line():
                break
        assert "line 0 " in text_of(pilot)


async def test_the_tabs_of_a_job(make_app: Make, backend: FakeBackend, tmp_path: Path) -> None:
    logfile = tmp_path / "own.log"
    logfile.write_text("its own words\n")
    add(output(backend), "what it printed\n")
    async with make_app(one_job(logfile=str(logfile))).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "what it printed")
        await pilot.press("3", "]")
        await until_shown(pilot, "its own words")
        await pilot.press("]")
        await until_shown(pilot, "executable = python ajob.py")
        await pilot.press("[", "[")
        await until_shown(pilot, "what it printed")


async def test_a_worker_shows_its_own_log(make_app: Make, backend: FakeBackend, tmp_path: Path) -> None:
    log = tmp_path / "w.log"
    log.write_text("\x1b[1mI am a worker\x1b[0m\r\n")
    add(output(backend), "what it printed\n")
    shown = replace(one_job(), workers=(scenes.worker("nova-1", "job1", log=str(log)),))
    async with make_app(shown).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "what it printed")
        await pilot.press("2")
        await until_shown(pilot, "I am a worker")
        assert "nova-1 · worker's log" in text_of(pilot)
        await pilot.press("1")
        await until_shown(pilot, "what it printed")


async def test_long_lines_are_cut_with_a_sign_or_wrapped(make_app: Make, backend: FakeBackend) -> None:
    add(output(backend), "x" * 150 + "END\n" + "宽" * 100 + "\n")
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "xxx›")
        assert "END" not in text_of(pilot)
        await pilot.press("3", "right", "right", "right", "right")
        await until_shown(pilot, "END")
        await pilot.press("w")
        await until_shown(pilot, "END")
        assert "›" not in text_of(pilot)
        assert "wrapped" in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "›" not in text_of(pilot)


async def test_what_cannot_be_read_says_why(make_app: Make, backend: FakeBackend) -> None:
    output(backend).mkdir()
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "It cannot be read: not a plain file.")


async def test_a_failed_job_without_output_says_why_it_failed(make_app: Make) -> None:
    failed = scenes.job("bad", JobState.FAILED, reason="there is no [control] section")
    async with make_app(replace(scenes.empty(), failed=(failed,))).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "It failed: there is no [control] section. It printed nothing.")


async def test_jobs_that_come_and_go_do_not_make_the_log_flicker(
    make_app: Make, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        log = log_of(pilot)
        seen: list[str] = []
        watch = log._follower.watch

        def note(source: Source) -> None:
            seen.append(source.of)
            watch(source)

        monkeypatch.setattr(log._follower, "watch", note)
        for number in range(2, 30):
            job = scenes.job(f"job{number}", JobState.RUNNING, worker="nova-1-ff", since_s=scenes.now())
            backend.show(replace(one_job(), active=(job,)))
            await until_shown(pilot, f"job{number} ")
        assert len(seen) < 14
        await until(pilot, lambda: log.source.of == "job29")


LARGE = 300_000


@pytest.fixture
def large(backend: FakeBackend) -> Path:
    """A log that is larger than what is ever held of it."""
    with output(backend).open("w") as file:
        for at in range(0, LARGE, 1000):
            file.writelines(f"line {number} of the log\n" for number in range(at, at + 1000))
    return output(backend)


async def test_a_large_log_is_read_anywhere(make_app: Make, large: Path) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, f"line {LARGE - 1} of the log")
        await pilot.press("3", "g")
        await until_shown(pilot, f"line 1 of {LARGE:,}")
        assert first_row(pilot) == "line 0 of the log"
        await pilot.press(*["pagedown"] * 300)
        rows = log_of(pilot).content_size.height
        await until(pilot, lambda: first_row(pilot) == f"line {300 * rows} of the log")
        await until_shown(pilot, f"line {300 * rows + 1:,} of {LARGE:,}")
        add(large, "one more\n" * 3)
        await until_shown(pilot, "3 new lines, end follows")
        await pilot.press("G")
        await until_shown(pilot, "one more")
        await until_shown(pilot, "following")
        await pilot.press(*["pageup"] * 100)
        await until(pilot, lambda: first_row(pilot) == f"line {LARGE + 3 - 101 * rows} of the log")
        assert len(log_of(pilot).window) < 20_000


async def test_searching_goes_to_the_lines_and_around(make_app: Make, large: Path) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, f"line {LARGE - 1} of the log")
        await pilot.press("3", "g", "/", *"99999 OF")
        await until_shown(pilot, "find 99999 OF")
        await pilot.press("enter")
        await until_shown(pilot, "'99999 OF' is nowhere in this text.")
        await pilot.press("/", *"99999 of", "enter")
        await until_shown(pilot, "line 99999 of the log")
        await pilot.press("n")
        await until_shown(pilot, "line 199999 of the log")
        await pilot.press("N")
        await until_shown(pilot, "line 99999 of the log")
        await pilot.press("N")
        await until_shown(pilot, "The search went on from the other end.")
        await until_shown(pilot, "line 299999 of the log")
        assert log_of(pilot).hit is not None
        await pilot.press("escape")
        assert log_of(pilot).needle is None
        await pilot.press("n")
        await until_shown(pilot, "Nothing was looked for yet")


async def test_a_search_in_a_log_that_is_followed_finds_the_last(make_app: Make, large: Path) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, f"line {LARGE - 1} of the log")
        await pilot.press("3", "/", *"5000 of", "enter")
        await until_shown(pilot, "line 295000 of the log")
        assert not log_of(pilot).is_following


async def test_what_was_found_far_to_the_right_is_brought_into_sight(make_app: Make, backend: FakeBackend) -> None:
    add(output(backend), "x" * 900 + "needle" + "y" * 900 + "\n")
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "xxx›")
        await pilot.press("3", "/", *"needle", "enter")
        await until_shown(pilot, "needleyyy")


async def test_lines_are_picked_and_copied_whole(make_app: Make, backend: FakeBackend) -> None:
    add(output(backend), "".join(f"\x1b[31mline {n}\x1b[0m {'x' * 200}\n" for n in range(100)))
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "line 99")
        await pilot.press("3", "v", "k", "k", "v", "k", "y")
        await until_shown(pilot, "Copied 2 lines to the clipboard")
        assert pilot.app.clipboard == "\n".join(f"line {n} {'x' * 200}" for n in (96, 97))
        await pilot.press("G", "y")
        rows = log_of(pilot).content_size.height
        await until_shown(pilot, f"Copied {rows} lines")
        assert pilot.app.clipboard.endswith("line 99 " + "x" * 200)
        await pilot.press("v", "escape")
        assert log_of(pilot).picked is None


async def test_colours_are_kept_and_the_long_bar_goes_where_it_is_clicked(make_app: Make, large: Path) -> None:
    add(large, "\x1b[1;31mred\x1b[0m and plain\n")
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, "red and plain")
        strips = pilot.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.text == "red"]
        assert styles
        assert styles[0] is not None
        assert styles[0].bold
        log = log_of(pilot)
        await pilot.click("#log", offset=(log.outer_size.width - 2, log.outer_size.height // 2))
        await until_shown(pilot, "held, end follows")
        await until(pilot, lambda: 0.3 < log.share < 0.7)


async def test_the_log_of_the_jobs_worker_is_a_tab(make_app: Make, backend: FakeBackend) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        logs = Path(backend.root) / "workerlogs"
        logs.mkdir()
        (logs / "nova-1-ff.log").write_text("I work\n")
        await pilot.press("3", "[")
        await until_shown(pilot, "I work")


async def test_a_log_that_is_replaced_while_it_is_read_says_so(make_app: Make, large: Path) -> None:
    async with make_app(one_job()).run_test(size=WIDE) as pilot:
        await until_shown(pilot, f"line {LARGE - 1} of the log")
        await pilot.press("3", "g")
        await until(pilot, lambda: first_row(pilot) == "line 0 of the log")
        large.write_text("begun anew\n")
        await until_shown(pilot, "The log was truncated or replaced")
        await until_shown(pilot, "begun anew")
        add(large, "and followed\n")
        await until_shown(pilot, "and followed")
