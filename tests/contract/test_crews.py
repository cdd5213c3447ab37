"""What hiring promises whoever hires, whichever way: by screen, as processes, over ssh, through Slurm."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fjd import recruiter
from fjd.errors import HireError
from tests.contract.ways import WAYS, Hired, Way, hired
from tests.crew import until

pytestmark = pytest.mark.timeout(300)

WAITS = "touch began; until [ -e go ]; do sleep 0.05; done; :"
ODD = "a 'b' \"c\" `touch pwned` $(touch pwned) ;&% %j \\ \n[red]\x1b Größe " + os.fsdecode(b"\xff")

Spool = Callable[[str], Hired]


@pytest.fixture(scope="module", params=[pytest.param(name, marks=marks) for name, (_, marks) in WAYS.items()])
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    make, _ = WAYS[request.param]
    with ExitStack() as stack:
        yield make(stack, tmp_path_factory.mktemp("w"))


@pytest.fixture
def spool(way: Way, tmp_path: Path) -> Iterator[Spool]:
    """Make a spool of that name, with nobody hired."""
    with ExitStack() as stack:

        def make(name: str) -> Hired:
            root = tmp_path / name
            root.mkdir(mode=0o700, parents=True)
            return stack.enter_context(hired(root, way))

        yield make


def test_they_come_do_jobs_where_they_were_hired_and_leave(spool: Spool, way: Way) -> None:
    it = spool("run")
    members = it.hire(2, "--tag", "lab")
    told = [member.announcement for member in members]
    assert len({one.id for one in told}) == len({one.number for one in told}) == 2
    assert {one.kind for one in told} == {way.kind}
    assert way.host in {one.host for one in told} | {""}
    assert all(one.tags == ("lab",) and one.session and one.cpus for one in told)
    for member in members:
        until(lambda member=member: "waits for jobs" in it.log(member))  # type: ignore[misc]

    it.dispatch()
    for number in range(4):
        it.crew.submit(f"job{number}", "pwd; echo $FJD_DIR; sleep 0.2; true", tags="lab")
    it.wait_for("done", *(f"job{number}" for number in range(4)))
    assert {it.crew.output(f"job{number}") for number in range(4)} == {f"{it.crew.root}\n" * 2}
    assert {line["job"] for line in it.crew.journal("end")} == {f"job{number}" for number in range(4)}

    status, out, err = it.fire()
    assert (status, err) == (0, "")
    assert sum(int(line.split()[2]) for line in out) == 2, out
    for one in told:
        it.gone(one)
    assert "fired" in it.log(members[0])


def test_some_are_fired_and_the_others_stay(spool: Spool, way: Way) -> None:
    it = spool("run")
    it.dispatch()
    it.hire(1)
    it.crew.submit("job", WAITS)
    until(lambda: (it.crew.root / "began").exists())
    busy, idle = sorted(it.hire(1), key=lambda member: not member.running)

    assert it.fire("1")[0] == 0  # who has nothing to do goes first
    it.gone(idle.announcement)
    assert way.lives(busy.announcement)

    assert it.fire(busy.short)[0] == 0
    it.gone(busy.announcement)
    it.wait_for("jobqueue", "job")


@pytest.mark.parametrize(("how", "where"), [("--drain", "done"), ("--cancel", "failed"), ("", "jobqueue")])
def test_what_one_runs_when_it_is_fired(spool: Spool, how: str, where: str) -> None:
    it = spool("run")
    it.dispatch()
    (member,) = it.hire(1)
    it.crew.submit("job", "touch began; until [ -e pod/.order-drain ]; do sleep 0.05; done; :")
    (it.crew.root / "pod").symlink_to(it.layout.pod(member.id))
    until(lambda: (it.crew.root / "began").exists())

    status, _, err = it.fire(*filter(None, [how]))

    assert status == 0, err
    it.wait_for(where, "job")
    it.gone(member.announcement)


def test_one_that_does_not_answer_is_ended_and_its_job_comes_back(spool: Spool, way: Way) -> None:
    it = spool("run")
    it.dispatch()
    (member,) = it.hire(1)
    it.crew.submit("job", WAITS)
    until(lambda: (it.crew.root / "began").exists())
    way.signal(member.announcement, signal.SIGSTOP)

    status, out, err = it.fire(FJD_TIMINGS="grace_s=1 answer_s=1 lease_s=3")

    assert status == 0, err
    assert [line.startswith("[FJD] Fired 1 worker on ") for line in out] == [True]
    it.wait_for("jobqueue", "job")
    it.gone(member.announcement)


def test_one_that_is_killed_is_lost_and_another_does_its_job(spool: Spool, way: Way) -> None:
    it = spool("run")
    it.dispatch(lease_s=3)
    (member,) = it.hire(1)
    it.crew.submit("job", WAITS)
    until(lambda: (it.crew.root / "began").exists())

    way.signal(member.announcement, signal.SIGKILL)

    it.gone(member.announcement)
    (it.crew.root / "go").touch()
    it.hire(1)
    it.wait_for("done", "job")
    assert [line["outcome"] for line in it.crew.journal("end")] == ["done"]


def test_any_name_of_a_spool(spool: Spool) -> None:
    """No word of it is ever shell syntax, on any host that it passes."""
    it = spool(ODD)
    (member,) = it.hire(1)
    it.dispatch()
    it.crew.submit("job", "pwd > here; true")
    it.wait_for("done", "job")
    assert os.fsdecode((it.crew.root / "here").read_bytes()) == f"{it.crew.root}\n"
    assert it.fire()[0] == 0
    it.gone(member.announcement)
    assert not list(it.crew.root.parent.rglob("pwned"))


def test_of_two_spools_of_one_name_one_is_fired(spool: Spool, way: Way) -> None:
    mine, other = spool("mine/run"), spool("other/run")
    (one,), (two,) = mine.hire(1), other.hire(1)

    assert mine.fire()[0] == 0

    mine.gone(one.announcement)
    assert way.lives(two.announcement)
    assert [member.id for member in other.members()] == [two.id]


def test_who_is_hired_by_a_job_is_no_part_of_it(spool: Spool, way: Way) -> None:
    it = spool("run")
    (member,) = it.hire(1, FJD_JOB="job", FJD_WORKER="w-1-a", FJD_ATTEMPT="2")
    assert not {"FJD_JOB", "FJD_WORKER", "FJD_ATTEMPT"} & way.environ(member.announcement)


def test_one_attaches_to_it_or_is_told_why_not(spool: Spool, monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    it = spool("run")
    (member,) = it.hire(1)
    for key, value in way.environment.items():
        monkeypatch.setenv(key, value)
    if way.kind == "screen":
        assert recruiter.attach_argv(it.layout, member.short)[-1].endswith(member.announcement.session)
    else:
        with pytest.raises(HireError, match=r"no session to attach to|without a terminal"):
            recruiter.attach_argv(it.layout, member.short)
