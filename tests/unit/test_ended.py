"""How often those that have ended are counted."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd.dispatcher.ended import EndedJobs
from fjd.dispatcher.listing import Listings
from fjd.ledger import Ledger
from fjd.settings import Timings
from fjd.spool.layout import Layout
from tests.unit.made import Clock

_MANY = 1000
_A_NAME_S = 1e-4


class Changing(Listings):
    """Of directories that change all the time; each listing takes 0.1 s."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        super().__init__(layout)
        self.made: Counter[str] = Counter()
        self._clock = clock

    def has_changed(self, _directory: str) -> bool:
        return True

    def each_name(self, directory: str) -> Iterator[str]:
        self.made[directory] += 1
        for number in range(_MANY):
            self._clock.now_s += _A_NAME_S
            yield f"job{number}"


@pytest.mark.parametrize(("state", "at_most"), [("done", 62), ("failed", 122)])
def test_to_count_many_takes_a_small_share_of_the_time(tmp_path: Path, state: str, at_most: int) -> None:
    """Those that are done the smallest: in ten minutes, 0.1 s each time."""
    clock, layout = Clock(), Layout(str(tmp_path))
    listings = Changing(layout, clock)
    ended = EndedJobs(layout, Ledger(Timings()), listings, lambda _name: None, clock=clock)
    until_s = clock.now_s + 600
    while clock.now_s < until_s:
        ended.count()
        clock.now_s += 0.05
    directory = {"done": layout.done_dir, "failed": layout.failed_dir}[state]
    assert at_most * 0.8 <= listings.made[directory] <= at_most
