"""One very file gets a new text, or none does."""

import os
from pathlib import Path

import pytest

from fjd.spool import fsio, noreplace, swap
from fjd.spool.fsio import Stamp
from fjd.spool.layout import Layout


@pytest.fixture(params=["exchange", "look and rename"])
def job(layout: Layout, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A held job, on a filesystem that can exchange names and on one that cannot."""
    if request.param != "exchange":
        monkeypatch.setattr(noreplace, "exchange", lambda _source, _target: False)
    path = Path(layout.held("job"))
    path.write_bytes(b"old")
    return path


def stamp(path: Path) -> Stamp:
    found = fsio.stamp(str(path))
    assert found is not None
    return found


def test_the_file_gets_the_new_text(layout: Layout, job: Path) -> None:
    assert swap.replace(layout.tmp, str(job), b"new", stamp(job))
    assert job.read_bytes() == b"new"
    assert os.listdir(layout.tmp) == []


def test_one_that_has_left_is_not_made_anew(layout: Layout, job: Path) -> None:
    was = stamp(job)
    os.rename(job, layout.queued("job"))
    assert not swap.replace(layout.tmp, str(job), b"new", was)
    assert os.listdir(layout.held_dir) == os.listdir(layout.tmp) == []


def test_another_of_its_name_is_left_as_it_is(layout: Layout, job: Path) -> None:
    was = stamp(job)
    os.rename(job, layout.queued("job"))
    job.write_bytes(b"another")
    assert not swap.replace(layout.tmp, str(job), b"new", was)
    assert job.read_bytes() == b"another"
    assert os.listdir(layout.tmp) == []


def test_one_that_was_written_to_meanwhile_is_left_as_it_is(layout: Layout, job: Path) -> None:
    was = stamp(job)
    with job.open("ab") as file:
        file.write(b" and more")
    assert not swap.replace(layout.tmp, str(job), b"new", was)
    assert job.read_bytes() == b"old and more"


def test_another_that_cannot_come_back_to_its_name_comes_back_beside_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(layout.held("job"))
    path.write_bytes(b"another")
    exchange = noreplace.exchange

    def once(source: str, target: str) -> bool:
        done = exchange(source, target)
        monkeypatch.setattr(noreplace, "exchange", lambda _source, _target: False)
        return done

    monkeypatch.setattr(noreplace, "exchange", once)
    assert not swap.replace(layout.tmp, str(path), b"new", Stamp(1, 2, 3))
    assert path.read_bytes() == b"new"
    assert Path(layout.held("job-2")).read_bytes() == b"another"


def test_what_the_kernel_exchanges_it_exchanges_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    assert noreplace.exchange(str(tmp_path / "a"), str(tmp_path / "b"))
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"b", b"a")
    with pytest.raises(FileNotFoundError):
        noreplace.exchange(str(tmp_path / "a"), str(tmp_path / "c"))
