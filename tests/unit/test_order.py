"""The order of names, with natsort as the oracle."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from natsort import natsort_keygen

from fjd.order import in_natural_order, natural_key

WORDS = st.text(string.ascii_letters + "_", min_size=1, max_size=3)
NUMBERS = st.integers(0, 10**30).map(str) | st.text(string.digits, min_size=1, max_size=3)
NAMES = st.lists(WORDS | NUMBERS | st.just("job"), min_size=1, max_size=5).map("".join)
"""Letters and digits in any order. Of signs that come before the digits (``-``, ``.``, a blank), see below."""

oracle = natsort_keygen()


@given(NAMES, NAMES)
def test_two_names_stand_as_natsort_has_them(one: str, other: str) -> None:
    ours = natural_key(one)[0], natural_key(other)[0]
    theirs = oracle(one), oracle(other)
    assert (ours[0] < ours[1]) == (theirs[0] < theirs[1])
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])


@given(st.lists(st.builds("{}{}.conf".format, NAMES, NUMBERS)))
def test_numbered_names_with_one_suffix_stand_as_natsort_has_them(names: list[str]) -> None:
    assert [oracle(name) for name in sorted(names, key=natural_key)] == sorted(map(oracle, names))


@given(st.lists(st.binary(max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape"))))
def test_any_names_have_one_order_whatever_order_they_come_in(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    random.Random(1).shuffle(names)
    assert sorted(names, key=natural_key) == ordered


@given(
    st.lists(NAMES | st.text("019\u0661a", max_size=5), unique=True)
    | st.lists(NUMBERS.map("job{}.x".format), unique=True)
)
def test_many_are_sorted_at_once_as_one_by_one(names: list[str]) -> None:
    assert in_natural_order(names) == sorted(names, key=natural_key)


@pytest.mark.parametrize(
    "names",
    [
        ["job1", "job2", "job10", "job100"],
        ["job01", "job1", "job02", "job2"],
        ["scan-2_job9.conf", "scan-2_job10.conf", "scan-10_job1.conf"],
        ["job.conf", "job0.conf", "job1.conf", "joba.conf"],
        ["1", "2", "10", "a"],
        ["a" + "9" * 200, "a1" + "0" * 200],
        ["", "0"],
    ],
)
def test_names_stand_as_people_count(names: list[str]) -> None:
    mixed = random.Random(1).sample(names, len(names))
    assert sorted(mixed, key=natural_key) == names
    assert in_natural_order(mixed) == names


def test_a_name_with_nothing_where_another_has_a_number_comes_first() -> None:
    """Here natsort has it the other way round, since it compares piece by piece: ``job`` is less than ``job.conf``."""
    assert natural_key("job.conf") < natural_key("job1.conf")
    assert oracle("job1.conf") < oracle("job.conf")


def test_names_that_count_the_same_are_still_two_names() -> None:
    assert natural_key("job1") != natural_key("job01")
