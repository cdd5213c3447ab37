"""The language of filters: what it means, what it says of what it does not know, and that nothing in it can hang."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import selectors
from fjd.errors import UsageError
from fjd.selectors import Need
from fjd.snapshot import JobState, JobView

NOW_S = 10_000.0
JOBS = [
    JobView("scan-1", JobState.WAITING, "python scan.py", since_s=NOW_S - 10),
    JobView("scan-2", JobState.RUNNING, "python scan.py", worker="nova-3-ab12cd", since_s=NOW_S - 7200, attempt=2),
    JobView("scan-10", JobState.FAILED, worker="nova-31-ffffff", seconds=400, reason="exit 1", exit=1, since_s=0),
    JobView("test a", JobState.FAILED, worker="hpc-1-000000", seconds=2, reason="killed by SIGKILL", exit=137),
    JobView("Train", JobState.DONE, worker="hpc-1-000000", seconds=3, exit=0, since_s=NOW_S - 90_000),
    JobView("lr=0.1", JobState.HELD),
    JobView("odd\x1b[1]", JobState.HANDED, worker="nova-3-ab12cd"),
]


def meant(text: str) -> list[str]:
    selector = selectors.parse(text)
    return [job.name for job in JOBS if selector.matches(job, NOW_S)]


def named(*arguments: str) -> list[str]:
    selector = selectors.parse_names(arguments)
    return [job.name for job in JOBS if selector.matches(job, NOW_S)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", [job.name for job in JOBS]),
        ("scan", ["scan-1", "scan-2", "scan-10"]),
        ("SCAN-1", ["scan-1", "scan-10"]),
        ("scan-?", ["scan-1", "scan-2"]),
        ("can-?", []),
        ("!scan t", ["test a", "Train"]),
        ("~sn1", ["scan-1", "scan-10"]),
        ("~trn", ["Train"]),
        ("!~s", ["Train", "lr=0.1", "odd\x1b[1]"]),
        ("state:failed", ["scan-10", "test a"]),
        ("STATE:Failed,done", ["scan-10", "test a", "Train"]),
        ("state!=failed scan", ["scan-1", "scan-2"]),
        ("state:handed", ["odd\x1b[1]"]),
        ('state:"handed out"', ["odd\x1b[1]"]),
        ("state:held", ["lr=0.1"]),
        ("state:ended !state:failed", ["Train"]),
        ("state:unfinished scan", ["scan-1", "scan-2"]),
        ("exit:1", ["scan-10"]),
        ("exit:1,137", ["scan-10", "test a"]),
        ("exit:100-200", ["test a"]),
        ("exit>0", ["scan-10", "test a"]),
        ("exit!=1 state:failed", ["test a"]),
        ("worker:nova-3", ["scan-2", "odd\x1b[1]"]),
        ("worker:nova", ["scan-2", "scan-10", "odd\x1b[1]"]),
        ("worker:nov", []),
        ("worker:nova-3-ab12cd,hpc", ["scan-2", "test a", "Train", "odd\x1b[1]"]),
        ("worker:*31*", ["scan-10"]),
        ("age>1h", ["scan-2", "scan-10", "Train"]),
        ("age>1d", ["Train"]),
        ("age<=10", ["scan-1"]),
        ("took>5m", ["scan-10"]),
        ("took<00:03", ["test a"]),
        ("attempt>1", ["scan-2"]),
        ("attempt:2", ["scan-2"]),
        ("reason:sigkill", ["test a"]),
        ("command:scan.py", ["scan-1", "scan-2"]),
        ("name:scan-1", ["scan-1"]),
        ("name:scan-1*", ["scan-1", "scan-10"]),
        ("lr=0.1", ["lr=0.1"]),
        ('"test a"', ["test a"]),
        ('test" "a', ["test a"]),
        ('"test a', ["test a"]),
        ('!"test a" state:failed', ["scan-10"]),
        ('"state:failed"', []),
        (r"\x1b", ["odd\x1b[1]"]),
        ("\x1b", ["odd\x1b[1]"]),
        ("!", []),
    ],
)
def test_a_line_means(text: str, names: list[str]) -> None:
    assert meant(text) == names


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["scan-1"], ["scan-1"]),
        (["scan-1", "Train"], ["scan-1", "Train"]),
        (["scan-*", "Train"], ["scan-1", "scan-2", "scan-10", "Train"]),
        (["scan-*", "!scan-1"], ["scan-2", "scan-10"]),
        (["scan-*", "state:failed"], ["scan-10"]),
        (["state:failed"], ["scan-10", "test a"]),
        (["test a"], ["test a"]),
        (["odd\x1b[1]"], ["odd\x1b[1]"]),
        (["lr=0.1"], ["lr=0.1"]),
        (["~tr"], ["Train"]),
    ],
)
def test_arguments_mean_whole_names(arguments: Sequence[str], names: list[str]) -> None:
    assert named(*arguments) == names


def test_plain_names_are_known_without_a_listing() -> None:
    assert selectors.parse_names(["b", "a", "b", "state:failed"]).names == ("b", "a")
    assert selectors.parse_names(["b", "a*"]).names == ()
    assert selectors.parse_names(["state:failed"]).names == ()
    assert selectors.parse("a").names == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stat:failed", "there is no filter stat:; did you mean state?"),
        ("foo:bar", "there is no filter foo:; known are state, name, .*part of a name: name:\\*foo:\\*"),
        ("agee>3", "there is no filter agee>; did you mean age?"),
        ("state:faild", "'faild' is no state; did you mean failed?"),
        ("state:xyzzy", "'xyzzy' is no state; known are waiting, held, handed"),
        ("state:", "state: needs a value behind it, as in state:failed,done"),
        ("state>failed", "state> cannot be compared by >"),
        ("age:1h", "age: needs a < or a > before the value"),
        ("age>1x", "age> '1x' is no duration"),
        ("exit:300", "exit: '300' is no exit status"),
        ("exit>x", "exit> 'x' is no whole number"),
        ("attempt>x", "attempt> 'x' is no whole number"),
    ],
)
def test_what_makes_no_sense_is_told_with_the_way_to_mend_it(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        selectors.parse(text)


def test_what_must_be_known_is_told() -> None:
    assert selectors.parse("scan").needs == {Need.NAME}
    assert selectors.parse("scan state:failed").needs == {Need.NAME, Need.STATE}
    assert selectors.parse("age>1h command:x").needs == {Need.STORY, Need.FILE}


def test_the_states_that_can_match_are_told() -> None:
    assert selectors.parse("scan age>1h").states == frozenset(JobState)
    assert selectors.parse("state:failed,done !state:done").states == {JobState.FAILED}
    assert selectors.parse("state:held state:done").states == frozenset()


def test_a_sieve_lets_through_all_that_may_match_and_asks_nothing_but_name_and_state() -> None:
    may_match = selectors.parse("scan state:failed exit:7").sieve()
    assert may_match("scan-10", JobState.FAILED)
    assert not may_match("scan-10", JobState.DONE)
    assert not may_match("test", JobState.FAILED)


def test_selectors_are_joined() -> None:
    both = selectors.parse_names(["scan-1", "scan-10"]) & selectors.by_states({JobState.FAILED})
    assert [job.name for job in JOBS if both.matches(job, NOW_S)] == ["scan-10"]
    assert both.names == ("scan-1", "scan-10")


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_line_is_a_filter_or_an_error(text: str, name: str) -> None:
    for parse in (selectors.parse, lambda text: selectors.parse_names([text])):
        try:
            selector = parse(text)
        except UsageError:
            continue
        job = JobView(name, JobState.WAITING)
        assert not selector.matches(job, 0.0) or selector.sieve()(name, JobState.WAITING)


@given(st.text(min_size=1, max_size=60).filter(lambda name: '"' not in name))
def test_every_name_without_a_quote_is_found_in_quotes(name: str) -> None:
    assert selectors.parse(f'"{name}"').matches(JobView(name, JobState.DONE), 0.0)


@pytest.mark.parametrize("text", ["*a" * 60 + "b", "~" + "a" * 200 + "b", "a*" * 100 + "?b", "[" * 250])
def test_no_filter_takes_long(text: str) -> None:
    began_s = time.process_time()
    for parse in (selectors.parse, lambda text: selectors.parse_names([text])):
        assert not parse(text).matches(JobView("a" * 250, JobState.WAITING), 0.0)
    assert time.process_time() - began_s < 1.0


def test_each_key_is_shown_in_the_help_with_an_example_that_parses() -> None:
    lines = selectors.help_lines()
    for example, sentence in lines:
        selectors.parse(example)
        assert sentence
    assert set(selectors.FIELDS) <= {example.replace(">", ":").partition(":")[0] for example, _ in lines}
