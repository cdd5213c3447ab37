"""What a job says of its progress, and what is made of nonsense."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import progress
from fjd.progress import Progress
from fjd.spool.layout import Layout

W = "nova-1-abc"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"0.4 training\n", Progress(0.4, "training")),
        (b"0.4", Progress(0.4)),
        (b"1\n", Progress(1.0)),
        (b"1. whole\n", Progress(1.0, "whole")),
        (b".5\n", Progress(0.5)),
        (b"40% of it\n", Progress(0.4, "of it")),
        (b"FJD:progress 0.4\tstep 3\n", Progress(0.4, "step 3")),
        (b"0.1 first\n0.2 second\n\n", Progress(0.2, "second")),
        (b"0.2 \x1b[2Jred\xff\n", Progress(0.2, "\\x1b[2Jred�")),
        (b"", None),
        (b"\n", None),
        (b"1.1\n", None),
        (b"101%\n", None),
        (b"-0.1\n", None),
        (b"nan\n", None),
        (b"inf\n", None),
        (b"1e-1\n", None),
        ("٠.٤\n".encode(), None),
        (b"0.4text\n", None),
        (b"9" * 4000, None),
    ],
)
def test_a_status_file_says_it_by_its_last_line(said: bytes, found: Progress | None) -> None:
    assert progress.in_status(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"hello\nFJD:progress 0.25 one\nmore\n", Progress(0.25, "one")),
        (b"FJD:progress 0.25 one\nFJD:progress 0.5 two\n", Progress(0.5, "two")),
        (b"FJD:progress 0.25 one\nFJD:progress 0.5", Progress(0.25, "one")),
        (b"FJD:progress 0.25\rFJD:progress 0.5\r", Progress(0.5)),
        (b"FJD:progress 0.25\nFJD:progress much\n", Progress(0.25)),
        (b"0.4 is no progress here\n", None),
        (b"FJD:progressive 0.4\n", None),
        (b"", None),
    ],
)
def test_an_output_says_it_by_its_last_whole_line_of_the_kind(said: bytes, found: Progress | None) -> None:
    assert progress.in_output(said) == found


@given(st.binary(max_size=300))
def test_whatever_it_says_is_a_share_and_one_clean_line(said: bytes) -> None:
    for found in (progress.in_status(said), progress.in_output(b"FJD:progress " + said + b"\n")):
        if found is not None:
            assert 0 <= found.share <= 1
            assert found.text.isprintable()
            assert len(found.text) <= progress.TEXT_MAX


def test_a_person_reads_percents() -> None:
    assert str(Progress(0.4, "training")) == "40% training"
    assert str(Progress(1.0)) == "100%"


def test_the_file_goes_before_the_output_and_only_the_end_is_read(layout: Layout) -> None:
    os.mkdir(layout.pod(W))
    assert progress.of_job(layout, W, "job") is None
    Path(layout.output("job")).write_bytes(b"FJD:progress 0.1\n" + b"x\n" * 5000)
    assert progress.of_job(layout, W, "job") is None
    with open(layout.output("job"), "ab") as output:
        output.write(b"FJD:progress 0.2\n")
    assert progress.of_job(layout, W, "job") == Progress(0.2)
    Path(layout.status(W, "job")).write_text("0.3\n")
    assert progress.of_job(layout, W, "job") == Progress(0.3)


def test_nothing_is_read_through_a_link_or_from_a_fifo(layout: Layout, tmp_path: Path) -> None:
    os.mkdir(layout.pod(W))
    (tmp_path / "elsewhere").write_text("0.5\n")
    os.symlink(tmp_path / "elsewhere", layout.status(W, "job"))
    os.mkfifo(layout.output("job"))
    assert progress.of_job(layout, W, "job") is None
