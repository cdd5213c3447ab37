"""Any column puts jobs in order, and what is filtered and ordered is found again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import selectors
from fjd.order import natural_key
from fjd.selectors import Selector
from fjd.snapshot import Counts, JobState, JobView, Snapshot, WaitingJobs
from fjd.tui import arrange, jobcolumns
from fjd.tui.arrange import arranged, sort_positions
from fjd.tui.columns import Order
from fjd.tui.jobcolumns import Look
from fjd.tui.jobrows import Group, JobKey, JobRows
from tests.tui import scenes

LOOK = Look(scenes.now())


def small() -> Snapshot:
    full = scenes.run_in_progress()
    held = WaitingJobs(("job11.conf",), lambda name: scenes.job(name, JobState.HELD))
    return replace(
        full, waiting=WaitingJobs(("job10.conf", "job9.conf", "z"), lambda name: scenes.job(name)), held=held
    )


def hundred(made: list[str]) -> Snapshot:
    """A hundred waiting jobs; whose view is made is noted."""

    def view(name: str) -> JobView:
        made.append(name)
        return scenes.job(name)

    return Snapshot(counts=Counts(waiting=100), waiting=WaitingJobs(tuple(f"job{n}" for n in range(100)), view))


def names(rows: JobRows) -> list[str]:
    return [rows.key(index).name for index in range(len(rows))]


@pytest.mark.parametrize("column", list(jobcolumns.BY_NAME))
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_puts_all_rows_in_order(column: str, descending: bool) -> None:
    everything = arranged(small(), Group.ALL, Selector(), None, LOOK)
    rows = arranged(small(), Group.ALL, Selector(), Order(column, descending), LOOK)
    assert sorted(names(rows)) == sorted(names(everything))
    value = jobcolumns.BY_NAME[column].value
    values = [value(rows.job(index), LOOK) for index in range(len(rows))]
    valued = [one for one in values if one is not None]
    assert values[: len(valued)] == valued, "what has no value comes last"
    assert valued == sorted(valued, reverse=descending)


@pytest.mark.parametrize("column", list(jobcolumns.BY_NAME))
@pytest.mark.parametrize("wanted", ["", "6", "!6"])
def test_every_row_is_found_from_anywhere(column: str, wanted: str) -> None:
    rows = arranged(small(), Group.ALL, selectors.parse(wanted), Order(column), LOOK)
    for index in range(len(rows)):
        for near in (index, 0, len(rows) - 1):
            assert rows.find(rows.key(index), near) == index
    assert rows.find(JobKey("nobody", JobState.WAITING), 3) is None
    ended = small().done[7]
    found = rows.find(JobKey(ended.name, JobState.WAITING), 0)
    assert (found is not None) == (ended.name in names(rows)), "a job that ended is found among the ended"


def test_what_only_waits_is_looked_at_for_columns_that_it_has() -> None:
    made: list[str] = []
    snapshot = hundred(made)
    for column in ("job", "state", "worker", "time"):
        arranged(snapshot, Group.ALL, Selector(), Order(column), LOOK)
    assert not made
    arranged(snapshot, Group.ALL, Selector(), Order("command"), LOOK)
    assert len(made) == 100


def test_the_filter_makes_views_where_the_name_leaves_a_doubt() -> None:
    made: list[str] = []
    snapshot = hundred(made)

    def meant(wanted: str) -> int:
        return len(arranged(snapshot, Group.ALL, selectors.parse(wanted), None, LOOK))

    assert [meant("job7"), meant("!job7"), meant("~b9"), meant("state:failed"), meant("state:waiting 5")] == [
        11, 89, 19, 0, 19,
    ]  # fmt: skip
    assert not made
    assert meant("command:ajob job9") == 11
    assert len(made) == 11


def test_states_of_what_is_active_are_told_apart() -> None:
    snapshot = scenes.run_in_progress()
    for wanted, number in (
        ("state:running", 5),
        ("state:handed", 1),
        ("worker:nova-1 state:running", 1),
        ("exit:1", 0),
    ):
        assert len(arranged(snapshot, Group.ALL, selectors.parse(wanted), None, LOOK)) == number, wanted


@given(keys=st.lists(st.integers(0, 5), max_size=60), descending=st.booleans())
def test_runs_that_are_merged_are_as_if_sorted_at_once(keys: list[int], descending: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrange, "_RUN", 7)
        found = sort_positions(range(len(keys)), keys.__getitem__, descending=descending)
    assert found == sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)


def test_names_are_in_the_order_of_people() -> None:
    rows = arranged(small(), Group.WAITING, Selector(), Order("job"), LOOK)
    assert names(rows) == sorted(names(rows), key=natural_key)
    assert names(rows)[0] == "job9.conf"
