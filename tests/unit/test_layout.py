"""The names and paths of a spool."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fjd.spool.layout import NAME_MAX_BYTES, Layout, are_job_names, fit, is_job_name, numbered

_NAMEABLE = bytes(b if b not in (0, 47) else 95 for b in range(256))
"""Any byte to one that a name may have."""
FILE_NAMES = st.binary(min_size=1, max_size=NAME_MAX_BYTES).filter(lambda raw: not {0, 47} & set(raw)).map(os.fsdecode)
"""Whatever a file can be called, the dots aside: bytes that are no UTF-8 come as surrogates."""
LONG_NAMES = st.integers(230, NAME_MAX_BYTES).flatmap(
    lambda size: st.binary(min_size=size, max_size=size).map(lambda raw: os.fsdecode(raw.translate(_NAMEABLE)))
)
ANY_NAMES = FILE_NAMES | LONG_NAMES


def size(name: str) -> int:
    return len(os.fsencode(name))


@given(ANY_NAMES)
def test_every_path_made_from_a_name_has_room(name: str) -> None:
    layout = Layout("/spool")
    for path in (layout.output(name), layout.attempt("w", name), layout.order_kill("w", name)):
        assert size(os.path.basename(path)) <= NAME_MAX_BYTES


@given(st.lists(ANY_NAMES, min_size=2, max_size=5, unique=True))
def test_names_that_differ_stay_different(names: list[str]) -> None:
    assert len({fit(name, suffix=".out") for name in names}) == len(names)


def test_long_names_that_differ_at_their_end_only_stay_different() -> None:
    stem = "x" * 254
    assert fit(stem + "a", suffix=".out") != fit(stem + "b", suffix=".out")


@given(st.binary(min_size=1, max_size=200).map(lambda raw: os.fsdecode(raw.translate(_NAMEABLE))))
def test_a_name_with_room_is_left_as_it_is(name: str) -> None:
    assert fit(name, prefix=".order-kill-") == f".order-kill-{name}"


@given(ANY_NAMES, st.integers(2, 999))
@example("a." + "b" * 253, 2)
@example("." + "b" * 254, 2)
@example("\udcff" * 255, 999)
def test_a_numbered_name_can_be_a_file_and_another_job(name: str, number: int) -> None:
    other = numbered(name, number)
    assert size(other) <= NAME_MAX_BYTES
    assert other != name
    assert other != numbered(name, number + 1)


@pytest.mark.parametrize(
    ("name", "second"),
    [("job.conf", "job-2.conf"), ("job", "job-2"), ("a.b.c", "a.b-2.c"), ("\udcff.conf", "\udcff-2.conf")],
)
def test_the_number_stands_before_the_suffix(name: str, second: str) -> None:
    assert numbered(name, 2) == second


@pytest.mark.parametrize(
    "name", ["job", "job.conf", "a b", "-rf", "$(touch pwned)", "\n", "\udcff", "a.tmp.conf", "~a"]
)
def test_names_of_jobs(name: str) -> None:
    assert is_job_name(name)


@pytest.mark.parametrize("name", [".", "..", ".job", ".nfs0001", ".fuse_hidden1", "a~", "a.tmp", "a.swp", "a.part"])
def test_names_of_no_jobs(name: str) -> None:
    assert not is_job_name(name)


def test_a_spool_is_named_after_its_directory() -> None:
    assert Layout("/data/run 7").name == "run 7"
    assert Layout("/").name == "root"


def test_a_root_must_be_absolute() -> None:
    with pytest.raises(ValueError, match="absolute"):
        Layout("here")


def test_parents_come_before_what_is_in_them() -> None:
    directories = Layout("/spool").directories
    assert all(os.path.dirname(path) in ("/spool", *directories[:place]) for place, path in enumerate(directories))
    assert len(set(directories)) == len(directories)


@given(
    st.lists(
        st.binary(min_size=1, max_size=6).filter(lambda raw: not {0, 47} & set(raw))
        | st.sampled_from([b"a~", b".a", b"a.tmp", b"job1", b"~a", b"a."])
    )
)
def test_many_names_are_told_at_once_from_what_is_no_job(names: list[bytes]) -> None:
    assert are_job_names(names) == all(is_job_name(os.fsdecode(name)) for name in names)
