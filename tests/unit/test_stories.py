"""The journals as the dispatcher reads them: those of the past, and those that grow."""

from collections.abc import Iterator

import pytest

from fjd.dispatcher.stories import Stories
from fjd.dispatcher.terms import TermsReader
from fjd.errors import FileRefused
from fjd.ledger import Ledger
from fjd.snapshot import EventKind
from fjd.spool import fsio
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from tests.unit.made import announcement


class Writers:
    """Journals whose lines have the time that the test gives."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._journals: dict[str, Journal] = {}
        self._now_s = 0.0

    def tell(self, t: float, writer: str, event: str, **values: object) -> None:
        self._now_s = t
        if writer not in self._journals:
            self._journals[writer] = Journal(self._layout, writer, clock=lambda: self._now_s)
        self._journals[writer].write(event, **values)

    def close(self) -> None:
        for journal in self._journals.values():
            journal.close()


@pytest.fixture
def writers(layout: Layout) -> Iterator[Writers]:
    writers = Writers(layout)
    yield writers
    writers.close()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def stories(layout: Layout, ledger: Ledger) -> Stories:
    return Stories(layout, ledger, TermsReader())


def test_what_ended_before_is_remembered_and_not_counted(writers: Writers, stories: Stories, ledger: Ledger) -> None:
    writers.tell(1, "w", "start", job="a", attempt=1)
    writers.tell(2, "w", "end", job="a", outcome="done", reason="", seconds=1.0)
    writers.tell(3, "w", "end", job="b", outcome="failed", reason="exit 1", seconds=1.0)
    writers.tell(4, "d", "rejected", job="c", reason="it is empty")
    stories.read_history(set())
    assert list(ledger.done) == ["a"]
    assert {name: view.reason for name, view in ledger.failed.items()} == {"b": "exit 1", "c": "it is empty"}
    assert ledger.counts.done == ledger.failed_here == ledger.ended_here == 0
    assert not ledger.events
    assert not ledger.attempts


@pytest.mark.parametrize(("first", "second"), [("w1", "w2"), ("w2", "w1")])
def test_the_newest_outcome_of_a_name_counts_whoever_wrote_it(
    writers: Writers, stories: Stories, ledger: Ledger, first: str, second: str
) -> None:
    writers.tell(1, first, "end", job="a", outcome="failed", reason="exit 1")
    writers.tell(2, second, "end", job="a", outcome="done")
    stories.read_history(set())
    assert (list(ledger.done), list(ledger.failed)) == (["a"], [])


@pytest.mark.parametrize(("first", "second"), [("w1", "w2"), ("w2", "w1")])
def test_what_was_counted_of_a_job_is_over_when_it_has_ended(
    writers: Writers, stories: Stories, ledger: Ledger, first: str, second: str
) -> None:
    """The journals are read one by one, in whatever order, and the lines of one job are spread over several."""
    writers.tell(1, first, "start", job="a", attempt=1)
    writers.tell(2, "d", "requeued", job="a", name="a", crashes=4)
    writers.tell(3, second, "start", job="a", attempt=2)
    writers.tell(4, second, "end", job="a", outcome="done")
    stories.read_history(set())
    assert ledger.attempts == {}
    assert ledger.crashes == {}


@pytest.mark.parametrize(("first", "second"), [("w1", "w2"), ("w2", "w1")])
def test_attempts_and_crashes_of_what_has_not_ended_go_on(
    writers: Writers, stories: Stories, ledger: Ledger, first: str, second: str
) -> None:
    writers.tell(1, first, "start", job="a", attempt=1)
    writers.tell(2, "d", "requeued", job="a", name="a-2", crashes=1)
    writers.tell(3, second, "start", job="a", attempt=7)
    stories.read_history(set())
    assert ledger.attempts == {"a": 7}
    assert ledger.crashes == {"a-2": 1}


def test_a_live_workers_journal_is_followed_from_where_the_history_ended(
    writers: Writers, stories: Stories, ledger: Ledger
) -> None:
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    writers.tell(1, "w", "end", job="a", outcome="done")
    stories.read_history({"w"})
    writers.tell(2, "w", "start", job="b", attempt=2)
    stories.follow("w", 10)
    assert ledger.workers["w"].running == "b"
    assert ledger.active["b"].attempt == 2
    writers.tell(3, "w", "end", job="b", outcome="failed", reason="exit 3", seconds=0.5)
    stories.follow("w", 11)
    assert (ledger.counts.done, ledger.counts.failed, ledger.failed_here) == (0, 1, 1)
    assert ledger.failed["b"].reason == "exit 3"
    assert ledger.workers["w"].running == ""


def test_a_job_that_was_given_back_is_no_longer_the_workers(writers: Writers, stories: Stories, ledger: Ledger) -> None:
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    writers.tell(1, "w", "start", job="a", attempt=1)
    writers.tell(2, "w", "end", job="a", outcome="requeued")
    stories.follow("w", 10)
    assert not ledger.active
    assert ledger.events[-1].kind is EventKind.REQUEUED
    assert ledger.failed_here == 0


def test_a_job_that_its_worker_passes_by_is_told_once(writers: Writers, stories: Stories, ledger: Ledger) -> None:
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    ledger.job_seen_handed("a", "w", 0)
    for t in (1, 2):
        writers.tell(t, "w", "refused", job="a", reason="cannot read it")
        stories.follow("w", t)
    assert ledger.workers["w"].load == 0
    assert [event.text for event in ledger.events if event.job] == ["w passes a by for now: cannot read it"]


def test_a_journal_that_the_disk_refuses_is_told_once_and_read_later(
    writers: Writers, stories: Stories, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.worker_came(announcement("w"), is_local=True, now_s=0)
    writers.tell(1, "w", "start", job="a", attempt=1)

    def refusing(_path: str, _offset: int, _limit: int) -> bytes:
        raise FileRefused("Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(fsio, "read_new", refusing)
        stories.follow("w", 1)
        stories.follow("w", 2)
    assert [event.text for event in ledger.events][1:] == ["what w tells cannot be read: Input/output error"]
    stories.follow("w", 3)
    assert ledger.workers["w"].running == "a"


def test_a_result_that_came_too_late_counts_for_nothing(writers: Writers, stories: Stories, ledger: Ledger) -> None:
    for worker in ("w1", "w2"):
        ledger.worker_came(announcement(worker), is_local=True, now_s=0)
    writers.tell(1, "w1", "start", job="a", attempt=1)
    stories.follow("w1", 10)
    ledger.job_handed("a", "w2", 11)
    writers.tell(2, "w1", "end", job="a", outcome="superseded")
    stories.follow("w1", 12)
    assert ledger.active["a"].worker == "w2"
    assert ledger.events[-1].kind is EventKind.SUPERSEDED
    assert ledger.counts.done == 0


ODD: list[dict[str, object]] = [
    {"job": 1, "outcome": "done"},
    {"outcome": "done"},
    {"job": None},
    {"job": "a", "outcome": ["done"]},
    {"job": "a", "outcome": "novelty"},
    {"job": "a", "outcome": "done", "seconds": float("nan")},
    {"job": "a", "outcome": "done", "seconds": float("inf")},
    {"job": "a", "outcome": "done", "seconds": 10**400},
    {"job": "a", "outcome": "done", "seconds": "long"},
    {"job": "a", "outcome": "failed", "reason": None},
]


@pytest.mark.parametrize("values", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("event", ["start", "end", "found", "requeued", "rejected", "novelty"])
def test_odd_lines_do_no_harm(
    writers: Writers, stories: Stories, ledger: Ledger, event: str, values: dict[str, object]
) -> None:
    writers.tell(1, "w", event, **values, attempt="x", crashes=[1])
    stories.read_history({"w"})
    writers.tell(2, "w", event, **values, attempt=None)
    stories.follow("w", 10)
    assert ledger.mean_run_s is None
