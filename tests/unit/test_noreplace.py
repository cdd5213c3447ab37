"""The exclusive rename of the kernel, and what is said where there is none."""

import errno
import os
from pathlib import Path

import pytest

from fjd.spool import noreplace


def answering(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Let the system call fail with ``code``, as it does on some filesystems."""
    import ctypes

    def call(*_args: object) -> int:
        ctypes.set_errno(code)
        return -1

    monkeypatch.setattr(noreplace, "_renameat2", lambda: call)


def test_a_file_is_renamed_whatever_its_name(tmp_path: Path) -> None:
    source, target = str(tmp_path / "a\n"), str(tmp_path / "\udcff")
    Path(source).write_bytes(b"x")
    assert noreplace.rename(source, target)
    assert os.listdir(tmp_path) == ["\udcff"]


def test_a_taken_name_is_an_error_and_nothing_moves(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with pytest.raises(FileExistsError):
        noreplace.rename(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"b"


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        noreplace.rename(str(tmp_path / "a"), str(tmp_path / "b"))


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_filesystem_without_it_says_so(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    answering(monkeypatch, code)
    assert not noreplace.rename("/a", "/b")


def test_any_other_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, errno.EROFS)
    with pytest.raises(OSError, match="Read-only"):
        noreplace.rename("/a", "/b")


def test_a_libc_without_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noreplace, "_renameat2", lambda: None)
    assert not noreplace.rename("/a", "/b")
