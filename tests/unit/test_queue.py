"""The waiting jobs: their order, and which of them may go."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.jobfile import NO_TERMS, Terms
from fjd.ledger import queue as queue_module
from fjd.ledger.delays import Delays
from fjd.ledger.queue import Queue
from fjd.ledger.records import Readiness
from fjd.order import natural_key
from tests.unit.made import STAMP

NAMES = ["job1", "job2", "job10", "b"]
TERMS = [NO_TERMS, Terms(priority=5), Terms(priority=-1), Terms(not_before_s=50.0), Terms(priority=5, not_before_s=9.0)]
ACTS = st.tuples(
    st.sampled_from(["add", "add all", "read", "read next", "write", "unread", "discard", "hold", "pass"]),
    st.sampled_from(NAMES),
    st.sampled_from(TERMS),
    st.integers(0, 100),
)


@dataclass
class Model:
    """One job as simply as can be."""

    terms: Terms = NO_TERMS
    is_read: bool = False


@pytest.mark.parametrize("records_max", [0, 1, 100])
def test_what_is_ready_is_what_was_read_and_nothing_holds_in_its_order(
    records_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is kept of each."""
    monkeypatch.setattr(queue_module, "RECORDS_MAX", records_max)

    @given(st.lists(ACTS, max_size=60))
    def hold(acts: list[tuple[str, str, Terms, int]]) -> None:
        follow(acts)

    hold()


def follow(acts: list[tuple[str, str, Terms, int]]) -> None:
    """Do all this to a queue and to a model of it, and compare them after each step."""
    queue, model, now_s = Queue(), dict[str, Model](), 0.0
    due: dict[str, float] = {}
    moments: dict[str, float] = {}
    for act, name, terms, number in acts:
        if act == "add":
            queue.add(name)
            model.setdefault(name, Model())
        elif act == "add all":
            unknown = {one for one in (name, "job3", "job20") if one not in model}
            assert queue.add_all([name, "job20", "job3"]) == sorted(unknown, key=natural_key)
            model.update({one: Model() for one in unknown})
        elif act.startswith("read") and queue.read(name, STAMP, "true", "", terms, is_next=act == "read next"):
            model[name] = Model(terms, is_read=True)
            moments.pop(name, None)
            if terms.not_before_s is not None:
                moments[name] = terms.not_before_s
        elif act in ("write", "unread") and name in model:
            queue.change(name, Readiness.WRITTEN if act == "write" else Readiness.UNREAD)
            model[name].is_read = False
        elif act == "discard" and queue.discard(name):
            del model[name]
            due.pop(name, None)
            moments.pop(name, None)
        elif act == "hold":
            queue.hold_until(name, float(number))
            due[name] = float(number)
        elif act == "pass":
            now_s = max(now_s, float(number))
            queue.time_passes(now_s, now_s)
            due = {name: at_s for name, at_s in due.items() if at_s > now_s}
            moments = {name: at_s for name, at_s in moments.items() if at_s > now_s}

        def key(name: str) -> tuple[int, tuple[str, str]]:
            return -model[name].terms.priority, natural_key(name)

        assert list(queue.order) == sorted(model, key=key)
        ready = [name for name, one in model.items() if one.is_read and name not in due and name not in moments]
        assert [waiting.name for waiting in queue.ready()] == sorted(ready, key=key)
        assert all(queue.waiting[name].terms == one.terms for name, one in model.items() if one.is_read)
        assert queue.prioritized == sum(bool(one.terms.priority) for one in model.values())


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.none() | st.integers(0, 20)), max_size=400))
def test_delays_come_due_in_their_order_and_the_last_word_counts(told: list[tuple[str, int | None]]) -> None:
    delays, last = Delays(), dict[str, int]()
    for name, due_s in told:
        delays.set(name, due_s)
        last.pop(name, None)
        if due_s is not None:
            last[name] = due_s
    assert len(delays) == len(last)
    assert len(delays._heap) <= 2 * len(last) + 65
    came = [name for now_s in range(21) for name in delays.pop_due(now_s)]
    assert sorted(came) == sorted(last)
    assert [last[name] for name in came] == sorted(last.values())
    assert not len(delays)
