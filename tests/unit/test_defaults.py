"""The defaults of a spool, as a worker reads them: the same as ConfigObj does, and again when they change."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import configuration
from fjd.errors import ConfigurationError, JobFileError
from fjd.jobfile import DEFAULTABLE
from fjd.spool.layout import Layout
from fjd.worker import defaults
from fjd.worker.defaults import Defaults

SPEC = "\n".join(["[defaults]", *(f'{key} = string(default="")' for key in DEFAULTABLE)])


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", ()),
        ("[dispatcher]\ntimeout = 1s\n", ()),
        ("[defaults]\n", ()),
        ("[defaults]\nnice = 5\ntimeout = 1h30m  # long\n", (("timeout", "1h30m"), ("nice", "5"))),
        ("  [ defaults ] # all\n\n  # nothing\n  'nice'='5'\n[other]\nnice = 6\n", (("nice", "5"),)),
        ('[defaults]\non-failure = "mail # me"\n', (("on-failure", "mail # me"),)),
        ("[defaults]\nnice =\n", ()),
        ("[defaults]\ntimeout = 1h#x\n", (("timeout", "1h"),)),
        ("﻿[defaults]\nnice = 1\n", (("nice", "1"),)),
    ],
)
def test_one_section_is_read(text: str, options: tuple[tuple[str, str], ...]) -> None:
    assert defaults.parse(text.encode()) == options


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[defaults]\n\xff", "UTF-8"),
        (b"[defaults]\nnice: 5\n", "line 2: it is not key = value"),
        (b"[defaults]\n[[more]]\nnice = 5\n", "line 2: it is not key = value"),
        (b"[defaults]\nnice = 5\nnice = 6\n", "line 3: nice is there twice"),
        (b"[defaults]\ntimeuot = 5\n", "line 2: .*'timeuot'.* timeout"),
        (b"[defaults]\nexecutable = x\n", "line 2: executable can be no default"),
        (b"[defaults]\nafter = x\n", "line 2: after can be no default"),
        (b"[defaults]\ntimeout = soon\n", "timeout: 'soon' is no duration"),
    ],
)
def test_what_makes_no_sense_is_said(text: bytes, why: str) -> None:
    with pytest.raises(JobFileError, match=why):
        defaults.parse(text)


LINES = st.lists(
    st.one_of(
        st.sampled_from(["[defaults]", "[other]", "", "# note", " [defaults] # x", "on-success = a", "nice = 5"]),
        st.from_regex(r"(on-success|on-failure|stdin|x y)( ?[=:] ?)[ -~é]{0,8}", fullmatch=True),
    ),
    max_size=6,
)


@given(LINES)
def test_it_reads_what_configobj_reads(lines: list[str]) -> None:
    """Where ConfigObj and the check of the dispatcher accept a file, a worker reads the same in it."""
    text = "\n".join(lines)
    try:
        said = configuration.parse(text, SPEC, path="config.ini", others=("other",))["defaults"]
    except ConfigurationError:
        return
    read = dict(defaults.parse(text.encode()))
    assert read == {key: value for key, value in said.items() if value}


def test_they_are_read_again_when_the_file_has_changed(layout: Layout) -> None:
    said: list[str] = []
    known = Defaults(layout, said.append)
    path, new = Path(layout.config_file), Path(layout.tmp, "new")

    def write(text: str) -> None:
        new.write_text(text)
        os.rename(new, path)
        known.look()

    known.look()
    assert dict(known.options) == {}
    write("[defaults]\nnice = 1\n")
    assert known.options == (("nice", "1"),)
    write("[defaults]\nnice = much\n")
    known.look()
    assert known.options == (("nice", "1"),)
    assert len(said) == 1
    assert "the defaults stay as they were" in said[0]
    write("[defaults]\nnice = 2\n")
    assert known.options == (("nice", "2"),)
    path.unlink()
    known.look()
    assert dict(known.options) == {}
    assert len(said) == 1


def test_a_file_that_everybody_can_write_is_not_followed(layout: Layout) -> None:
    said: list[str] = []
    known = Defaults(layout, said.append)
    Path(layout.config_file).write_text("[defaults]\nnice = 1\n")
    os.chmod(layout.config_file, 0o666)
    known.look()
    assert known.options == ()
    assert "everybody can write it" in said[0]
