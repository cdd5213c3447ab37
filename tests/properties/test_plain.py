"""The quick reading of a job file and configparser's never differ: what the first takes, it takes to mean the same."""

import configparser
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import jobfile
from fjd.errors import JobFileError
from fjd.jobfile import JobSpec, plain
from fjd.jobfile.read import _parse
from tests.properties.profiles import FUZZ

_CHARS = "aA1_.-[]:=#; \t%\"'\\$Ä\u00a0\u2028\x0b\x1cé{}()&|"
_WORDS = st.sampled_from(
    ["control", "Control", "params", "DEFAULT", "default", "executable", "Executable", "logfile", "a", "b", "ß", "rem"]
)
_VALUES = st.text(_CHARS, max_size=12)
_LINES = st.one_of(
    st.builds("[{}]".format, _WORDS),
    st.builds("{}{}{}".format, _WORDS, st.sampled_from([":", "=", ": ", " = ", "  :  ", " ", "==", ":="]), _VALUES),
    st.builds("{}{}".format, st.sampled_from(["#", ";", " #", " ", "\t", ""]), _VALUES),
    st.text(_CHARS, max_size=20),
    st.just(""),
)
_TEXTS = st.one_of(
    st.lists(_LINES, max_size=8).map("\n".join),
    st.lists(_LINES, max_size=8).map(lambda lines: "\n".join(["[control]", *lines, ""])),
    st.text(max_size=60),
)


def by_configparser(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert not parser.defaults()
    return {name: dict(parser.items(name)) for name in parser.sections()}


@FUZZ
@given(_TEXTS)
def test_what_is_read_quickly_means_the_same_to_configparser(text: str) -> None:
    sections = plain.read(text.encode())
    if sections is not None:
        theirs = by_configparser(text)
        assert sections == theirs
        assert [[*keys.items()] for keys in sections.values()] == [[*keys.items()] for keys in theirs.values()]


def answer(read: Callable[[], JobSpec]) -> JobSpec | str:
    try:
        return read()
    except JobFileError as error:
        return str(error)


@FUZZ
@given(_TEXTS)
def test_a_job_is_the_same_whichever_way_it_is_read(text: str) -> None:
    data = text.encode()
    assert answer(lambda: jobfile.parse(data)) == answer(lambda: _parse(data))


@pytest.mark.parametrize(
    "text",
    [
        "[control]\nexecutable: python3 job.py --x 1\nlogfile: data/x.dat\n\n[params]\nparam1: value0\n",
        "# a job\n[control]\nexecutable = a # b\n; done\nworkdir=/tmp",
        "[control]\n",
    ],
)
def test_the_common_form_is_read_quickly(text: str) -> None:
    assert plain.read(text.encode()) == by_configparser(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "a: b\n[control]",
        "[control]\nexecutable:\n  a\n  b",
        "[control]\nexecutable: a\nexecutable: b",
        "[control]\n[Control]",
        "[DEFAULT]\na: b",
        "[control] x",
        "[con trol]",
        "[control]\nlonely",
        "[control]\na\t: b",
        "[control]\na: " + "b" * 20_000,
        "[control]\na" + " " * 100 + ": b",
    ],
)
def test_what_is_out_of_the_common_is_left_to_configparser(text: str) -> None:
    assert plain.read(text.encode()) is None
