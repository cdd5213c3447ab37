"""Opening a spool: what is made, what is refused."""

import os
import shutil
import time
from pathlib import Path

import pytest

from fjd.errors import SpoolError, SpoolGone, UnsafeError
from fjd.spool import create
from fjd.spool.layout import Layout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "spool"
    path.mkdir(mode=0o700)
    return path


def test_a_spool_is_made_in_a_directory_that_is_there(root: Path) -> None:
    layout = create.open_spool(str(root))
    assert all(os.path.isdir(path) for path in layout.directories)
    assert Path(layout.version_file).read_text() == "1\n"
    assert os.listdir(layout.tmp) == []
    assert create.is_there(layout)


def test_a_spool_that_is_there_is_opened_with_all_that_is_in_it(root: Path) -> None:
    layout = create.open_spool(str(root))
    Path(layout.queued("job")).write_bytes(b"")
    assert create.open_spool(str(root)) == create.open_spool(str(root), create=False) == layout
    assert os.listdir(layout.jobqueue) == ["job"]


def test_a_queue_that_was_made_by_hand_becomes_a_spool(root: Path) -> None:
    (root / "jobqueue").mkdir()
    (root / "jobqueue/job").write_bytes(b"")
    assert create.is_there(create.open_spool(str(root)))


def test_the_directory_itself_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(SpoolGone, match="there is no directory"):
        create.open_spool(str(tmp_path / "mistyped"))
    assert os.listdir(tmp_path) == []


def test_without_leave_to_create_nothing_is_made(root: Path) -> None:
    with pytest.raises(SpoolGone, match="not a spool"):
        create.open_spool(str(root), create=False)
    assert os.listdir(root) == []


def test_one_spool_has_one_path_however_it_is_reached(tmp_path: Path, root: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert create.open_spool(str(tmp_path / "link")) == create.open_spool(f"{root}/./") == Layout(str(root))


def test_a_spool_of_somebody_else_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeError, match="belongs to user"):
        create.open_spool(str(root))


def test_a_spool_that_everybody_can_write_is_refused(root: Path) -> None:
    root.chmod(0o707)
    with pytest.raises(UnsafeError, match="everybody can write"):
        create.open_spool(str(root))
    assert os.listdir(root) == []


@pytest.mark.parametrize("inside", ["jobqueue", "jobpod", ".fjd"])
@pytest.mark.parametrize("may_create", [True, False])
def test_a_spool_with_a_directory_that_everybody_can_write_is_refused(
    root: Path, inside: str, may_create: bool
) -> None:
    create.open_spool(str(root))
    (root / inside).chmod(0o777)
    with pytest.raises(UnsafeError, match=f"everybody can write .*{inside}"):
        create.open_spool(str(root), create=may_create)


@pytest.mark.parametrize("version", ["2\n", "", "\udcff", "1.5"])
def test_another_protocol_is_refused(root: Path, version: str) -> None:
    layout = create.open_spool(str(root))
    Path(layout.version_file).write_bytes(os.fsencode(version))
    with pytest.raises(SpoolError, match="speaks 1"):
        create.open_spool(str(root))


def test_a_spool_that_loses_its_queue_is_gone(root: Path) -> None:
    layout = create.open_spool(str(root))
    os.rmdir(layout.jobqueue)
    assert not create.is_there(layout)


def test_what_killed_writers_left_is_swept_after_a_day(root: Path, tmp_path: Path) -> None:
    layout = create.open_spool(str(root))
    precious = tmp_path / "precious"
    precious.write_bytes(b"")
    for name, hours in (("old", 25), ("young", 23), ("new", 0)):
        path = Path(layout.tmp, name)
        path.write_bytes(b"")
        os.utime(path, (time.time() - hours * 3600,) * 2)
    os.symlink(precious, f"{layout.tmp}/link")
    os.utime(f"{layout.tmp}/link", (0, 0), follow_symlinks=False)
    os.mkdir(f"{layout.tmp}/directory")
    os.utime(f"{layout.tmp}/directory", (0, 0))
    create.sweep(layout)
    assert set(os.listdir(layout.tmp)) == {"young", "new", "link", "directory"}


def test_sweeping_a_spool_that_is_gone_is_no_trouble(root: Path) -> None:
    layout = create.open_spool(str(root))
    shutil.rmtree(root)
    create.sweep(layout)
