"""One key of a job file changes, and no other byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import jobfile
from fjd.errors import JobFileError

PLAIN = b"# mine\n[control]\nexecutable: true\n\n[data]\nx = 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PLAIN, b"# mine\n[control]\npriority: 7\nexecutable: true\n\n[data]\nx = 1\n"),
        (b"[control]\r\nexecutable=true", b"[control]\r\npriority: 7\r\nexecutable=true"),
        (b"[control]\npriority=3\nexecutable: x", b"[control]\npriority= 7\nexecutable: x"),
        (b"[control]\nPriority :  3\nexecutable: x", b"[control]\nPriority :  7\nexecutable: x"),
        (b"[CONTROL]\nexecutable: x\n  priority: 3", None),
        (b"\xef\xbb\xbf[control]\nexecutable: x", b"\xef\xbb\xbf[control]\npriority: 7\nexecutable: x"),
        (
            b"[params]\npriority: 1\n[control]\nexecutable: x\npriority: 2\n",
            b"[params]\npriority: 1\n[control]\nexecutable: x\npriority: 7\n",
        ),
        (
            b"[data]\na: b\n [control]\n[control]\nexecutable: x\n",
            b"[data]\na: b\n [control]\n[control]\npriority: 7\nexecutable: x\n",
        ),
        (
            b"[DEFAULT]\npriority: 1\n[control]\nexecutable: x\n",
            b"[DEFAULT]\npriority: 7\n[control]\nexecutable: x\n",
        ),
        (b"[control]\npriority:\nexecutable: x", b"[control]\npriority: 7\nexecutable: x"),
        (b"[control]\npriority:\n  3\nexecutable: x", None),
        (b"[control]\nexecutable: echo\n  # a\n  b\n", b"[control]\npriority: 7\nexecutable: echo\n  # a\n  b\n"),
    ],
)
def test_a_priority_is_written_where_it_counts(before: bytes, after: bytes | None) -> None:
    if after is None:
        with pytest.raises(JobFileError):
            jobfile.with_value(before, "priority", "7")
        return
    assert jobfile.with_value(before, "priority", "7") == after
    assert jobfile.parse(after).terms.priority == 7


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("priority", "much", "priority 'much' is no whole number"),
        ("timeout", "5x", "timeout '5x' is no duration"),
        ("logfile", "a\nb", "logfile goes over more than one line"),
        ("executable", "", "executable is empty"),
        ("prio", "1", "did you mean priority"),
    ],
)
def test_a_value_that_will_not_do_is_told(key: str, value: str, words: str) -> None:
    with pytest.raises(JobFileError, match=words):
        jobfile.with_value(PLAIN, key, value)


def test_what_is_no_job_file_is_not_changed() -> None:
    with pytest.raises(JobFileError, match="no \\[control\\] section"):
        jobfile.with_value(b"[data]\nx: 1\n", "priority", "7")


@pytest.mark.parametrize(("key", "value"), [("executable", "echo a b"), ("workdir", "/tmp"), ("timeout", "1h30m")])
def test_any_key_can_be_changed(key: str, value: str) -> None:
    once = jobfile.with_value(PLAIN, key, value)
    assert jobfile.with_value(once, key, value) == once
    spec = jobfile.parse(once)
    assert (spec.executable, spec.workdir, *dict(spec.options).values()).count(value) == 1


LINE = st.sampled_from(
    [
        "[control]",
        "[params]",
        "[data]",
        "executable: true",
        "priority: 1",
        "priority",
        "  priority: 2",
        "a: b",
        "  c",
        "#x",
        "",
    ]
)


@given(st.lists(LINE, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_whatever_the_file_only_that_value_changes(lines: list[str], end: str) -> None:
    before = end.join(["[control]", "executable: x", *lines]).encode()
    try:
        was = jobfile.parse(before)
        after = jobfile.with_value(before, "priority", "7")
    except JobFileError:
        return
    spec = jobfile.parse(after)
    assert spec.terms.priority == 7
    assert (spec.executable, spec.params, spec.unknown) == (was.executable, was.params, was.unknown)
    kept = before.splitlines()
    assert sum(line not in kept for line in after.splitlines()) <= 1
