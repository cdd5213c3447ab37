"""Fixtures: a crew on a disk that a test can break."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crew import Crew
from tests.faults import disks

TIMINGS = "grace_s=1 heartbeat_s=0.2 look_s=0.5 reconcile_s=1 lease_s=20"

Make = Callable[[str], Crew]


@pytest.fixture
def on_tmpfs(tmp_path: Path) -> Iterator[Make]:
    """Make a crew on a disk in memory, mounted with these options; what they say is kept elsewhere."""
    with ExitStack() as stack:

        def make(options: str) -> Crew:
            root = stack.enter_context(disks.tmpfs(tmp_path / "spool", options))
            crew = Crew(root, TIMINGS)
            crew.talk = tmp_path / "worker-talk"
            stack.callback(crew.close)
            return crew

        yield make


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """A crew on a plain disk; the spool is empty but for its ``jobqueue``."""
    root = tmp_path / "spool"
    (root / "jobqueue").mkdir(mode=0o700, parents=True)
    root.chmod(0o700)
    crew = Crew(root, TIMINGS)
    crew.talk = tmp_path / "worker-talk"
    yield crew
    crew.close()


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Where a dispatcher's stderr is kept while it runs."""
    return tmp_path / "dispatcher-talk"
