"""An elastic crew of real workers: hired for what waits, fired when idle, and a scheduler that is broken."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crew import Crew, until
from tests.fjd_command import fjd

BROKEN = "#!/bin/sh\necho tried >> '{root}/tries'\necho 'sbatch: error: Invalid account or partition' >&2\nexit 1\n"
GATE = "until [ -e go ]; do sleep 0.05; done #"
WAIT_S = 60.0


@pytest.fixture(autouse=True)
def fired(crew: Crew) -> Iterator[None]:
    """Whoever was hired is not ours to end by process."""
    crew.environment["FJD_TIMINGS"] += " look_s=0.2"
    yield
    for process in crew.processes:
        if process.poll() is None:
            crew.kill(process, signal.SIGTERM)
    crew.finish(crew.start("recruiter.py", "fire"))


def elastic(crew: Crew, *words: str, **options: Any) -> Any:
    """Start a dispatcher with an elastic crew of processes."""
    err = (crew.root / "err").open("w")
    with err:
        return crew.start("fjd-tui", "--no-ui", *words, stderr=err, **options)


def said(crew: Crew) -> str:
    return (crew.root / "err").read_text()


def state(crew: Crew) -> dict[str, Any]:
    """What ``fjd crew --json`` prints, nothing while there is no elastic crew."""
    ran = fjd(crew.root, "crew", "--json")
    return ran.objects[0] if ran.status == 0 else {}


def test_it_grows_with_what_waits_shrinks_when_idle_and_keeps_the_least(crew: Crew) -> None:
    dispatcher = elastic(crew, "--keep-going", "--crew", "1..3", "--on", "process", "--idle-timeout", "1s")
    until(lambda: len(crew.names("workerqueue")) == 1, WAIT_S)
    for number in range(8):
        crew.submit(f"job{number}", GATE)
    until(lambda: len(crew.running()) == 3, WAIT_S)
    assert len(crew.names("workerqueue")) == 3
    assert {key: state(crew)[key] for key in ("least", "most", "on", "workers", "paused")} == {
        "least": 1,
        "most": 3,
        "on": "local",
        "workers": 3,
        "paused": None,
    }
    assert "\n  crew        3 of 1..3 on local" in fjd(crew.root, "status").out
    (crew.root / "go").touch()
    until(lambda: len(crew.names("done")) == 8 and len(crew.names("workerqueue")) == 1, WAIT_S)
    crew.kill(dispatcher, signal.SIGTERM)
    assert len(crew.names("workerqueue")) == 1
    assert "1 worker of the crew stays hired" in said(crew)
    assert "crew: hired 1 worker on local: the crew is to be 1 at the least" in said(crew)
    assert said(crew).count("is fired: idle for") == 2


def test_when_all_is_done_whoever_it_hired_goes_and_nobody_else(crew: Crew) -> None:
    (crew.root / ".fjd").mkdir(mode=0o700)
    (crew.root / ".fjd/config.ini").write_text("[crew]\nsize = 0..2\non = process\n")
    other = crew.worker("--tag", "other")
    for number in range(4):
        crew.submit(f"job{number}", "true", tags="other" if number == 0 else "")
    status, out, err = crew.finish(crew.dispatcher())
    assert (status, crew.names("done")) == (0, {f"job{number}" for number in range(4)}), err
    assert crew.names("workerqueue") == {f"{crew.id_of(other)}.worker"}
    assert not [line for line in out if "other" in line]


def test_when_there_is_to_be_none_any_more_whoever_it_hired_goes_when_its_job_is_done(crew: Crew) -> None:
    (crew.root / ".fjd").mkdir(mode=0o700)
    settings = crew.root / ".fjd/config.ini"
    settings.write_text("[crew]\nsize = 3\non = process\n")
    other = crew.worker("--tag", "other")
    dispatcher = elastic(crew, "--keep-going")
    until(lambda: len(crew.names("workerqueue")) == 3, WAIT_S)
    crew.submit("job", GATE)
    crew.submit("own", GATE, tags="other")
    until(lambda: len(crew.running()) == 2, WAIT_S)
    before = crew.running()
    settings.write_text("[defaults]\nnice = 1\n")
    until(lambda: "fired when they have done what they run: there is to be no elastic crew" in said(crew), WAIT_S)
    stays = {f"{worker}.worker" for worker in before.values()}
    until(lambda: crew.names("workerqueue") == stays, WAIT_S)
    assert crew.running() == before, "who works goes on with its job"
    (crew.root / "go").touch()
    until(lambda: crew.names("workerqueue") == {f"{crew.id_of(other)}.worker"}, WAIT_S)
    until(lambda: [line["outcome"] for line in crew.journal("end")] == ["done", "done"])
    until(lambda: state(crew) == {}, WAIT_S)
    settings.write_text("[crew]\nsize = 3\non = process\n")
    until(lambda: len(crew.names("workerqueue")) == 3, WAIT_S)
    crew.kill(dispatcher, signal.SIGTERM)
    assert len(crew.names("workerqueue")) == 3, "who is interrupted leaves its crew to the next"


def test_for_a_job_that_no_such_worker_may_run_nobody_is_hired_and_that_is_said(crew: Crew) -> None:
    crew.submit("gpu", "true", tags="gpu")
    crew.submit("plain", "true")
    elastic(crew, "--keep-going", "--crew", "0..4", "--on", "process")
    until(lambda: crew.names("done") == {"plain"}, WAIT_S)
    until(lambda: "nobody is hired on local for 1 job: no worker here has the tag gpu" in said(crew), WAIT_S)
    assert len(crew.names("workerqueue")) == 1


def test_a_dry_run_says_what_it_would_do_and_why_and_does_nothing(crew: Crew) -> None:
    crew.submit("job", "true")
    dispatcher = elastic(crew, "--crew", "0..4", "--on", "process", "--crew-dry-run")
    until(lambda: "crew, dry run: would hire 1 worker on local: 1 job has waited" in said(crew), WAIT_S)
    assert state(crew)["dry_run"] is True
    assert crew.names("workerqueue") == set()
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0
    assert said(crew).count("would hire") == 1


def test_a_broken_scheduler_is_left_alone_with_its_reason_until_somebody_says_so(crew: Crew) -> None:
    pytest.importorskip("parsl", reason="the extra fjd[cluster] is not installed")
    programs = crew.root / "programs"
    programs.mkdir()
    for name in ("sbatch", "squeue", "scancel"):
        (programs / name).write_text(BROKEN.format(root=crew.root))
        (programs / name).chmod(0o755)
    crew.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    (crew.root / ".fjd").mkdir(mode=0o700)
    (crew.root / ".fjd/config.ini").write_text("[crew]\nfailures = 2\npause = 1h\n")
    crew.submit("job", "true")
    elastic(crew, "--crew", "0..4", "--on", "slurm")
    paused = (
        "crew: hiring on slurm is paused for 1h after 2 failures, or until fjd crew --resume: slurm did not take it"
    )
    until(lambda: paused in said(crew), WAIT_S)
    assert "tried again in 5 s (1 of 2): slurm did not take it" in said(crew)
    assert "Invalid account or partition" in state(crew)["paused"]
    assert "hiring on slurm is paused for" in fjd(crew.root).out
    tries = (crew.root / "tries").read_text()
    assert not list((crew.root / ".fjd/cluster").glob("*.placed")), "nobody is on the way"
    assert fjd(crew.root, "crew", "--resume").out == "[FJD] Hiring goes on.\n"
    until(lambda: (crew.root / "tries").read_text() != tries, WAIT_S)
    until(lambda: "crew: hiring goes on, as was asked for" in said(crew), WAIT_S)


def test_what_a_dispatcher_was_about_to_hire_counts_when_it_is_killed(crew: Crew) -> None:
    """It is killed while its scheduler thinks; the next one knows of the worker that may come of that."""
    pytest.importorskip("parsl", reason="the extra fjd[cluster] is not installed")
    programs = crew.root / "programs"
    programs.mkdir()
    (programs / "sbatch").write_text(f"#!/bin/sh\necho tried >> '{crew.root}/tries'\nexec sleep 5\n")
    (programs / "sbatch").chmod(0o755)
    crew.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    crew.submit("job", "true")
    first = elastic(crew, "--crew", "0..1", "--on", "slurm")
    until(lambda: (crew.root / "tries").exists(), WAIT_S)
    crew.kill(first)
    assert [json.loads(path.read_text())["job"] for path in (crew.root / ".fjd/cluster").glob("*.placed")] == [""]
    second = elastic(crew, "--crew", "0..1", "--on", "slurm")
    until(lambda: state(crew).get("coming") == 1, WAIT_S)
    crew.kill(second, signal.SIGTERM)
    assert (crew.root / "tries").read_text() == "tried\n"


def test_only_who_dispatches_hires_and_who_takes_over_goes_on_with_them(crew: Crew) -> None:
    words = ("--keep-going", "--crew", "0..2", "--on", "process")
    first = elastic(crew, *words)
    until(lambda: fjd(crew.root, "status").out.find("dispatching") > 0, WAIT_S)
    other = crew.root / "err of the other"
    with other.open("w") as err:
        second = crew.start("fjd-tui", "--no-ui", *words, stderr=err)
    until(lambda: "dispatches this spool already" in other.read_text(), WAIT_S)
    for number in range(6):
        crew.submit(f"job{number}", GATE)
    until(lambda: len(crew.running()) == 2, WAIT_S)
    until(lambda: sum(map(int, re.findall(r"crew: hired (\d+)", said(crew)))) == 2, WAIT_S)  # they may work before
    crew.kill(first)
    (crew.root / "go").touch()
    until(lambda: len(crew.names("done")) == 6, WAIT_S)
    assert len(crew.names("workerqueue")) == 2
    crew.kill(second, signal.SIGTERM)
    assert "the other dispatcher is gone, and this one takes over" in other.read_text()
    assert "crew: hired" not in other.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--crew", "many"), "--crew: 'many' is no size of a crew; write 0..64, or 4 for always four"),
        (("--crew", "4..2"), "--crew: '4..2' is no size of a crew: 4 is more than 2"),
        (("--crew", "0..2", "--on", "slrm"), "did you mean slurm?"),
        (("--crew", "0..2", "--time", "1h"), "time is for a scheduler, such as on = slurm"),
        (("--idle-timeout", "5m"), "say how many workers there are to be, besides --idle-timeout: --crew 0..8"),
    ],
)
def test_what_makes_no_sense_is_told_at_once(crew: Crew, words: tuple[str, ...], told: str) -> None:
    status, _, err = crew.finish(crew.dispatcher(*words))
    assert (status, told in err) == (2, True), err


def test_what_makes_no_sense_in_the_configuration_is_told_with_its_line(crew: Crew) -> None:
    path = Path(crew.root, ".fjd")
    path.mkdir(mode=0o700)
    (path / "config.ini").write_text("[crew]\nsize = 0..4\nidle-timout = 5m\n")
    status, _, err = crew.finish(crew.dispatcher())
    told = f"[FJD] {path}/config.ini:3: there is no idle-timout in [crew]; did you mean idle-timeout?\n"
    assert (status, err) == (2, told)
