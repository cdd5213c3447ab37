"""Who waits for whom: what the ledger makes of it, against a model that is as simple as can be."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.jobfile import Terms
from fjd.ledger import Ledger
from fjd.snapshot import JobState, JobView
from tests.unit.made import STAMP, announcement

NAMES = ["a1", "a2", "b1", "b2"]
PATTERNS = ["a1", "b2", "a*", "*2", "c"]


def read(ledger: Ledger, name: str, **terms: object) -> None:
    """Let a job wait, on these terms."""
    ledger.job_appeared(name)
    ledger.job_read(name, STAMP, "true", "", Terms(**terms))  # type: ignore[arg-type]


def end(ledger: Ledger, name: str, state: JobState = JobState.DONE) -> None:
    """Let it run and end."""
    ledger.job_handed(name, "w", 0.0)
    ledger.job_started(name, "w", 0.0, 1)
    ledger.job_ended(JobView(name, state, worker="w", reason="exit 1", exit=1), 1.0)


def settle(ledger: Ledger, done: set[str] = frozenset(), failed: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Settle, and answer all questions as directories with these jobs would."""
    ledger.settle()
    bonds = ledger.bonds
    for job in list(bonds.lost):
        bonds.vanished(job)
    for target in bonds.questions():
        has_done = any(map(target.matches, done))
        bonds.answer(target, has_done=has_done, failed=sorted(filter(target.matches, failed)))
    ledger.settle()


def ready(ledger: Ledger) -> list[str]:
    return [waiting.name for waiting in ledger.ready()]


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0.0)
    return ledger


def test_a_job_waits_for_another_that_waits_runs_is_held_or_is_to_be_retried(ledger: Ledger) -> None:
    read(ledger, "first", retries=1)
    read(ledger, "then", after=("first",))
    settle(ledger)
    assert ready(ledger) == ["first"]
    assert ledger.bonds.reason("then") == "waits for first"
    ledger.job_handed("first", "w", 0.0)
    settle(ledger)
    assert ready(ledger) == []
    ledger.job_started("first", "w", 0.0, 1)
    ledger.job_ended(JobView("first", JobState.FAILED, worker="w", reason="exit 1", exit=1), 1.0)
    settle(ledger)
    assert "first" in ledger.retrying
    assert (ready(ledger), ledger.bonds.doomed) == ([], {})
    ledger.job_tried_again("first", "first", 0.0, "failed")
    ledger.job_left_queue("first")
    ledger.hold(["first"])
    settle(ledger)
    assert ready(ledger) == []
    ledger.hold([])
    read(ledger, "first")
    end(ledger, "first")
    settle(ledger)
    assert ready(ledger) == ["then"]


def test_a_failed_job_fails_who_comes_after_it_but_not_after_any(ledger: Ledger) -> None:
    read(ledger, "first")
    read(ledger, "then", after=("first",))
    read(ledger, "last", after=("then",))
    read(ledger, "whatever", after_any=("fir*",))
    settle(ledger)
    end(ledger, "first", JobState.FAILED)
    settle(ledger)
    assert ledger.bonds.doomed == {"then": "it is to run after first, which failed"}
    assert ready(ledger) == ["whatever"]
    ledger.job_left_queue("then")
    ledger.job_ended(JobView("then", JobState.FAILED, reason="it is to run after first, which failed"), 2.0)
    settle(ledger)
    assert ledger.bonds.doomed == {"last": "it is to run after then, which failed"}


def test_what_is_not_there_is_waited_for_until_it_comes(ledger: Ledger) -> None:
    read(ledger, "then", after=("first", "scan-*"))
    settle(ledger)
    assert ready(ledger) == []
    assert ledger.bonds.reason("then") == "waits for first, which is not there"
    read(ledger, "first")
    settle(ledger)
    end(ledger, "first")
    settle(ledger)
    assert ledger.bonds.reason("then") == "waits for scan-*, which is not there"
    ledger.bonds.notice({"scan-7"})
    settle(ledger, done={"scan-7"})
    assert ready(ledger) == ["then"]


def test_a_glob_waits_for_all_that_it_matches_and_never_for_its_own_job(ledger: Ledger) -> None:
    for name in ("scan-1", "scan-2"):
        read(ledger, name)
    read(ledger, "scan-merge", after=("scan-*",))
    settle(ledger)
    end(ledger, "scan-1")
    settle(ledger)
    assert ledger.bonds.reason("scan-merge") == "waits for scan-2"
    read(ledger, "scan-3")
    settle(ledger)
    end(ledger, "scan-2")
    settle(ledger)
    assert ready(ledger) == ["scan-3"]
    end(ledger, "scan-3")
    settle(ledger)
    assert ready(ledger) == ["scan-merge"]


def test_what_had_ended_before_counts_too(ledger: Ledger) -> None:
    read(ledger, "one", after=("old-*",))
    read(ledger, "two", after=("bad-*",))
    settle(ledger, done={"old-1"}, failed={"bad-1"})
    assert ready(ledger) == ["one"]
    assert ledger.bonds.doomed == {"two": "it is to run after bad-1, which failed"}


def test_no_glob_is_over_while_jobs_are_on_their_way(ledger: Ledger) -> None:
    read(ledger, "then", after=("scan-*",))
    ledger.bonds.expect_more(are_coming=True)
    settle(ledger, done={"scan-1"})
    assert (ready(ledger), ledger.bonds.reason("then")) == ([], "waits for scan-*")
    ledger.bonds.expect_more(are_coming=False)
    settle(ledger)
    assert ready(ledger) == ["then"]


@pytest.mark.parametrize("order", [("a", "b", "c", "d"), ("d", "c", "b", "a"), ("b", "d", "a", "c")])
def test_jobs_that_wait_for_each_other_fail_and_say_so(ledger: Ledger, order: tuple[str, ...]) -> None:
    waits = {"a": ("b",), "b": ("c*",), "c": ("a", "x"), "d": ("a",)}
    for name in order:
        read(ledger, name, after=waits[name])
        settle(ledger)
    assert ledger.bonds.doomed == {
        "a": "it waits for b, which waits for c, which waits for a: none of them can start",
        "b": "it waits for c, which waits for a, which waits for b: none of them can start",
        "c": "it waits for a, which waits for b, which waits for c: none of them can start",
    }


def test_a_job_that_waits_for_itself_or_two_globs_for_each_other_are_rings(ledger: Ledger) -> None:
    read(ledger, "self", after=("self",))
    read(ledger, "merge1", after_any=("merge*",))
    read(ledger, "merge2", after_any=("merge*",))
    settle(ledger)
    assert ledger.bonds.doomed["self"] == "it waits for itself"
    assert sorted(ledger.bonds.doomed) == ["merge1", "merge2", "self"]


def test_a_job_that_is_changed_waits_for_what_it_says_now(ledger: Ledger) -> None:
    read(ledger, "first")
    read(ledger, "then", after=("first",))
    settle(ledger)
    ledger.job_read("then", STAMP, "true", "", Terms())
    settle(ledger)
    assert ready(ledger) == ["first", "then"]
    assert not ledger.bonds.targets


def test_a_long_chain_costs_little_whichever_end_is_read_first() -> None:
    for numbers in (range(3000), range(2999, -1, -1)):
        ledger = Ledger()
        for number in numbers:
            read(ledger, f"job{number}", after=(f"job{number - 1}",) if number else ())
            ledger.settle()
        assert ready(ledger) == ["job0"]
        assert not ledger.bonds.doomed


@dataclass
class World:
    """What stands where."""

    waits: dict[str, Terms] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def may_start(self, name: str) -> bool:
        terms = self.waits[name]
        unfinished = (self.waits.keys() | self.running) - {name}
        for pattern in (*terms.after, *terms.after_any):
            if any(map(matcher(pattern), unfinished)):
                return False
            ended = set(filter(matcher(pattern), (self.done | self.failed) - {name}))
            if not ended or (pattern in terms.after and ended & self.failed):
                return False
        return True


def matcher(pattern: str):  # type: ignore[no-untyped-def]
    from fnmatch import fnmatchcase

    return lambda name: fnmatchcase(name, pattern)


TERMS = st.builds(
    Terms,
    after=st.lists(st.sampled_from(PATTERNS), max_size=2, unique=True).map(tuple),
    after_any=st.lists(st.sampled_from(PATTERNS), max_size=1).map(tuple),
)
ACTS = st.lists(
    st.tuples(st.sampled_from(["submit", "submit", "run", "done", "failed", "remove"]), st.sampled_from(NAMES), TERMS),
    max_size=25,
)


@given(ACTS)
def test_whoever_is_ready_may_start_and_whoever_may_start_is_ready(acts: list[tuple[str, str, Terms]]) -> None:
    ledger, world = Ledger(), World()
    ledger.worker_came(announcement("w"), is_local=True, now_s=0.0)
    for act, name, terms in acts:
        if act == "submit" and name not in world.running:
            read(ledger, name, after=terms.after, after_any=terms.after_any)
            world.waits[name] = terms
        elif act == "run" and name in ready(ledger) and name not in ledger.bonds.doomed:
            ledger.job_handed(name, "w", 0.0)
            ledger.job_started(name, "w", 0.0, 1)
            del world.waits[name]
            world.running.add(name)
        elif act in ("done", "failed") and name in world.running:
            state = JobState.DONE if act == "done" else JobState.FAILED
            ledger.job_ended(JobView(name, state, worker="w", reason="exit 1", exit=1), 1.0)
            world.running.remove(name)
            (world.done if act == "done" else world.failed).add(name)
            (world.failed if act == "done" else world.done).discard(name)
        elif act == "remove" and name in world.waits:
            ledger.job_left_queue(name)
            del world.waits[name]
        settle(ledger, world.done, world.failed)
        for doomed in list(ledger.bonds.doomed):
            ledger.job_left_queue(doomed)
            ledger.job_ended(JobView(doomed, JobState.FAILED, reason="doomed"), 1.0)
            del world.waits[doomed]
            world.failed.add(doomed)
            world.done.discard(doomed)
        settle(ledger, world.done, world.failed)
        if not ledger.bonds.doomed:
            assert set(ready(ledger)) == set(filter(world.may_start, world.waits))
