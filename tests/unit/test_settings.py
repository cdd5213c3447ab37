"""Timings: changed by the environment, and refused with a sentence when they make no sense."""

import pytest

from fjd import settings
from fjd.errors import UsageError
from fjd.settings import TIMINGS_VARIABLE, Timings


def read(text: str) -> Timings:
    return settings.from_environment({TIMINGS_VARIABLE: text})


def test_without_the_variable_all_is_as_it_is_by_default() -> None:
    assert settings.from_environment({}) == read("") == read("  ") == Timings()


def test_some_are_changed_and_the_others_stay() -> None:
    assert read("grace_s=0.5 crash_limit=2") == Timings(grace_s=0.5, crash_limit=2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("grace=1", "there is no 'grace'; known are heartbeat_s, "),
        ("grace_s", "grace_s needs a number, not ''"),
        ("grace_s=soon", "grace_s needs a number, not 'soon'"),
        ("crash_limit=1.5", "crash_limit needs a number"),
        ("grace_s=0", "grace_s must be"),
        ("grace_s=-1", "grace_s must be"),
        ("grace_s=nan", "grace_s must be"),
        ("poll_s=inf", "poll_s must be"),
        ("depth_max=0", "depth_max must be"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"^{TIMINGS_VARIABLE}: {why}"):
        read(text)
