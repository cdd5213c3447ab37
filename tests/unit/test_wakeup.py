"""The nudge: it wakes whoever waits, and nothing depends on it."""

import errno
import os
import select
from pathlib import Path

import pytest

from fjd.errors import DiskError
from fjd.spool import wakeup


def is_rung(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def test_a_ring_wakes_and_a_drained_bell_is_silent_again(tmp_path: Path) -> None:
    path = str(tmp_path / ".nudge")
    bell = wakeup.open_bell(path)
    assert bell is not None
    try:
        assert not is_rung(bell)
        assert wakeup.ring(path)
        assert wakeup.ring(path)
        assert is_rung(bell)
        wakeup.drain(bell)
        assert not is_rung(bell)
    finally:
        os.close(bell)


def test_rings_beyond_what_a_pipe_holds_do_not_block(tmp_path: Path) -> None:
    path = str(tmp_path / ".nudge")
    bell = wakeup.open_bell(path)
    assert bell is not None
    try:
        assert all(wakeup.ring(path) for _ in range(70_000))
        wakeup.drain(bell)
        assert not is_rung(bell)
    finally:
        os.close(bell)


def test_nobody_is_woken_where_nobody_waits(tmp_path: Path) -> None:
    path = str(tmp_path / ".nudge")
    assert not wakeup.ring(path)
    os.mkfifo(path)
    assert not wakeup.ring(path)


def test_a_bell_that_is_there_already_is_used(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".nudge")
    bell = wakeup.open_bell(str(tmp_path / ".nudge"))
    assert bell is not None
    os.close(bell)


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_a_filesystem_without_fifos_has_no_bell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def failing(_path: str, _mode: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "mkfifo", failing)
    assert wakeup.open_bell(str(tmp_path / ".nudge")) is None


def test_a_pod_that_is_gone_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot make"):
        wakeup.open_bell(str(tmp_path / "gone/.nudge"))


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_fifo_is_no_bell(tmp_path: Path, kind: str) -> None:
    """It would be readable for ever, and a worker that waits on it would never sleep."""
    precious, path = tmp_path / "precious", tmp_path / ".nudge"
    precious.write_bytes(b"")
    if kind == "link":
        path.symlink_to(precious)
    else:
        path.write_bytes(b"")
    assert wakeup.open_bell(str(path)) is None
    assert not wakeup.ring(str(path))
    assert path.read_bytes() == precious.read_bytes() == b""
