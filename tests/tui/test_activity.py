"""What happened and what was done is kept and shown, newest first; its user is called when that is wanted."""

import time
from dataclasses import replace

import pytest

from fjd.snapshot import Counts, Event, EventKind, JobState, JobView, Mode, Snapshot
from fjd.tui.app import FjdApp
from fjd.tui.chronicle import Chronicle
from fjd.tui.desk import Desk
from fjd.tui.dialogs.activity import Activity
from fjd.tui.herald import Herald, sequence
from fjd.tui.taste import Signal, Taste
from fjd.tui.tones import Tone
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.fake_engine import FakeBackend
from tests.tui.look import desk_of, text_of, until, until_shown


def event(seq: int, text: str, kind: EventKind = EventKind.FAILED, worker: str = "") -> Event:
    return Event(seq, 1e9 + seq, kind, text, worker=worker)


def test_events_are_taken_once_each_with_who_it_was() -> None:
    chronicle = Chronicle()
    first = event(1, "a failed", worker="nova-1-x1y2")
    second = event(2, "disk full", EventKind.TROUBLE)
    chronicle.take(Snapshot(events=(first,)))
    chronicle.take(Snapshot(events=(first, second), holder="nova:7"))
    chronicle.did("Fired 1 worker.", Tone.GOOD, time_s=1e9)
    told = [(one.who, one.text) for one in chronicle.newest_first()]
    assert told == [("you", "Fired 1 worker."), ("dispatcher nova:7", "disk full"), ("nova-1", "a failed")]
    assert [one.text for one in chronicle.newest_first("FAILED nova")] == ["a failed"]


def test_what_is_of_no_weight_pushes_nothing_out() -> None:
    chronicle = Chronicle()
    chronicle.take(Snapshot(events=(event(1, "it failed"),)))
    for at in range(2, 5000, 100):
        events = tuple(event(number, "done", EventKind.DONE) for number in range(at, at + 100))
        chronicle.take(Snapshot(events=events))
    assert len(chronicle) < 1000
    assert chronicle.newest_first()[-1].text == "it failed"


def test_foreign_text_is_kept_clean() -> None:
    chronicle = Chronicle()
    chronicle.take(Snapshot(events=(event(1, "\x1b]2;T\x07 failed", worker="\x9b-x"),)))
    (one,) = chronicle.newest_first()
    assert one.text.isprintable()
    assert one.who.isprintable()


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_pane(backend: FakeBackend, size: tuple[int, int]) -> None:
    failed = (JobView("job7", JobState.FAILED, since_s=time.monotonic()),)
    snapshot = Snapshot(failed=failed, events=(event(1, "[red]job7[/] failed: exit 3", worker="nova-1-x1y2"),))
    backend.show(snapshot)
    async with FjdApp(backend).run_test(size=size) as pilot:
        await pilot.press("G", "r")
        await until(pilot, lambda: backend.asked_for("retry") and len(desk_of(pilot).chronicle) == 2)
        await pilot.press("@")
        await until(pilot, lambda: isinstance(pilot.app.screen, Activity))
        await until_shown(pilot, "Back in the queue: job7.")
        lines = text_of(pilot)
        assert lines.index("Back in the queue") < lines.index("[red]job7[/] failed: exit 3")
        backend.show(replace(snapshot, events=(*snapshot.events, event(2, "disk full", EventKind.TROUBLE))))
        await until_shown(pilot, "disk full")
        await pilot.press("slash", *"exit 3", "enter")
        await until_shown(pilot, "Activity · 1 of 3")
        await until(pilot, lambda: "disk full" not in text_of(pilot).split("Activity")[1])
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


async def test_what_was_not_done_is_not_told(backend: FakeBackend) -> None:
    backend.show(scenes.run_in_progress())
    async with FjdApp(backend).run_test(size=WIDE) as pilot:
        before = desk_of(pilot).chronicle.latest
        await pilot.press("F")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press("enter")
        await until_shown(pilot, "Nobody was fired.")
        assert desk_of(pilot).chronicle.latest == before


def test_failures_are_told_together_and_the_end_at_once() -> None:
    now_s = 0.0
    herald = Herald(Taste(), clock=lambda: now_s)

    def news(waiting: int, failed: int, mode: Mode = Mode.DISPATCHING) -> str:
        return herald.news(Snapshot(mode=mode, counts=Counts(waiting=waiting, done=5, failed=failed)))

    assert news(0, 0, Mode.STARTING) == ""
    assert news(9, 3) == ""  # of the time before
    assert news(8, 4) == "1 job failed; 8 to go"
    assert news(6, 6) == ""
    now_s = 11
    assert news(5, 7) == "3 jobs failed; 5 to go"
    assert news(0, 8) == "All jobs have ended: 5 done, 8 failed"
    assert news(0, 8) == ""


def test_only_what_is_wanted_is_told() -> None:
    herald = Herald(Taste(for_failures=False, for_the_end=False))
    for waiting, failed in ((2, 0), (1, 1), (0, 2)):
        assert herald.news(Snapshot(mode=Mode.DISPATCHING, counts=Counts(waiting=waiting, failed=failed))) == ""


@pytest.mark.parametrize(
    ("signal", "environ", "sent"),
    [
        (Signal.BELL, {"TMUX": "x"}, "\x07"),
        (Signal.OSC9, {}, "\x1b]9;a,b\\x1b\x07"),
        (Signal.OSC777, {}, "\x1b]777;notify;fjd;a,b\\x1b\x07"),
        (Signal.OSC9, {"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;a,b\\x1b\x07\x1b\\"),
        (Signal.OSC9, {"STY": "x"}, "\x1bP\x1b]9;a,b\\x1b\x07\x1b\\"),
    ],
)
def test_the_ways_of_terminals(signal: Signal, environ: dict[str, str], sent: str) -> None:
    assert sequence(signal, "a;b\x1b", environ) == sent
