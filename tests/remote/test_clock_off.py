"""Workers over real ssh on a host whose clock is an hour off: it is said, nothing is lost, nothing is done twice."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd import recruiter
from fjd.spool.layout import Layout
from tests import needs
from tests.crew import Crew, until
from tests.remote import clocks
from tests.remote.machines import Machines

pytestmark = [
    needs.root(),
    *map(needs.program, ("ip", "sshd", "screen", "faketime")),
]
LEASE_S = 3
JOBS = 12


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    machines = Machines(tmp_path_factory.mktemp("m"), 2)
    try:
        machines.start()
        yield machines
    finally:
        machines.stop()


@pytest.fixture(params=[-3600, 3600], ids=["behind", "ahead"])
def offset_s(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def crew(tmp_path: Path, machines: Machines, offset_s: int) -> Iterator[Crew]:
    """One whose host node1 has a clock that is off, and node2 has none that is."""
    crew = Crew(tmp_path, f"grace_s=1 answer_s=10 lease_s={LEASE_S} look_s=0.2")
    crew.environment |= {"FJD_SSH": machines.ssh, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    crew.environment.pop("XDG_RUNTIME_DIR", None)
    (tmp_path / "remote.conf").write_text(
        f"[node1]\nworkers = 1\nsetup = {clocks.setup(tmp_path / 'offset', offset_s)}\n[node2]\nworkers = 1\n"
    )
    yield crew
    crew.finish(crew.start("recruiter.py", "fire"))
    crew.close()


def test_hiring_says_so_and_each_job_is_done_once(crew: Crew, machines: Machines, offset_s: int) -> None:
    status, out, err = crew.finish(crew.start("recruiter.py", "hire"))
    assert (status, sorted(out)) == (0, ["[FJD] Hired 1 worker on node1.", "[FJD] Hired 1 worker on node2."])
    side = "behind" if offset_s < 0 else "ahead"
    assert re.search(rf"node1: its clock is {side} by 3[56]\d\d s; fjd does not mind, others may", err), err
    assert "node2" not in err
    for number in range(JOBS):
        crew.submit(f"job{number}", f"hostname; [ $FJD_JOB != job{JOBS - 1} ] || sleep {LEASE_S + 2}; sleep 0.2; true")
    status, _, err = crew.finish(crew.dispatcher())
    assert (status, err) == (0, "")
    assert {crew.output(f"job{number}") for number in range(JOBS)} == {"node1\n", "node2\n"}
    assert [line["outcome"] for line in crew.journal("end")] == ["done"] * JOBS
    assert len(crew.journal("start")) == JOBS, "a job was run twice"
    assert not crew.journal("lost")
    times = {line["t"] // 1800 for line in crew.journal("start")}
    assert len(times) > 1, "the clock of node1 was not off"


def test_what_is_shown_of_it_has_no_time_that_cannot_be(crew: Crew, machines: Machines) -> None:
    crew.finish(crew.start("recruiter.py", "hire", "--host", "node1:1"))
    crew.submit("job", "until [ -e go ]; do sleep 0.1; done #")
    dispatcher = crew.dispatcher()
    until(lambda: crew.running() and crew.journal("start"))
    _, (titles, row), _ = crew.finish(crew.start("fjd", "workers"))
    age = row.split()[titles.split().index("AGE")]
    assert not age.startswith("-")
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    _, lines, _ = crew.finish(crew.start("fjd", "history"))
    assert len(lines) == 2
    assert " -" not in lines[1]


def test_who_is_really_lost_there_is_noticed_and_its_job_done_elsewhere(crew: Crew, machines: Machines) -> None:
    crew.finish(crew.start("recruiter.py", "hire", "--host", "node1:1"))
    crew.submit("job", "hostname >> ran; until [ -e go ]; do sleep 0.1; done #")
    dispatcher = crew.dispatcher()
    until(lambda: crew.running() and (crew.root / "ran").exists())
    (member,) = recruiter.members(Layout(str(crew.root)))
    both = f"{member.announcement.session.partition('.')[0]} {member.announcement.pid}"  # screen lets it go on else
    machines.on("node1", f"kill -STOP {both}")
    try:
        crew.finish(crew.start("recruiter.py", "hire", "--host", "node2:1"))
        until(lambda: (crew.root / "ran").read_text() == "node1\nnode2\n")
        (crew.root / "go").touch()
        assert crew.finish(dispatcher)[0] == 0
        assert [line["outcome"] for line in crew.journal("end")].count("done") == 1
        assert [line["worker"] for line in crew.journal("lost")] == [member.id]
    finally:
        machines.on("node1", f"kill -CONT {both}")
    until(lambda: member.id not in {one.id for one in recruiter.members(Layout(str(crew.root)))})
    until(lambda: "superseded" in {line["outcome"] for line in crew.journal("end")})
    assert crew.names("done") == {"job"}
