"""The last words of a job, and how far it says it is."""

from pathlib import Path

import pytest

from fjd import glance
from fjd.glance import Report


@pytest.mark.parametrize(
    ("line", "report"),
    [
        ("FJD:progress 0.4 epoch 2", Report(0.4, "epoch 2")),
        ("  FJD:progress 40%", Report(0.4)),
        ("FJD:progress 4/10 x", Report(0.4, "x")),
        ("FJD:progress 7", Report(1.0)),
        ("FJD:progress 1/0", None),
        ("FJD:progress 1.2.3", None),
        ("FJD:progress", None),
        ("say FJD:progress 0.4", None),
    ],
)
def test_a_report_is_read_as_people_write_it(line: str, report: Report | None) -> None:
    assert glance.report_of(line) == report


def test_the_last_line_that_says_something(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert glance.last_line(str(path)) == ""
    path.write_text("one\nValueError: bad step\n\nFJD:progress 0.5\n  \n")
    assert glance.last_line(str(path)) == "ValueError: bad step"
    assert glance.last_report(str(path)) == Report(0.5)
    path.write_text("open")
    assert glance.last_line(str(path)) == "open"
    assert glance.last_report(str(path)) is None
