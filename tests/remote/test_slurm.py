"""Workers in jobs of a real Slurm with two nodes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crew import Crew, until
from tests.remote.slurm import SLURM, Slurm

pytest.importorskip("parsl", reason="the extra fjd[cluster] is not installed")
pytestmark = SLURM

STARTS_AND_WAITS = "echo started >> marks; until [ -e go ]; do sleep 0.1; done #"
NO_NODE = "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions"
Recruit = Callable[..., tuple[int, list[str], str]]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    slurm = Slurm(tmp_path_factory.mktemp("slurm"))
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()


@pytest.fixture
def crew(tmp_path: Path, slurm: Slurm) -> Iterator[Crew]:
    crew = Crew(tmp_path, "grace_s=1 answer_s=15 lease_s=3 look_s=0.2")
    crew.environment |= slurm.environment
    yield crew
    crew.finish(crew.start("recruiter.py", "fire"))
    slurm.ask("scancel", "--quiet", "--user=root")
    until(lambda: not slurm.ask("squeue", "-h", "-t", "R,CG,PD"), 60)
    crew.close()


@pytest.fixture
def recruit(crew: Crew) -> Recruit:
    return lambda *words: crew.finish(crew.start("recruiter.py", *words), timeout_s=90)


def its_job(crew: Crew) -> str:
    """Return the job of Slurm in which the worker lives that runs the one running job."""
    (worker,) = crew.running().values()
    said = (crew.root / f"workerqueue/{worker}.worker").read_text().splitlines()
    return next(line.split('"')[1] for line in said if line.startswith("session:"))


def outcomes(crew: Crew) -> list[str]:
    return [line["outcome"] for line in sorted(crew.journal("end"), key=lambda line: line["t"])]


def test_workers_of_two_nodes_do_the_jobs_and_are_fired(crew: Crew, recruit: Recruit, slurm: Slurm) -> None:
    assert recruit("hire", "2", "--on", "slurm", "--time", "5m") == (0, ["[FJD] Hired 2 workers on slurm."], "")
    for number in range(6):
        crew.submit(f"job{number}", "echo $(hostname); sleep 0.3; true")
    assert crew.finish(crew.dispatcher())[0] == 0
    assert {crew.output(f"job{number}") for number in range(6)} == {"n1\n", "n2\n"}
    status, out, _ = recruit("fire")
    assert (status, sorted(out)) == (0, ["[FJD] Fired 1 worker on n1.", "[FJD] Fired 1 worker on n2."])
    until(lambda: not slurm.ask("squeue", "-h", "-t", "R,PD"))


def test_whom_the_scheduler_has_yet_to_start_is_pending_and_can_be_called_off(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    crew.environment["FJD_TIMINGS"] = "answer_s=5 grace_s=1"
    status, out, err = recruit("hire", "3", "--on", "slurm")  # there is room for two
    assert (status, out) == (0, ["[FJD] Hired 2 workers on slurm."])
    assert "1 worker will come when slurm starts them" in err
    _, rows, _ = recruit("list")
    assert len(rows) == 3
    assert len([row for row in rows if "pending for" in row]) == 1
    status, out, _ = recruit("fire")
    assert status == 0
    assert "[FJD] Called off 1 worker on slurm." in out
    assert recruit("list") == (0, [], "[FJD] Nobody works for this spool.\n")
    until(lambda: not slurm.ask("squeue", "-h", "-t", "R,PD"))


def test_several_workers_live_in_one_job(crew: Crew, recruit: Recruit, slurm: Slurm) -> None:
    assert recruit("hire", "3", "--on", "slurm", "--per-job", "3")[0] == 0
    assert len(slurm.ask("squeue", "-h").splitlines()) == 1
    assert len(crew.names("workerqueue")) == 3


def test_a_job_that_is_cancelled_from_outside_gives_its_job_back(crew: Crew, recruit: Recruit, slurm: Slurm) -> None:
    recruit("hire", "2", "--on", "slurm")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    slurm.ask("scancel", its_job(crew))
    until(lambda: (crew.root / "marks").read_text() == "started\nstarted\n", 30)
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert outcomes(crew) == ["requeued", "done"]


def test_a_worker_leaves_before_its_time_is_over(crew: Crew, recruit: Recruit, slurm: Slurm) -> None:
    """The limit of Slurm itself is a minute at the least; the worker is told of one that is shorter."""
    worker = crew.start("fjd-worker", "--time-limit", "6", "--kind", "slurm")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    status, _, err = crew.finish(worker)
    assert status == 0
    assert "leaves: its time is up" in err
    until(lambda: crew.names("jobqueue") == {"job"})
    (crew.root / "go").touch()
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0


def test_a_job_is_finished_by_another_when_the_scheduler_ends_the_time_of_its_worker(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    """Its worker believes that it has an hour: the scheduler's TERM is all that it gets."""
    recruit("hire", "1", "--on", "slurm", "--time", "1h")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    first = its_job(crew)
    recruit("hire", "1", "--on", "slurm", "--time", "2h")
    slurm.end_soon(first)
    until(lambda: (crew.root / "marks").read_text() == "started\nstarted\n", 90)
    assert slurm.has_ended_the_time_of(first)
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert outcomes(crew) == ["requeued", "done"]
    assert sorted(line["attempt"] for line in crew.journal("end")) == [1, 2]


def test_what_hears_no_term_is_killed_with_its_worker_and_finished_by_another(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    """The worker would wait longer for its job than the scheduler waits for both, whose KILL comes in between."""
    crew.environment["FJD_TIMINGS"] += " grace_s=60"
    recruit("hire", "1", "--on", "slurm", "--time", "1h")
    crew.submit("job", f"trap '' TERM; {STARTS_AND_WAITS}")
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    first = its_job(crew)
    (deaf,) = crew.names("workerqueue")
    recruit("hire", "1", "--on", "slurm", "--time", "2h")
    slurm.end_soon(first)
    until(lambda: (crew.root / "marks").read_text() == "started\nstarted\n", 90)
    assert slurm.has_ended_the_time_of(first)
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert outcomes(crew) == ["done"]
    assert [line["worker"] for line in crew.journal("lost")] == [deaf.removesuffix(".worker")]


def test_a_worker_that_knows_its_time_gives_its_job_to_another_before_the_scheduler_ends_it(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    recruit("hire", "1", "--on", "slurm", "--time", "1m")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    first = its_job(crew)
    recruit("hire", "1", "--on", "slurm", "--time", "2h")
    until(lambda: (crew.root / "marks").read_text() == "started\nstarted\n", 90)
    assert not slurm.has_ended_the_time_of(first)
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert outcomes(crew) == ["requeued", "done"]


def test_a_node_whose_daemon_dies_records_its_job_once(crew: Crew, recruit: Recruit, slurm: Slurm) -> None:
    """Slurm gives the node up and requeues its job, while the first copy runs on: two copies of one worker live."""
    recruit("hire", "1", "--on", "slurm", "--time", "5m")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    node = slurm.ask("squeue", "-h", "-o", "%N").strip()
    slurm.kill_node(node)
    try:
        slurm.set_node(node, "DOWN", "test")
        (crew.root / "go").touch()
        assert crew.finish(dispatcher)[0] == 0
        assert outcomes(crew).count("done") == 1
        assert crew.names("done") == {"job"}
    finally:
        slurm.start_node(node)
        slurm.ask("scontrol", "update", f"NodeName={node}", "State=RESUME")  # where it has not come back by itself
        until(lambda: "down" not in slurm.ask("sinfo", "-h", "-N", "-o", "%T"), 60)


def test_a_drained_node_finishes_what_runs_and_who_is_to_come_waits_with_the_reason(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    recruit("hire", "1", "--on", "slurm")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: (crew.root / "marks").exists())
    try:
        for node in slurm.nodes:
            slurm.set_node(node, "DRAIN", "broken fan")
        crew.environment["FJD_TIMINGS"] = "answer_s=1"
        recruit("hire", "1", "--on", "slurm")
        until(lambda: recruit("list")[1][-1].endswith(NO_NODE), 60)
        assert "pending for" in recruit("list")[1][-1]
        _, rows, _ = crew.finish(crew.start("fjd", "workers"))
        assert [row.split()[0] for row in rows[1:]] == ["slurm-1", "slurm-2"]
        assert "pending" in rows[-1]
        _, lines, _ = crew.finish(crew.start("fjd", "workers", "--json"))
        assert [(line["kind"], line.get("reason")) for line in map(json.loads, lines)] == [
            ("worker", None),
            ("pending", NO_NODE),
        ]
        assert len(crew.names("workerqueue")) == 1
        (crew.root / "go").touch()
        until(lambda: crew.names("done") == {"job"})
        assert len(crew.names("workerqueue")) == 1, "a drained node lets its worker go on"
    finally:
        for node in slurm.nodes:
            slurm.ask("scontrol", "update", f"NodeName={node}", "State=UNDRAIN")
    until(lambda: len(crew.names("workerqueue")) == 2, 60)
    assert outcomes(crew) == ["done"]
    crew.kill(dispatcher, 15)


def test_a_node_that_is_set_down_gives_its_job_back_and_its_worker_is_pending_again(
    crew: Crew, recruit: Recruit, slurm: Slurm
) -> None:
    """Slurm ends what runs there and puts its own job back into its queue, for two minutes at least."""
    recruit("hire", "2", "--on", "slurm")
    crew.submit("job", STARTS_AND_WAITS)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "marks").exists())
    its = its_job(crew)
    node = slurm.ask("squeue", "-h", "-o", "%N", "-j", its).strip()
    try:
        slurm.set_node(node, "DOWN", "power supply")
        until(lambda: (crew.root / "marks").read_text() == "started\nstarted\n", 60)
        until(lambda: any("pending for" in row and row.endswith("BeginTime") for row in recruit("list")[1]), 60)
        (crew.root / "go").touch()
        assert crew.finish(dispatcher)[0] == 0
        assert outcomes(crew) == ["requeued", "done"]
        status, out, _ = recruit("fire")
        assert (status, "[FJD] Called off 1 worker on slurm." in out) == (0, True)
        until(lambda: not slurm.ask("squeue", "-h", "-t", "R,PD"))
    finally:
        slurm.ask("scontrol", "update", f"NodeName={node}", "State=RESUME")  # where it has not come back by itself
        until(lambda: "down" not in slurm.ask("sinfo", "-h", "-N", "-o", "%T"), 60)


def test_what_it_refuses_is_told_in_its_own_words(crew: Crew, recruit: Recruit) -> None:
    status, out, err = recruit("hire", "1", "--on", "slurm", "--partition", "nowhere")
    assert (status, out) == (1, [])
    assert "slurm did not take it: " in err
    assert "Invalid partition name" in err
    status, _, err = recruit("hire", "1", "--on", "slrm")
    assert status == 2
    assert "did you mean slurm?" in err


def test_an_elastic_crew_comes_for_what_waits_and_goes_when_it_is_idle(crew: Crew, slurm: Slurm) -> None:
    words = ("--no-ui", "--keep-going", "--crew", "0..2", "--on", "slurm", "--time", "5m", "--idle-timeout", "2s")
    dispatcher = crew.start("fjd-tui", *words)
    for number in range(6):
        crew.submit(f"job{number}", "echo $(hostname); sleep 1; true")
    until(lambda: len(crew.names("done")) == 6, 90)
    assert {crew.output(f"job{number}") for number in range(6)} == {"n1\n", "n2\n"}
    until(lambda: not crew.names("workerqueue") and not slurm.ask("squeue", "-h", "-t", "R,PD"), 90)
    assert len(crew.journal("end")) == 6
    dispatcher.terminate()
    _, _, err = crew.finish(dispatcher)
    assert "crew: hired 2 workers on slurm: " in err
    assert err.count("is fired: idle for") == 2


def test_an_elastic_crew_calls_off_who_has_not_come_when_all_is_done(crew: Crew, slurm: Slurm) -> None:
    """There is room for two, so that a third would only come later."""
    dispatcher = crew.start("fjd-tui", "--no-ui", "--crew", "3", "--on", "slurm", "--time", "5m")
    until(lambda: len(slurm.ask("squeue", "-h", "-t", "R,PD").splitlines()) == 3, 60)
    until(lambda: len(crew.names("workerqueue")) == 2, 60)
    crew.submit("job", "true")
    status, out, err = crew.finish(dispatcher, timeout_s=90)
    assert (status, "[FJD] Called off 1 worker on slurm." in out) == (0, True), err
    until(lambda: not slurm.ask("squeue", "-h", "-t", "R,PD"), 60)
    assert crew.names("workerqueue") == set()


def test_a_job_that_ends_before_its_worker_came_is_a_failure_of_the_crew(crew: Crew, slurm: Slurm) -> None:
    crew.submit("job", "true")
    with (crew.root / "err").open("w") as err:
        words = ("--crew", "0..1", "--on", "slurm", "--option", "--begin=now+1hour")
        dispatcher = crew.start("fjd-tui", "--no-ui", *words, stderr=err)
    until(lambda: slurm.ask("squeue", "-h", "-t", "PD"), 60)
    slurm.ask("scancel", "--user=root")
    until(lambda: "(1 of 3): its job " in (crew.root / "err").read_text(), 60)
    assert "ended before a worker came" in (crew.root / "err").read_text()
    crew.kill(dispatcher, 15)
