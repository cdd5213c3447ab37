"""Fixtures of the fast tests: an empty spool, and that no test leaves a process or an open file behind."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

from fjd.spool import create
from fjd.spool.layout import Layout

settings.register_profile("fjd", deadline=None)
settings.load_profile("fjd")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty spool."""
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    return create.open_spool(str(root))


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    before = _open_files()
    children = set(psutil.Process().children())
    yield
    gc.collect()
    assert not set(psutil.Process().children()) - children
    assert not _open_files() - before


def _open_files() -> set[str]:
    """What this process has open, by descriptor and target."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:
            continue  # the one that listed the directory
        if "hypothesis" not in target:
            found.add(f"{descriptor} -> {target}")
    return found
