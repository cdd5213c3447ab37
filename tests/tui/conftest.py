"""Fixtures of the screen: a fake spool, an app on it, a clock that stands still for pictures."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.snapshot import Snapshot
from fjd.tui.app import FjdApp
from tests.tui.fake_engine import FakeBackend

WIDE, SMALL = (120, 36), (80, 24)


@pytest.fixture
def backend(tmp_path: Path) -> FakeBackend:
    (tmp_path / "output").mkdir()
    return FakeBackend(tmp_path)


@pytest.fixture
def make_app(backend: FakeBackend) -> Callable[[Snapshot], FjdApp]:
    def make(snapshot: Snapshot) -> FjdApp:
        backend.show(snapshot)
        return FjdApp(backend, theme_name="fjd")

    return make


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> float:
    """Times on the screen stand still: what is drawn depends on the snapshot alone."""
    now_s = time.monotonic()

    class Clock:
        monotonic = staticmethod(lambda: now_s)

    monkeypatch.setattr("fjd.tui.panes.jobs.time", Clock)
    monkeypatch.setattr("fjd.tui.panes.workers.time", Clock)
    monkeypatch.setattr("tests.tui.scenes.now", lambda: now_s)
    return now_s
