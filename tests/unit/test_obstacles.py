"""A directory where a job's file is to go does not hold up its move, and nothing of it is lost."""

import os
from pathlib import Path

import pytest

from fjd import control
from fjd.errors import DiskError, FjdError
from fjd.spool import fsio, obstacles
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout
from tests.unit.made import submit


def refused(text: str) -> None:
    raise AssertionError(f"nothing was to be said: {text}")


def test_a_move_without_an_obstacle_is_a_move(layout: Layout) -> None:
    submit(layout, "job")
    Path(layout.done("job")).write_bytes(b"older")
    assert obstacles.move(layout.queued("job"), layout.done("job"), refused) is Moved.YES
    assert obstacles.move(layout.queued("job"), layout.done("job"), refused) is Moved.GONE
    assert os.listdir(layout.done_dir) == ["job"]


@pytest.mark.parametrize("content", [(), ("kept",)], ids=["empty", "full"])
def test_a_directory_in_the_way_goes_aside_with_what_is_in_it(layout: Layout, content: tuple[str, ...]) -> None:
    submit(layout, "job.conf")
    os.mkdir(layout.done("job.conf"))
    Path(layout.done("job-2.conf")).write_bytes(b"another")
    for name in content:
        Path(layout.done("job.conf"), name).write_bytes(b"")
    said: list[str] = []
    assert obstacles.move(layout.queued("job.conf"), layout.done("job.conf"), said.append) is Moved.YES
    assert fsio.is_plain(layout.done("job.conf"))
    assert os.listdir(layout.done("job-3.conf")) == list(content)
    assert said == [f"{layout.done('job.conf')} stands in the way, and is now {layout.done('job-3.conf')}"]


def test_a_file_in_the_way_of_a_directory_goes_aside_too(layout: Layout) -> None:
    """It is no job, but somebody has put it into a pod, and its worker fails it under the name of an earlier one."""
    os.mkdir(layout.queued("job"))
    Path(layout.failed("job")).write_bytes(b"earlier")
    said: list[str] = []
    assert obstacles.move(layout.queued("job"), layout.failed("job"), said.append) is Moved.YES
    assert os.path.isdir(layout.failed("job"))
    assert Path(layout.failed("job-2")).read_bytes() == b"earlier"
    assert len(said) == 1


def test_a_target_whose_directory_is_missing_or_a_file_is_no_obstacle(layout: Layout) -> None:
    submit(layout, "job")
    os.rmdir(layout.done_dir)
    assert obstacles.move(layout.queued("job"), layout.done("job"), refused) is Moved.ASTRAY
    Path(layout.done_dir).write_bytes(b"")
    assert obstacles.move(layout.queued("job"), layout.done("job"), refused) is Moved.ASTRAY


def test_what_is_put_in_the_way_again_and_again_is_a_trouble(layout: Layout) -> None:
    submit(layout, "job")
    os.mkdir(layout.done("job"))
    with pytest.raises(DiskError, match="put in its way all the time"):
        obstacles.move(layout.queued("job"), layout.done("job"), lambda _text: os.mkdir(layout.done("job")))
    assert os.listdir(layout.jobqueue) == ["job"]


def test_who_cancels_is_told_what_stands_in_the_way(layout: Layout) -> None:
    submit(layout, "job")
    os.mkdir(layout.failed("job"))
    with pytest.raises(FjdError, match=r"job cannot be cancelled while a directory stands at .*failed/job"):
        control.cancel(layout, "job")
    assert os.listdir(layout.jobqueue) == ["job"]
