"""Which filesystems other hosts may change, and which need nobody to be asked."""

import os

import pytest

from fjd.spool import filesystems


@pytest.mark.parametrize(
    ("kind", "is_network"), [("ext4", False), ("tmpfs", False), ("", False), ("nfs4", True), ("fuse.sshfs", True)]
)
def test_which_filesystems_other_hosts_may_write(monkeypatch: pytest.MonkeyPatch, kind: str, is_network: bool) -> None:
    monkeypatch.setattr(filesystems, "type_of", lambda _path: kind)
    assert filesystems.is_network("/") is is_network


def test_the_type_of_a_filesystem_is_read_from_the_system() -> None:
    assert filesystems.type_of("/proc") == "proc"


@pytest.mark.parametrize(
    ("major", "kind", "is_disk"),
    [(254, "ext4", True), (254, "gpfs", False), (254, "fuseblk", False), (254, "", False), (0, "tmpfs", False)],
)
def test_a_disk_of_this_host_has_nobody_to_ask(
    monkeypatch: pytest.MonkeyPatch, major: int, kind: str, is_disk: bool
) -> None:
    filesystems.is_disk.cache_clear()
    monkeypatch.setattr(filesystems, "_type_of_device", lambda _device: kind)
    assert filesystems.is_disk(os.makedev(major, 7)) is is_disk
    filesystems.is_disk.cache_clear()
