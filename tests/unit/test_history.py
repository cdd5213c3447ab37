"""The past as it is written down: told from there, it is what the journals tell when they are read whole."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fjd.dispatcher import past as past_module
from fjd.dispatcher.history import History, WritesDown, write_down
from fjd.dispatcher.past import Past
from fjd.spool import fsio
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from tests.crew import until

JOBS = [f"job{number}" for number in range(5)]
Said = tuple[str, dict[str, Any]]
"""An event, and what its line says besides."""


def start(job: str, attempt: int) -> Said:
    return "start", {"job": job, "attempt": attempt}


def end(job: str, outcome: str, again: bool) -> Said:
    return "end", {"job": job, "outcome": outcome, "attempt": 1, **({"again": True} if again else {})}


def retry(job: str, name: str) -> Said:
    return "retry", {"job": job, "name": name, "attempt": 1, "not_before": 99.0}


def requeued(job: str, crashes: int) -> Said:
    return "requeued", {"job": job, "name": job, "crashes": crashes}


def cancelled(job: str) -> Said:
    return "cancelled", {"job": job, "reason": "no"}


JOB = st.sampled_from(JOBS)
LINES = st.one_of(
    st.builds(start, JOB, st.integers(1, 3)),
    st.builds(end, JOB, st.sampled_from(["done", "failed", "requeued"]), st.booleans()),
    st.builds(retry, JOB, JOB),
    st.builds(requeued, JOB, st.integers(0, 3)),
    st.builds(cancelled, JOB),
)
DEEDS = st.lists(st.tuples(st.sampled_from(["w1", "w2", "dispatcher-x"]), LINES) | st.none(), max_size=40)
"""Who writes what, one after the other; None where what is known is written down."""


def known(past: Past) -> tuple[object, ...]:
    """All that is asked of it."""
    return {view.name: view for view in past.views()}, past.unfinished(), past.crashes()


def read(layout: Layout) -> Past:
    history = History(layout)
    history.read()
    return history.past


def told_whole(layout: Layout) -> Past:
    """Return what the journals tell to whoever finds nothing written down."""
    if os.path.exists(layout.history_file):
        os.rename(layout.history_file, f"{layout.history_file}.away")
    past = read(layout)
    if os.path.exists(f"{layout.history_file}.away"):
        os.rename(f"{layout.history_file}.away", layout.history_file)
    return past


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS)
@example([("w1", start("job0", 2)), None, ("w1", end("job0", "requeued", again=False))])
def test_what_is_written_down_and_what_has_come_since_are_the_whole(
    layout: Layout, deeds: list[tuple[str, Said] | None]
) -> None:
    for path in (Path(layout.history_file), *Path(layout.journals).glob("*")):
        path.unlink(missing_ok=True)
    journals: dict[str, Journal] = {}
    for t, deed in enumerate(deeds):
        if deed is None:
            write_down(layout)
            continue
        writer, (event, values) = deed
        if writer not in journals:
            journals[writer] = Journal(layout, writer)
        journals[writer]._clock = partial(float, t)
        journals[writer].write(event, **values)
    for one in journals.values():
        one.close()
    assert known(read(layout)) == known(told_whole(layout))


@pytest.fixture
def journal(layout: Layout) -> Path:
    """A journal of three jobs, written down after the second."""
    writer = Journal(layout, "w", clock=lambda: 1.0)
    for job in ("a", "b"):
        writer.write("end", job=job, outcome="done", seconds=1.0)
    write_down(layout)
    writer.write("end", job="c", outcome="done", seconds=1.0)
    writer.close()
    return Path(writer.path)


def names(past: Past) -> list[str]:
    return [view.name for view in past.views()]


def test_only_what_is_new_is_read(layout: Layout, journal: Path) -> None:
    history = History(layout)
    history.read()
    assert (names(history.past), history.news) == (["a", "b", "c"], 1)
    assert history.offset("w") == journal.stat().st_size
    assert history.offset("nobody") == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\x00nonsense\n[1,2]"),
        lambda path: path.write_text('{"format": 1, "places": {"w": [-1, 0, ""]}}'),
        lambda path: path.write_text('{"format": 1, "places": [3]}'),
        lambda path: path.write_text('{"format": 1, "places": {}}\n["w", 5]'),
        lambda path: path.write_text(path.read_text().replace('"format": 1', '"format": 2')),
        lambda path: path.chmod(0o666),
    ],
)
def test_what_cannot_be_used_of_it_is_passed_over(
    layout: Layout, journal: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(Path(layout.history_file))
    assert names(read(layout)) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["", '{"t":2.0,"event":"end","job":"x","outcome":"done"}\n' * 9])
def test_another_journal_of_that_name_is_read_whole(layout: Layout, journal: Path, text: str) -> None:
    journal.rename(journal.with_suffix(".old"))
    journal.write_text(text)
    assert set(names(read(layout))) == {"a", "b", *(["x"] if text else [])}


def test_a_journal_that_was_removed_leaves_what_was_known(layout: Layout, journal: Path) -> None:
    journal.unlink()
    assert names(read(layout)) == ["a", "b"]


def test_no_more_is_kept_than_the_bound(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_module, "HISTORY_MAX", 3)
    writer = Journal(layout, "w")
    for number in range(10):
        writer.write("start", job=f"job{number}", attempt=1)
        writer.write("end", job=f"job{number}", outcome="failed" if number == 0 else "done")
    writer.close()
    past = read(layout)
    assert names(past) == ["job7", "job8", "job9", "job0"]
    assert not past.begun


def test_it_is_written_down_when_many_have_ended_and_not_before(layout: Layout, journal: Path) -> None:
    Path(layout.history_file).unlink()
    writes = WritesDown(layout)
    writes.look(99_999)
    assert not os.path.exists(layout.history_file)
    writes.look(100_000)
    until(lambda: os.path.exists(layout.history_file))
    history = History(layout)
    history.read()
    assert (names(history.past), history.news) == (["a", "b", "c"], 0)


def test_where_the_disk_refuses_it_nothing_is_lost(
    layout: Layout, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path(layout.history_file).read_bytes()

    def refuse(*_arguments: object, **_options: object) -> bool:
        raise fsio.refusals.refusal("write", OSError(28, "No space left on device"))

    monkeypatch.setattr(fsio, "publish", refuse)
    write_down(layout)
    assert Path(layout.history_file).read_bytes() == before
