"""Rows are lazy, and a job is found again wherever it went."""

from dataclasses import replace

from fjd import selectors
from fjd.progress import Progress
from fjd.snapshot import Counts, JobState, JobView, WaitingJobs
from fjd.tui import jobcolumns, jobrows
from fjd.tui.arrange import arranged
from fjd.tui.jobcolumns import Look
from fjd.tui.jobrows import Group, JobKey
from tests.tui import scenes


def test_the_groups_follow_each_other_and_nothing_is_missing() -> None:
    snapshot = scenes.run_in_progress()
    rows = jobrows.all_rows(snapshot, Group.ALL, Look(0.0))
    assert len(rows) == len(snapshot.active) + len(snapshot.failed) + len(snapshot.waiting) + len(snapshot.done)
    states = [rows.job(index).state for index in range(len(rows))]
    assert [state for number, state in enumerate(states) if state not in states[:number]] == [
        JobState.RUNNING,
        JobState.HANDED,
        JobState.FAILED,
        JobState.WAITING,
        JobState.DONE,
    ]


def test_each_group_has_what_its_title_counts() -> None:
    snapshot = scenes.run_in_progress()
    for group, number in jobrows.tally(snapshot):
        if group is not Group.DONE:  # of which only the latest are remembered
            assert len(jobrows.all_rows(snapshot, group, Look(0.0))) == number


def test_a_key_is_found_where_it_is() -> None:
    rows = jobrows.all_rows(scenes.run_in_progress(), Group.ALL, Look(0.0))
    for index in (0, 5, 7, 100, 3000, len(rows) - 1):
        for near in (index, 0, len(rows) - 1, index + 3):
            assert rows.find(rows.key(index), near) == index


def test_a_job_that_ended_is_found_among_the_ended() -> None:
    snapshot = scenes.run_in_progress()
    rows = jobrows.all_rows(snapshot, Group.ALL, Look(0.0))
    for ended in (snapshot.done[3], snapshot.failed[0]):
        index = rows.find(JobKey(ended.name, JobState.WAITING), 0)
        assert index is not None
        assert rows.job(index) == ended
    assert rows.find(JobKey("nobody", JobState.WAITING), 0) is None


def test_one_name_in_two_places_is_two_rows() -> None:
    snapshot = replace(
        scenes.empty(),
        waiting=WaitingJobs(("again",)),
        failed=(scenes.job("again", JobState.FAILED),),
        done=(scenes.job("again", JobState.DONE),),
    )
    rows = jobrows.all_rows(snapshot, Group.ALL, Look(0.0))
    assert len({rows.key(index) for index in range(3)}) == 3
    for index in range(3):
        assert rows.find(rows.key(index), 0) == index


def test_the_filter_looks_at_names_as_they_are_shown_in_any_case() -> None:
    snapshot = scenes.hostile()
    for wanted, number in (("RED", 8), ("\\x1b", 4), ("two", 4), ("zzz", 0)):
        rows = arranged(snapshot, Group.ALL, selectors.parse(wanted), None, Look(0.0))
        assert len(rows) == number, wanted
        assert all(rows.key(index) for index in range(len(rows)))


def shown(job: JobView, look: Look) -> list[str]:
    return [cell.text for cell in jobcolumns.cells(job, jobcolumns.chosen(jobcolumns.USUAL), look)]


def test_a_row_says_what_a_person_wants_to_know() -> None:
    look = Look(100.0)
    running = scenes.job("a", JobState.RUNNING, worker="nova-3-ff", since_s=88.0)
    assert shown(running, look) == ["a", "▶ running", "nova-3", "0:12", "python ajob.py"]
    failed = scenes.job("b", JobState.FAILED, seconds=61.0, reason="exit 1", attempt=2)
    assert shown(failed, look)[3:] == ["1:01", "attempt 2 · exit 1 · python ajob.py"]


def test_a_row_says_how_far_a_job_is_and_what_it_said_last() -> None:
    look = Look(0.0, {"b": "ValueError: bad\x1b[31m step"}, {"a": Progress(0.5, "epoch 3")})
    assert shown(scenes.job("a", JobState.RUNNING), look)[-1] == "▰▰▰▱▱▱ 50% epoch 3 · python ajob.py"
    failed = scenes.job("b", JobState.FAILED, reason="exit 1")
    assert shown(failed, look)[-1] == "exit 1 · ValueError: bad\\x1b[31m step · python ajob.py"


def test_held_jobs_are_a_group_where_there_are_some() -> None:
    held = WaitingJobs(("a", "b"), lambda name: scenes.job(name, JobState.HELD, reason="held back"))
    snapshot = replace(scenes.run_in_progress(), held=held, counts=Counts(held=2))
    assert (Group.HELD, 2) in jobrows.tally(snapshot)
    rows = jobrows.all_rows(snapshot, Group.HELD, Look(0.0))
    assert [rows.key(index) for index in range(2)] == [JobKey("a", JobState.HELD), JobKey("b", JobState.HELD)]
    everything = jobrows.all_rows(snapshot, Group.ALL, Look(0.0))
    assert everything.find(JobKey("b", JobState.HELD), 0) is not None
    assert all(group is not Group.HELD for group, _ in jobrows.tally(scenes.run_in_progress()))


def test_a_name_is_found_among_priorities_without_looking_at_all() -> None:
    looked: list[str] = []

    def view(name: str) -> JobView:
        looked.append(name)
        return scenes.job(name, priority=9 - int(name[3:]) // 1000)

    names = tuple(f"job{number}" for number in range(10_000))
    waiting = WaitingJobs(names, view, is_natural=False)
    rows = jobrows.all_rows(replace(scenes.empty(), waiting=waiting), Group.ALL, Look(0.0))
    for name in ("job7", "job5003", "job9999"):
        assert rows.find(JobKey(name, JobState.WAITING), 2500) == int(name[3:])
    assert len(looked) < 100
