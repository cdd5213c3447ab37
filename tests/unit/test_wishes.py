"""What is wanted of a spool: the two files, what they mean, and that their mistakes are told with their lines."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd import capacity, configuration
from fjd.dispatcher import Dispatcher, wishes
from fjd.errors import ConfigurationError
from fjd.ledger import Counted, Halt
from fjd.settings import Timings
from fjd.snapshot import EventKind, Mode
from fjd.spool.layout import Layout
from tests.unit.made import HandWorker, submit
from tests.unit.test_dispatcher import end, step_until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own file is."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "fjd").mkdir(parents=True)
    return tmp_path / "home" / "fjd" / "config.ini"


def say(layout: Layout, text: str) -> None:
    """Write the spool's file, as an editor does that writes a new one."""
    Path(layout.config_file + ".new").write_text(text)
    os.rename(layout.config_file + ".new", layout.config_file)


def test_without_files_nothing_is_wanted(layout: Layout, home: Path) -> None:
    assert wishes.read(layout) == wishes.Wishes()


def test_the_spool_comes_before_the_user(layout: Layout, home: Path) -> None:
    home.write_text("[defaults]\nretries = 1\nnice = 5\n[dispatch]\nhalt = never\nload-limit = 50%\n[tui]\nx = y\n")
    say(layout, "[defaults]\nretries = 2\ntags = gpu, big\n[dispatch]\nhalt = now,fail=3%\non-finish = 'echo \"#\"'\n")
    found = wishes.read(layout)
    assert found.defaults == (("retries", "2"), ("tags", "gpu, big"), ("nice", "5"))
    assert found.rules.halt == Halt("now,fail=3%", True, Counted.FAIL, share=0.03)
    assert found.rules.load_limit == capacity.processors() / 2
    assert found.on_finish == 'echo "#"'


def test_all_mistakes_are_told_with_file_line_and_the_nearest_name(layout: Layout, home: Path) -> None:
    home.write_text("[defaults]\n\nretrys = 1\n")
    say(layout, "[defaults]\ntimeout = soon\n[dispatch]\nhalt = now,fails=1\nload-limit = much\n")
    with pytest.raises(ConfigurationError) as caught:
        wishes.read(layout)
    first, *others = caught.value.sentences
    assert first == f"{home}:3: there is no retrys in [defaults]; did you mean retries?"
    assert [sentence.split(" ")[0] for sentence in others] == [f"{layout.config_file}:{n}:" for n in (2, 4, 5)]
    assert "timeout: 'soon' is no duration" in others[0]


def test_a_crew_is_wanted_by_both_files_and_by_a_command_before_them(layout: Layout, home: Path) -> None:
    home.write_text("[crew]\nidle-timeout = 1h\nrate = 7\n")
    assert wishes.read(layout).crew is None
    say(layout, "[crew]\nsize = 0..4\nrate = 8\n")
    found = wishes.read(layout, {"size": "2..6"}).crew
    assert found is not None
    assert (found.rules.size, found.rules.rate, found.rules.idle_timeout_s) == ("2..6", 8, 3600.0)


def test_mistakes_in_a_crew_are_told_with_file_line_and_the_nearest_name(layout: Layout, home: Path) -> None:
    say(layout, "[crew]\nsize = 4..2\nidle-timout = 5m\n")
    with pytest.raises(ConfigurationError) as caught:
        wishes.read(layout)
    assert caught.value.sentences == (
        f"{layout.config_file}:3: there is no idle-timout in [crew]; did you mean idle-timeout?",
    )
    say(layout, "[crew]\nsize = 4..2\non = slrm\nrate = fast\n")
    with pytest.raises(ConfigurationError) as caught:
        wishes.read(layout)
    first, second, third = caught.value.sentences
    assert first == f"{layout.config_file}:2: size: '4..2' is no size of a crew: 4 is more than 2"
    assert second.startswith(f"{layout.config_file}:4: rate: 'fast' is no whole number")
    assert third.startswith(f"{layout.config_file}:3: on: 'slrm' is no scheduler")
    assert "did you mean slurm?" in third
    say(layout, "[crew]\nsize = 4\ntime = 4h\n")
    with pytest.raises(ConfigurationError, match="time is for a scheduler"):
        wishes.read(layout)


@pytest.mark.parametrize(
    "text", ["[defaults]\nafter = x\n", "[defaults]\nexecutable = x\n", "[defaults]\nmemory-limit = yes\n"]
)
def test_what_can_be_no_default_is_refused(layout: Layout, home: Path, text: str) -> None:
    say(layout, text)
    with pytest.raises(ConfigurationError):
        wishes.read(layout)


def test_the_reference_is_a_file_that_says_nothing(layout: Layout, home: Path) -> None:
    say(layout, configuration.default_text(wishes.CONFIGSPEC))
    assert wishes.read(layout) == wishes.Wishes()


@pytest.fixture
def dispatcher(layout: Layout, home: Path) -> Iterator[Dispatcher]:
    say(layout, "[defaults]\npriority = 3\n")
    dispatcher = Dispatcher(layout, Timings(look_s=0.01, alive_s=0.01, reconcile_s=0.02, settle_s=0.05))
    yield dispatcher
    end(dispatcher)


def test_a_change_is_followed_and_a_mistake_is_told_and_not(layout: Layout, dispatcher: Dispatcher) -> None:
    ledger = dispatcher.ledger
    submit(layout, "job")
    step_until(dispatcher, lambda: "job" in ledger.waiting and ledger.waiting["job"].terms.priority == 3)
    say(layout, "[defaults]\npriority = many\n")
    step_until(dispatcher, lambda: any("'many' is no whole number" in event.text for event in ledger.events))
    assert ledger.waiting["job"].terms.priority == 3
    say(layout, "[defaults]\npriority = 4\n")
    step_until(dispatcher, lambda: ledger.waiting["job"].terms.priority == 4)
    os.unlink(layout.config_file)
    step_until(dispatcher, lambda: ledger.waiting["job"].terms.priority == 0)


def test_a_halt_is_a_mode_and_ends_when_the_rule_does(layout: Layout, dispatcher: Dispatcher) -> None:
    say(layout, "[dispatch]\nhalt = soon,fail=1\n")
    worker = HandWorker(layout, "w", cpus=1)
    try:
        submit(layout, "a", "b")
        step_until(dispatcher, lambda: worker.pod == ["a"])
        worker.begin("a")
        worker.end("a", "failed", exit=1)
        step_until(dispatcher, lambda: dispatcher._paint().mode is Mode.HALTED)
        snapshot = dispatcher._paint(at_once=True)
        assert snapshot.halted == "halted: 1 job failed (halt = soon,fail=1)"
        assert [event.text for event in snapshot.events if event.kind is EventKind.NOTE][-1] == snapshot.halted
        assert (worker.pod, snapshot.waiting[0].reason) == ([], "halted")
        os.unlink(layout.config_file)
        step_until(dispatcher, lambda: worker.pod == ["b"])
        assert dispatcher._paint(at_once=True).mode is Mode.DISPATCHING
    finally:
        worker.leave()
