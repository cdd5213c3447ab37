"""A short chaos run with a fixed seed; the long one is ``python -m tests.chaos``."""

from pathlib import Path

import pytest

from tests import needs
from tests.chaos.run import Chaos, table


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_whatever_is_killed_frozen_fired_or_doubled(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    tally = Chaos(root, jobs=400, workers=5, seconds=20, seed=seed).run()
    assert tally.is_good, table(tally)
    assert sum(tally.faults.values()) > 10
    assert tally.reruns


@needs.root()
@needs.program("ip")
@needs.program("sshd")
@pytest.mark.timeout(300)
def test_nothing_is_lost_when_machines_of_the_crew_lose_their_power(tmp_path: Path) -> None:
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    tally = Chaos(root, jobs=300, workers=6, seconds=20, seed=3, machines=3).run()
    assert tally.is_good, table(tally)
    assert tally.faults["machines cut off"], table(tally)
