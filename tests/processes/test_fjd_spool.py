"""The commands of ``fjd`` on the spool as a whole, and which spool is meant, through the real command line."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from fjd.spool import create
from tests import needs
from tests.crew import BIN, Crew, until
from tests.fjd_command import Ran, fjd


def run(crew: Crew, *arguments: str) -> Ran:
    return fjd(crew.root, *arguments, environment=crew.environment)


@needs.program("screen")
def test_workers_are_hired_and_fired(crew: Crew) -> None:
    assert run(crew, "hire", "2").lines == ["[FJD] Hired 2 workers on localhost."]
    try:
        rows = run(crew, "workers", "--json").objects
        assert [(row["state"], row["hired"]) for row in rows] == [("idle", "screen")] * 2
        assert run(crew, "workers").lines[0].startswith("WORKER")
    finally:
        fired = run(crew, "fire")
    assert fired.lines == ["[FJD] Fired 2 workers on localhost."]
    assert run(crew, "workers").err == "[FJD] Nobody works for this spool: fjd hire N.\n"


def test_what_is_over_is_cleaned_and_nothing_else(crew: Crew) -> None:
    crew.submit("good", "echo said")
    crew.submit("needed", "true")
    crew.submit("bad", "echo sorry; exit 1")
    worker = crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 1
    (crew.root / "jobqueue/next").write_text("[control]\nexecutable: true\nAFTER = needed\n")
    dry = run(crew, "clean", "--dry-run")
    assert dry.lines == ["done/good", "output/good.out"]
    assert dry.err == "[FJD] needed stays: others wait for it.\n"
    assert run(crew, "clean", "--older", "1h").lines == ["[FJD] There is nothing to clean."]
    worker.terminate()
    worker.wait(20)
    assert run(crew, "clean").lines == ["[FJD] Removed 1 job, 1 output.", "[FJD] Shortened 1 journal."]
    assert (crew.names("done"), crew.names("failed"), crew.names("jobqueue")) == ({"needed"}, {"bad"}, {"next"})
    assert crew.names("output") == {"bad.out"}
    assert [one["job"] for one in run(crew, "history", "--json").objects] == ["bad", "needed"]
    assert run(crew, "clean", "--failed").lines[0] == "[FJD] Removed 1 job, 1 output."
    assert crew.names("failed") | crew.names("output") == set()


def test_a_dead_worker_is_struck_off_and_its_job_comes_back(crew: Crew) -> None:
    crew.submit("long", "sleep 1000; :")
    worker = crew.worker()
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: "long" in crew.running())
    crew.kill(dispatcher, signal.SIGTERM)
    crew.kill(worker)
    assert run(crew, "doctor", "--json").status == 1
    assert run(crew, "workers", "--json").objects[0]["state"] == "lost"
    cleaned = run(crew, "clean", "--older", "1d")
    assert (cleaned.lines, cleaned.err) == (["[FJD] Removed 1 dead worker."], "[FJD] long went back to the queue.\n")
    assert crew.names("jobqueue") == {"long"}


def test_the_doctor_looks_at_everything_and_leaves_nothing(crew: Crew) -> None:
    crew.worker()
    before = set(crew.root.rglob("*"))
    ran = run(crew, "doctor", "--json")
    checks = {check["name"]: check for check in ran.objects}
    assert ran.status == 0, ran.out
    assert {"spool", "filesystem", "rename", "events", "clock", "screen", "ssh", "versions", "workers"} <= checks.keys()
    assert checks["workers"]["verdict"] == "well"
    assert set(crew.root.rglob("*")) - before <= {crew.root / ".fjd/clock"}
    (crew.root / "jobqueue/wrong").write_text("nonsense")
    ran = run(crew, "doctor")
    assert ran.status == 1
    assert "BAD   queue" in ran.out


def test_the_doctor_races_with_a_second_process_here(crew: Crew) -> None:
    crew.worker()
    before = set(crew.root.rglob("*"))
    ran = run(crew, "doctor", "--host", "localhost", "--json")
    checks = {check["name"]: check for check in ran.objects}
    assert ran.status == 0, ran.out
    assert "sees this spool" in checks["host"]["text"]
    races = {checks[f"race-{prize}"]["verdict"] for prize in ("rename", "mkdir", "link")}
    assert races <= {"well", "note"}  # where the machine is busy, one side may be always faster
    assert {checks[f"see-{sight}"]["verdict"] for sight in ("listing", "beat", "text")} == {"well"}
    assert set(crew.root.rglob("*")) - before <= {crew.root / ".fjd/clock"}


# ---- which spool


def test_the_nearest_spool_upwards_is_meant(crew: Crew, tmp_path: Path) -> None:
    crew.submit("here", "true")
    (crew.root / ".fjd").mkdir()
    below = crew.root / "deep/down"
    below.mkdir(parents=True)
    assert fjd(below, "jobs", "--names").lines == ["here"]
    (below / "jobqueue").mkdir()  # a script has made it, and so this is one
    assert fjd(below, "jobs", "--names").status == 1
    other = tmp_path / "other"
    (other / "jobqueue").mkdir(parents=True, mode=0o700)
    (other / ".fjd").mkdir(mode=0o700)
    (other / "jobqueue/there").write_text("[control]\nexecutable: true\n")
    named = ["--dir", str(other)]
    assert fjd(crew.root, *named, "jobs", "--names").lines == ["there"]
    assert fjd(crew.root, "jobs", "--names", *named).lines == ["there"]
    assert fjd(crew.root, *named).lines[0].startswith(str(other))
    assert "jobs" in fjd(tmp_path, "status", *named).out
    nowhere = fjd(tmp_path, "status")
    assert (nowhere.status, nowhere.out) == (1, "")
    assert "is not a spool" in nowhere.err


def test_whoever_makes_spools_says_when_it_takes_one_from_above(crew: Crew) -> None:
    crew.submit("here", "true")
    (crew.root / ".fjd").mkdir()
    below = crew.root / "below"
    below.mkdir()
    environment = {name: value for name, value in crew.environment.items() if name != "FJD_DIR"}
    dispatcher = subprocess.Popen(
        [str(BIN / "dispatcher.py"), "--once"],
        cwd=below, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    crew.processes.append(dispatcher)
    crew.worker()
    status, _, talk = crew.finish(dispatcher)
    assert (status, crew.names("done")) == (0, {"here"})
    assert talk == f"[FJD] Using the spool {crew.root}, which is above this directory; --dir . makes one here.\n"
    assert not list(below.iterdir())


# ---- large


@pytest.mark.parametrize("state", ["jobqueue", "done"])
def test_a_large_spool_is_listed_as_a_stream(crew: Crew, state: str) -> None:
    create.open_spool(str(crew.root))
    for number in range(20_000):
        (crew.root / state / f"job{number}").touch()
    lister = subprocess.Popen(
        [str(BIN / "fjd"), "jobs", "--json"],
        cwd=crew.root, env=crew.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    crew.processes.append(lister)
    assert lister.stdout is not None
    names = [json.loads(line)["name"] for line in lister.stdout]
    assert names == [f"job{number}" for number in range(20_000)]
    assert lister.wait(20) == 0
