"""The thread that keeps an elastic crew, tick by tick: what it counts, writes down, tells, and goes on from."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fjd.elastic import wish as wishes
from fjd.elastic.engine import Engine
from fjd.elastic.hands import Hands, Outcome
from fjd.elastic.wish import CrewWish, Means
from fjd.ledger import Demand
from fjd.policy import Offer
from fjd.policy.elastic import Kind, Member, Queue, Rules, Sight
from fjd.recruiter import FireReport, placements
from fjd.recruiter.placements import Placement
from fjd.settings import Timings
from fjd.snapshot import CrewView
from fjd.spool import announce, crewstate, fsio
from fjd.spool.crewstate import CrewState, Paused
from fjd.spool.layout import Layout
from tests.unit.made import Clock, announcement

TIMINGS = Timings(answer_s=1, grace_s=1)
JOBS = Queue((Kind(Demand(), 3, 60.0, 0.0),))


class Recorder(Hands):
    """Hires by announcing, or fails, as it is told."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout, TIMINGS, "/")
        self.layout = layout
        self.asked: list[tuple[str, int]] = []
        self.fired: list[str] = []
        self.problem = ""
        self.before: Callable[[], object] = lambda: None
        """Called before anybody is hired."""

    def hire(self, wanted: Sequence[tuple[Means, int]]) -> list[Outcome]:
        self.before()
        outcomes = []
        for means, count in wanted:
            self.asked.append((means.place.name, count))
            if not self.problem:
                self.announce(count)
            outcomes.append(Outcome(means.place.name, 0 if self.problem else count, self.problem))
        return outcomes

    def announce(self, count: int) -> None:
        for _ in range(count):
            said = announcement(announce.new_id("nova", 1), by="crew")
            announce.publish(self.layout, replace(said, kind="process"))

    def fire(self, workers: Sequence[str]) -> FireReport:
        self.fired += workers
        return FireReport((), (), (), tuple(workers))

    def stillborn(self) -> list[Placement]:
        return []


class Stage:
    """An engine, its hands, and what the dispatcher shows it."""

    def __init__(self, layout: Layout, **texts: str) -> None:
        self.layout = layout
        self.clock = Clock()
        self.wall = Clock(1e9)
        self.hands = Recorder(layout)
        self.wish = self.wanted(**texts)
        self.engine = self.new_engine()
        self.told: list[str] = []

    def wanted(self, **texts: str) -> CrewWish:
        found = wishes.parse(self.layout, {"size": "0..4", **texts}, TIMINGS)
        assert found is not None
        return found

    def new_engine(self) -> Engine:
        return Engine(self.layout, TIMINGS, self.hands, clock=self.clock, wall=self.wall)

    def tick(self, queue: Queue = JOBS, members: Sequence[Member] = (), *, seconds: float = 1.0) -> list[str]:
        """Let time pass, and the engine see this; return what is told."""
        self.clock.now_s += seconds
        self.wall.now_s += seconds
        self.engine.see(self.wish, Sight(self.clock.now_s, queue, tuple(members)))
        self.engine.tick()
        return [text for _, text in self.engine.news()]


@pytest.fixture
def stage(layout: Layout) -> Stage:
    return Stage(layout)


def member(name: str, idle_s: float | None = None) -> Member:
    return Member(name, "local", Offer(frozenset(), 1, 1, float("inf")), idle_s, is_ours=True)


def ids(layout: Layout) -> list[str]:
    return list(announce.read_all(layout))


def test_who_has_come_since_the_dispatcher_looked_is_counted(stage: Stage) -> None:
    assert stage.tick()[0].startswith("crew: hired 3 workers on local: 3 jobs have waited")
    for _ in range(3):
        assert stage.tick() == []
    assert stage.hands.asked == [("local", 3)]
    stage.tick(members=[member(name) for name in ids(stage.layout)])
    assert stage.hands.asked == [("local", 3), ("local", 1)], "three are busy, and three jobs wait"


def test_before_anybody_is_hired_it_is_written_down_and_whoever_comes_after_waits_for_them(stage: Stage) -> None:
    noted: list[CrewState | None] = []
    stage.hands.before = lambda: noted.append(crewstate.read(stage.layout))
    stage.tick()
    assert noted[0] is not None
    assert noted[0].hiring == (("local", 3),)
    after = crewstate.read(stage.layout)
    assert after is not None
    assert (after.hiring, after.hired) == ((), ((stage.wall.now_s, 3),))
    # Another was killed while it hired, and nobody has announced himself yet.
    crewstate.write(stage.layout, noted[0])
    for name in ids(stage.layout):
        Path(stage.layout.announcement(name)).unlink()
    stage.engine = stage.new_engine()
    stage.tick()
    assert stage.hands.asked == [("local", 3)]
    stage.tick(seconds=60.0)
    assert stage.hands.asked == [("local", 3), ("local", 3)], "by now they would have come"


def test_what_was_hired_within_the_last_minute_counts_for_the_next_dispatcher(layout: Layout) -> None:
    stage = Stage(layout, rate="3")
    stage.tick()
    stage.engine = stage.new_engine()
    for _ in range(30):
        stage.tick(members=[member(name) for name in ids(layout)])
    assert stage.hands.asked == [("local", 3)]
    stage.tick(members=[member(name) for name in ids(layout)], seconds=40.0)
    assert stage.hands.asked == [("local", 3), ("local", 1)]


def test_failures_are_told_lead_to_a_pause_and_outlive_the_dispatcher(stage: Stage) -> None:
    stage.hands.problem = "no \x1b[31mquota"
    told = [text for _ in range(60) for text in stage.tick()]
    assert told == [
        "crew: hiring on local failed, tried again in 5 s (1 of 3): no \\x1b[31mquota",
        "crew: hiring on local failed, tried again in 10 s (2 of 3): no \\x1b[31mquota",
        "crew: hiring on local is paused for 5m after 3 failures, or until fjd crew --resume: no \\x1b[31mquota",
    ]
    stage.engine = stage.new_engine()
    assert stage.tick() == []
    view = stage.engine.view
    assert view is not None
    assert view.paused == "local: no \\x1b[31mquota"
    assert len(stage.hands.asked) == 3
    stage.hands.problem = ""
    told = stage.tick(seconds=300.0)
    assert stage.hands.asked[3:] == [("local", 1)], "after a pause one is tried"
    assert told[-1] == "crew: hiring on local goes well again"
    stage.tick(members=[member(name) for name in ids(stage.layout)])
    assert stage.hands.asked[4:] == [("local", 3)]


def test_a_pause_ends_when_somebody_says_so(stage: Stage) -> None:
    crewstate.write(stage.layout, CrewState(setbacks=(Paused("local", 5, "down", stage.wall.now_s + 1e6, 600.0),)))
    stage.tick()
    assert stage.hands.asked == []
    state = crewstate.read(stage.layout)
    assert state is not None
    assert state.pauses[0].until <= stage.wall.now_s + 600.0, "a clock was set; nobody waits longer than was meant"
    crewstate.ask_to_resume(stage.layout)
    assert stage.tick()[0] == "crew: hiring goes on, as was asked for"
    assert stage.hands.asked == [("local", 3)]


def test_without_a_fresh_sight_nothing_is_done_and_nothing_shown(stage: Stage) -> None:
    stage.tick(Queue())
    assert stage.engine.view == CrewView("0..4", "local")
    stage.engine.see(stage.wish, Sight(stage.clock.now_s - 1000, JOBS, ()))
    stage.engine.tick()
    stage.engine.see(stage.wish, None)
    stage.engine.tick()
    assert [stage.engine.view, len(stage.hands.asked)] == [None, 0]


def test_the_idle_are_ordered_to_leave_once(stage: Stage) -> None:
    stage.hands.announce(2)
    first, second = ids(stage.layout)
    members = [member(first, 400.0), member(second)]
    assert stage.tick(Queue(), members) == [f"crew: {first} is fired: idle for 6m40s, and 5m is enough"]
    assert stage.tick(Queue(), members) == []
    assert stage.hands.fired == [first]


def test_a_dry_run_only_tells(layout: Layout) -> None:
    stage = Stage(layout, **{wishes.DRY: "yes"})
    told = [text for _ in range(20) for text in stage.tick()]
    assert len(told) == 1
    assert told[0].startswith("crew, dry run: would hire 3 workers on local: ")
    assert stage.hands.asked == []


def test_what_was_asked_of_a_scheduler_counts_also_before_it_has_answered(layout: Layout) -> None:
    stage = Stage(layout, on="slurm")
    Path(layout.clusters).mkdir()
    asked = Placement("slurm", "", ("slurm-1-abc", "slurm-2-abc"), 0.0, "crew")
    placements.note(layout, asked)
    stage.tick()
    assert stage.hands.asked == [("slurm", 1)]
    assert json.loads(Path(layout.crew_state).read_text())["coming"] == 2
    stage.tick(seconds=100.0)
    assert placements.read_all(layout) == [], "whoever asked was cut short: its job, if it comes, starts nobody"


def test_a_state_that_cannot_be_understood_is_none(layout: Layout) -> None:
    for text in ("", "{}", "[1]", '{"least": "x"}', '{"setbacks": 3}'):
        Path(layout.crew_state).write_text(text)
        assert crewstate.read(layout) is None
    crewstate.forget(layout)
    assert crewstate.read(layout) is None


# ---- what is wanted


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"size": "4"}, (4, 4)),
        ({"size": " 0 .. 64 "}, (0, 64)),
    ],
)
def test_sizes(layout: Layout, texts: dict[str, str], told: tuple[int, int]) -> None:
    found = wishes.parse(layout, texts, TIMINGS)
    assert found is not None
    assert (found.rules.least, found.rules.most) == told


def test_without_a_size_there_is_no_crew(layout: Layout) -> None:
    assert wishes.parse(layout, {"on": "slurm", "rate": "4"}, TIMINGS) is None


def test_all_that_can_be_said_is_understood(layout: Layout) -> None:
    Path(layout.root, "remote.conf").write_text("[nova]\nworkers = 8\ntags = big\n[vega]\nuser = me\n")
    texts = {
        "size": "1..9",
        "on": "process, nova, me@vega:2, slurm",
        "idle-timeout": "1h",
        "rate": "5",
        "failures": "4",
        "pause": "1m",
        "tags": "gpu",
        "time": "4h",
        "partition": "long",
        "account": "a",
        "cpus": "4",
        "gpus": "1",
        "memory": "4G",
        "per-job": "2",
        "options": "'-l x=1' --exclusive",
    }
    found = wishes.parse(layout, texts, TIMINGS)
    assert found is not None
    rules = found.rules
    assert (rules.idle_timeout_s, rules.rate, rules.failures, rules.pause_s) == (3600.0, 5, 4, 60.0)
    assert rules.where == "local, nova, me@vega, slurm"
    local, nova, vega, slurm = found.means
    assert (local.backend, local.tags, nova.tags) == ("process", ("gpu",), ("big", "gpu"))
    assert (nova.place.most, vega.place.most, slurm.place.step) == (8, 2, 2)
    assert slurm.place.time_limit_s == 4 * 3600 - 2 * TIMINGS.grace_s
    assert slurm.scheduler is not None
    assert (slurm.scheduler.queue, slurm.scheduler.memory_bytes) == ("long", 4 << 30)
    assert slurm.scheduler.options == ("-l x=1", "--exclusive")
    hosts = wishes.parse(layout, {"size": "2", "on": "hosts"}, TIMINGS)
    assert hosts is not None
    assert [(one.place.name, one.place.is_one_each_cpu) for one in hosts.means] == [("nova", False), ("me@vega", True)]


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("size", "-1", "is no size of a crew"),
        ("on", "slrm", "did you mean slurm?"),
        ("on", "hosts", "there is no remote.conf that names hosts"),
        ("rate", "0", "is no whole number from 1"),
        ("idle-timeout", "soon", "is no duration"),
        ("pause", "0", "is too short a time"),
        ("memory", "much", "is no size"),
        ("options", "'x", "a quote that is not closed"),
    ],
)
def test_each_mistake_is_told_with_its_key(layout: Layout, key: str, text: str, told: str) -> None:
    ((wrong, problem),) = wishes.problems(layout, {"size": "0..4", key: text})
    assert wrong == key
    assert told in problem


def test_what_a_scheduler_cannot_be_asked_for_is_told(layout: Layout) -> None:
    with pytest.raises(ValueError, match="how gridengine is asked for cpus is not known here"):
        wishes.parse(layout, {"size": "1", "on": "gridengine", "cpus": "4"}, TIMINGS)


def test_the_rules_are_said_as_they_are_written() -> None:
    assert Rules(0, 64, ()).size == "0..64"


def with_pods(layout: Layout) -> list[str]:
    """Make the pods of all who are announced, in which orders are put."""
    for worker in ids(layout):
        fsio.make_dir(layout.pod(worker))
    return ids(layout)


def drained(layout: Layout) -> list[str]:
    return [worker for worker in ids(layout) if os.path.exists(layout.order(worker, "drain"))]


def test_when_there_is_to_be_none_all_whom_it_hired_are_let_go_who_come_late_too(stage: Stage) -> None:
    stage.tick()
    first = with_pods(stage.layout)
    stage.engine.see(None, None)
    stage.engine.let_go()
    stage.engine.close(5.0)  # the ticks are ours
    stage.engine.tick()
    told = [text for _, text in stage.engine.news()]
    assert told == ["crew: 3 workers fired when they have done what they run: there is to be no elastic crew any more"]
    assert drained(stage.layout) == first
    for worker in first:
        fsio.remove(stage.layout.announcement(worker))
    stage.hands.announce(1)
    late = with_pods(stage.layout)
    stage.clock.now_s += 10
    stage.engine.tick()
    assert drained(stage.layout) == late
    assert len(stage.engine.news()) == 1


def test_whom_it_hired_stay_when_there_is_one_again(stage: Stage) -> None:
    stage.tick()
    with_pods(stage.layout)
    stage.engine.let_go()
    stage.engine.close(5.0)
    for worker in ids(stage.layout):
        fsio.remove(stage.layout.order(worker, "drain"))
    stage.tick(seconds=10)
    assert drained(stage.layout) == []
