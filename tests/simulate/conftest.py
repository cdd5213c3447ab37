from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crew import Crew


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    crew = Crew(root, "moment_s=60")
    yield crew
    crew.close()
