"""What the journals tell of one job."""

from pathlib import Path

from fjd import story
from fjd.spool.create import open_spool
from fjd.spool.journal import Journal
from fjd.story import Note, Run


def test_runs_and_notes_are_told_in_order(tmp_path: Path) -> None:
    layout = open_spool(str(tmp_path))
    at_s = iter(range(100, 200))
    one, other, dispatcher = (
        Journal(layout, writer, clock=lambda: float(next(at_s))) for writer in ("nova-1-aaaaaa", "nova-2-bb", "d")
    )
    one.write("start", job="a", attempt=1, pid=1, started=1)
    one.write("start", job="b", attempt=1, pid=1, started=1)
    one.write("end", job="a", attempt=1, outcome="failed", reason="exit 1", exit=1, signal=None, seconds=2.0, rss_kb=8)
    dispatcher.write("retry", job="a", name="a", attempt=1, not_before=0)
    other.write("start", job="a", attempt=2, pid=1, started=1)
    for journal in (one, other, dispatcher):
        journal.close()
    with Path(one.path).open("ab") as file:
        file.write(b'{"job":"a","event":"end"\n["a"]\n')
    found = story.of_job(layout, "a")
    assert found.runs == (
        Run(1, "nova-1-aaaaaa", 100.0, 2.0, "failed", "exit 1", 1, None, 8192),
        Run(2, "nova-2-bb", 104.0),
    )
    assert found.notes == (Note(103.0, "to be tried again after attempt 1"),)


def test_what_makes_no_sense_is_no_error() -> None:
    record: dict[str, object] = {
        "event": "end",
        "job": "a",
        "t": "now",
        "attempt": [],
        "seconds": None,
        "exit": "x",
        "rss_kb": 1e300,
    }
    assert story.told([("w", record)]).runs == (Run(1, "w", 0.0, 0.0),)
