"""Fixtures of the fast tests: an empty spool, and that no test leaves a process or an open file behind."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from fjd.spool import create
from fjd.spool.layout import Layout
from tests.crew import until

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
    yield
    if _has_children() or _open_files() - before:
        gc.collect()  # takes as long as a fast test, and so only when something is there
    assert not _has_children()
    until(lambda: not _open_files() - before)  # the thread of a watch closes its files a little after the watch


def _has_children() -> bool:
    """Whether this process has children, running or not yet reaped."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


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
