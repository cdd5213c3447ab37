"""The tables of the README are true: each key and each variable is in them, in the words of the program itself."""

import re
from pathlib import Path

from fjd import told
from fjd.elastic import wish
from fjd.jobfile import HELP

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def table(head: str) -> list[str]:
    """The lines of the table below the head that begins so."""
    lines = README[README.index(f"| {head} ") :].split("\n\n", 1)[0].splitlines()
    return lines[2:]


def test_the_keys_of_control_are_those_of_the_configspec() -> None:
    assert table("key in `[control]`") == [f"| `{key}` | {words} |" for key, words in HELP.items()]


def test_the_keys_of_a_crew_are_those_of_the_configspec() -> None:
    assert table("key in `[crew]`") == [f"| `{key}` | {words} |" for key, words in wish.HELP.items()]


def test_what_a_job_learns_is_listed() -> None:
    listed = [re.findall(r"`(FJD_\w+)`", line)[0] for line in table("variable")]
    assert sorted(listed) == sorted({*told.OF_A_JOB, told.DIR})
