"""The time left is a range, and none where it would be a guess."""

import pytest

from fjd import display
from fjd.ledger.forecast import Runs, forecast


def test_a_steady_speed_gives_one_figure() -> None:
    assert forecast(600, [10.0] * 60, None, 4) == (60.0, 60.0)


def test_a_speed_that_varies_gives_a_range() -> None:
    assert forecast(600, [20.0] * 30 + [5.0] * 30, None, 4) == (600 / 12.5, 120.0)


def test_a_run_that_has_just_begun_is_not_measured_by_the_time_before() -> None:
    assert forecast(100, [0.0] * 55 + [10.0] * 5, None, 4) == (10.0, 10.0)


def test_long_jobs_are_told_by_their_length() -> None:
    found = forecast(40, [0.0] * 60, Runs(600.0, 0.0, 9), 4)
    assert found == (6000.0, 6000.0)
    low, high = forecast(40, [0.0] * 60, Runs(600.0, 120.0, 9), 4) or (0, 0)
    assert low < 6000 < high
    wider = forecast(40, [0.0] * 60, Runs(600.0, 120.0, 3), 4) or (0, 0)
    assert wider[1] > high, "fewer were seen"
    assert forecast(2, [0.0] * 60, Runs(600.0, 0.0, 9), 100) == (600.0, 600.0)


@pytest.mark.parametrize(
    ("unfinished", "runs", "crew"), [(0, Runs(1, 0, 9), 4), (5, None, 4), (5, Runs(1, 0, 2), 4), (5, Runs(1, 0, 9), 0)]
)
def test_nothing_is_said_where_nobody_can_tell(unfinished: int, runs: Runs | None, crew: int) -> None:
    assert forecast(unfinished, [0.0] * 60, runs, crew) is None


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(150, 160, "2m 40s"), (120, 300, "2–5m"), (40, 200, "40s–4m"), (3000, 9000, "50m–3h"), (2, 8, "8s"),
     (90, 110, "1m 50s"), (1e9, float("inf"), "11,574d––")],
)  # fmt: skip
def test_a_range_is_short_to_read(low: float, high: float, words: str) -> None:
    assert display.eta_range(low, high) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (59.9, "0:59"), (3599, "59:59"), (3720, "1h02"), (36000, "10h"), (47 * 3600, "47h"), (259200, "3d")],
)
def test_a_brief_time_has_five_characters_at_most(seconds: float, words: str) -> None:
    assert display.brief(seconds) == words


def test_a_size_has_five_characters_at_most() -> None:
    assert [display.size(n) for n in (0, 999, 1024, 5e6, 123e6, 1.5e9, 5e12, 5e15)] == [
        "0B", "999B", "1K", "4.8M", "117M", "1.4G", "4.5T", "4547T",
    ]  # fmt: skip
