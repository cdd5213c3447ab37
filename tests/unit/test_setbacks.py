"""What the disk refuses of single files is tried again at growing distances, and said once."""

import pytest

from fjd.setbacks import FIRST_S, LAST_S, Setbacks
from tests.unit.made import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def setbacks(clock: Clock) -> Setbacks:
    return Setbacks(clock=clock)


def test_what_was_never_refused_is_due(setbacks: Setbacks) -> None:
    assert setbacks.is_due("a")
    assert setbacks.due() == []


def test_the_distances_grow_up_to_a_bound(setbacks: Setbacks, clock: Clock) -> None:
    distances = []
    for _ in range(10):
        setbacks.add("a")
        began_s = clock.now_s
        while not setbacks.is_due("a"):
            clock.now_s += 0.5
        distances.append(clock.now_s - began_s)
    assert distances[:4] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
    assert distances[-1] == LAST_S


def test_each_is_said_once_and_not_for_too_many(setbacks: Setbacks, clock: Clock) -> None:
    assert [setbacks.add("a"), setbacks.add("a")] == [True, False]
    assert [setbacks.add(str(number)) for number in range(20)].count(True) == 7
    clock.now_s += LAST_S
    assert setbacks.due() == ["a", *map(str, range(20))]


def test_it_is_over_when_the_last_is_forgotten(setbacks: Setbacks) -> None:
    assert not setbacks.keep(())
    setbacks.add("a")
    setbacks.add("b")
    assert not setbacks.keep({"b"})
    assert "a" not in setbacks
    assert setbacks.keep(())
    assert not setbacks.keep(())
    assert setbacks.add("b")
