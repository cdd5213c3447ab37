"""The last words of a job."""

from pathlib import Path

from fjd import glance


def test_the_last_line_that_says_something(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert glance.last_line(str(path)) == ""
    path.write_text("one\nValueError: bad step\n\nFJD:progress 0.5\n  \n")
    assert glance.last_line(str(path)) == "ValueError: bad step"
    path.write_text("open")
    assert glance.last_line(str(path)) == "open"
