"""Where the outputs of a worker's jobs go: to their place, and the empty ones to the next job."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd.errors import DiskError, JobFileError
from fjd.spool.layout import Layout
from fjd.spool.output import Outputs


@pytest.fixture
def outputs(layout: Layout) -> Iterator[Outputs]:
    outputs = Outputs(layout, spares=True)
    yield outputs
    outputs.end()
    outputs.drop()


def spares(layout: Layout) -> list[str]:
    return os.listdir(layout.tmp)


def inode(descriptor: int) -> int:
    return os.fstat(descriptor).st_ino


@pytest.mark.parametrize("has_spares", [True, False])
def test_what_was_printed_is_at_its_place_in_the_end(layout: Layout, has_spares: bool) -> None:
    outputs = Outputs(layout, spares=has_spares)
    for number in range(3):
        os.write(outputs.begin(layout.output(f"job{number}")), b"hello %d" % number)
        outputs.end()
    assert [Path(layout.output(f"job{number}")).read_text() for number in range(3)] == ["hello 0", "hello 1", "hello 2"]
    assert spares(layout) == []


@pytest.mark.parametrize("has_spares", [True, False])
def test_of_a_job_that_printed_nothing_nothing_stays(layout: Layout, has_spares: bool) -> None:
    outputs = Outputs(layout, spares=has_spares)
    Path(layout.output("job")).write_text("of the run before")
    outputs.begin(layout.output("job"))
    outputs.end()
    outputs.drop()
    assert os.listdir(layout.outputs) == spares(layout) == []


def test_a_file_that_stayed_empty_is_that_of_the_next_job(layout: Layout, outputs: Outputs) -> None:
    first = inode(outputs.begin(layout.output("a")))
    outputs.end()
    writer = outputs.begin(layout.output("b"))
    assert inode(writer) == first
    os.write(writer, b"x")
    outputs.end()
    assert Path(layout.output("b")).stat().st_ino == first
    assert inode(outputs.begin(layout.output("c"))) != first
    outputs.end()


def test_a_file_that_is_still_open_somewhere_is_no_other_jobs(layout: Layout, outputs: Outputs) -> None:
    """What a job left running in the background must not print into the output of another."""
    writer = outputs.begin(layout.output("a"))
    first = inode(writer)
    left = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=writer)
    outputs.end()
    assert inode(outputs.begin(layout.output("b"))) != first
    left.communicate(b"late")
    outputs.end()
    assert os.listdir(layout.outputs) == []


def test_it_is_seen_at_its_place_when_it_is_to_be(layout: Layout, outputs: Outputs) -> None:
    writer = outputs.begin(layout.output("job"))
    assert os.listdir(layout.outputs) == []
    outputs.show()
    os.write(writer, b"now")
    assert Path(layout.output("job")).read_text() == "now"
    outputs.end()
    assert Path(layout.output("job")).read_text() == "now"


def test_what_was_seen_empty_is_gone_when_it_stayed_so(layout: Layout, outputs: Outputs) -> None:
    outputs.begin(layout.output("job"))
    outputs.show()
    outputs.end()
    assert os.listdir(layout.outputs) == spares(layout) == []


def test_a_spare_that_was_swept_away_is_made_anew(layout: Layout, outputs: Outputs) -> None:
    outputs.begin(layout.output("a"))
    outputs.end()
    os.unlink(os.path.join(layout.tmp, spares(layout)[0]))
    os.write(outputs.begin(layout.output("b")), b"x")
    outputs.end()
    assert Path(layout.output("b")).read_text() == "x"


def test_a_directory_in_its_place_is_the_jobs_trouble(layout: Layout, outputs: Outputs) -> None:
    os.mkdir(layout.output("job"))
    with pytest.raises(JobFileError, match="is a directory"):
        outputs.begin(layout.output("job"))


def test_without_the_directory_nothing_is_lost(layout: Layout, outputs: Outputs) -> None:
    os.write(outputs.begin(layout.output("job")), b"x")
    os.rmdir(layout.outputs)
    with pytest.raises(DiskError):
        outputs.end()
    os.mkdir(layout.outputs)
    outputs.end()
    assert Path(layout.output("job")).read_text() == "x"


def test_it_is_as_open_as_the_directory_of_outputs(layout: Layout, outputs: Outputs) -> None:
    os.chmod(layout.outputs, 0o2750)
    os.write(outputs.begin(layout.output("job")), b"x")
    outputs.end()
    assert stat.S_IMODE(os.stat(layout.output("job")).st_mode) == 0o640
