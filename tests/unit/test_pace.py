"""The pace of what costs something."""

import pytest

from fjd.dispatcher.pace import Pace
from tests.unit.made import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_is_due_at_first_and_then_after_the_interval(clock: Clock) -> None:
    pace = Pace(2, clock=clock)
    assert pace.due()
    with pace:
        pass
    clock.now_s += 1.9
    assert not pace.due()
    clock.now_s += 0.1
    assert pace.due()


def test_what_took_long_takes_no_more_than_its_share_of_the_time(clock: Clock) -> None:
    pace = Pace(2, share=0.1, clock=clock)
    with pace:
        clock.now_s += 3
    clock.now_s += 29.9
    assert not pace.due()
    clock.now_s += 0.2
    assert pace.due()


def test_it_can_be_hurried(clock: Clock) -> None:
    pace = Pace(2, clock=clock)
    with pace:
        pass
    pace.hurry()
    assert pace.due()


def test_what_failed_was_not_done_and_is_due_still(clock: Clock) -> None:
    pace = Pace(2, clock=clock)
    with pytest.raises(ValueError, match="x"), pace:
        raise ValueError("x")
    assert pace.due()


def test_one_hang_of_the_disk_is_not_what_the_work_costs(clock: Clock) -> None:
    pace = Pace(2, clock=clock)
    for seconds in (0, 600):
        with pace:
            clock.now_s += seconds
    clock.now_s += 2
    assert pace.due()
    with pace:
        clock.now_s += 600
    clock.now_s += 299.9
    assert not pace.due()
    clock.now_s += 0.2
    assert pace.due()


def test_what_was_done_as_a_part_of_something_else_rests_for_the_interval(clock: Clock) -> None:
    pace = Pace(1.0, clock=clock)
    pace.rest()
    assert not pace.due()
    clock.now_s += 1.0
    assert pace.due()
