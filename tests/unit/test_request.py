"""What two recruiters say to one another: it is read back, and nonsense is refused in words."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.errors import HireError
from fjd.recruiter import join, request
from fjd.recruiter.request import Reply, Request

REQUEST = Request("1", "/spool", "abc", "/home", None, ("nova-1-x",), "me@nova", ("gpu",), (("A", "b c"),))
REPLY = Reply("1", "nova", 12.5, "screen", "note", ("nova-1-x",), ("job",), (("fjd-x-1", "why"),), "")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


def test_what_is_said_is_read_back() -> None:
    assert request.read_request(request.dump(REQUEST)) == REQUEST
    assert request.read_reply("Welcome to nova {x}\n" + request.dump(REPLY)) == REPLY


def test_what_is_new_in_it_is_passed_over() -> None:
    line = json.dumps({**json.loads(request.dump(REPLY)), "more": 1})
    assert request.read_reply(line) == REPLY


@pytest.mark.parametrize("line", ["", "x", "[]", "{}", '{"form": 2}', '{"form": 1}', '{"form": 1, "env": 3}'])
def test_nonsense_is_refused_in_words(line: str) -> None:
    with pytest.raises(HireError):
        request.read_request(line)
    assert join.answer(line).problem


@given(st.dictionaries(st.sampled_from([*Request.__slots__, *Reply.__slots__]), VALUES).map(lambda d: {"form": 1, **d}))
def test_any_values_are_read_or_refused(said: dict[str, object]) -> None:
    for read in (request.read_request, request.read_reply):
        with contextlib.suppress(HireError):
            read(json.dumps(said))
