"""What a job asks of its worker, through the command line: a dispatcher, a worker, and jobs as users write them."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.crew import Crew, until


def end(crew: Crew, job: str) -> dict[str, Any]:
    """The line that tells how the job ended."""
    (line,) = (line for line in crew.journal("end") if line["job"] == job)
    return line


def play(crew: Crew, status: int = 0) -> str:
    """Let a worker do all that is in the queue; return what it said."""
    worker = crew.worker()
    ended, _, err = crew.finish(crew.dispatcher())
    assert ended == status, err
    crew.kill(worker, signal.SIGTERM)
    return crew.talk.read_text()


def test_what_runs_too_long_is_ended_and_has_failed(crew: Crew) -> None:
    crew.submit("long", "sleep 60; :", timeout="0.3s")
    crew.submit("deaf", "trap '' TERM; sleep 60; :", timeout="0.3")
    crew.submit("short", "echo $((FJD_DEADLINE > $(date +%s))); :", timeout="1h")
    began_s = time.monotonic()
    play(crew, status=1)
    assert time.monotonic() - began_s < 40
    assert crew.names("failed") == {"long", "deaf"}
    assert {end(crew, job)["reason"] for job in ("long", "deaf")} == {"timeout after 0.3s"}
    assert (end(crew, "long")["signal"], end(crew, "deaf")["signal"]) == (signal.SIGTERM, signal.SIGKILL)
    assert crew.output("short") == "1\n"


def test_what_a_job_asks_for_it_gets(crew: Crew) -> None:
    (crew.root / "data").write_text("from a file\n")
    crew.submit("stdin", "cat - && echo", stdin="data")
    crew.submit("nice", "sleep 0.2; nice; :", nice="5")
    crew.submit("success", "exit 7", success="0, 7")
    crew.submit("limit", "ulimit -v; :", memory="256M", **{"memory-limit": "yes"})
    crew.submit("env", "echo $GREETING; :\n\n[env]\nGREETING = hello\n\n[params]")
    crew.submit("no stdin", "cat", stdin="absent")
    play(crew, status=1)
    assert crew.names("failed") == {"no stdin"}
    assert "its stdin" in end(crew, "no stdin")["reason"]
    assert crew.output("stdin").startswith("from a file\n")
    assert crew.output("nice") == f"{min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)}\n"
    assert (end(crew, "success")["outcome"], end(crew, "success")["exit"]) == ("done", 7)
    assert crew.output("limit") == f"{256 * 1024}\n"
    assert crew.output("env") == "hello\n"


def test_what_is_to_be_run_afterwards_is_run(crew: Crew) -> None:
    say = 'echo $FJD_OUTCOME $FJD_EXIT $FJD_JOB $FJD_ATTEMPT; test "$FJD_JOB_FILE" = "$1" -a -e "$1" && echo there; :'
    crew.submit("good", "echo first; :", **{"on-success": say, "on-failure": "echo never"})
    crew.submit("bad", "exit 3", **{"on-success": "echo never", "on-failure": say})
    crew.submit("lost", "true", workdir="absent", **{"on-failure": "echo $FJD_EXIT.; :"})
    crew.submit("vain", "true", **{"on-success": "exit 9"})
    said = play(crew, status=1)
    assert crew.output("good") == "first\ndone 0 good 1\nthere\n"
    assert crew.output("bad") == "failed 3 bad 1\nthere\n"
    assert crew.output("lost") == ".\n"
    assert crew.names("done") == {"good", "vain"}
    assert [(line["job"], line["hook"], line["reason"]) for line in crew.journal("hook")] == [
        ("vain", "on-success", "exit 9")
    ]
    assert "vain: its on-success went wrong: exit 9" in said


def test_an_outcome_stands_though_its_worker_is_killed_afterwards(crew: Crew) -> None:
    crew.submit("job", "true", **{"on-success": "echo $$ > started; sleep 60; :"})
    worker = crew.worker()
    dispatcher = crew.dispatcher()
    pid = int(until(lambda: (crew.root / "started").exists() and (crew.root / "started").read_text()))
    crew.kill(worker)
    assert crew.finish(dispatcher)[0] == 0
    os.killpg(pid, signal.SIGKILL)
    assert crew.names("done") == {"job"}
    assert [line["outcome"] for line in crew.journal("end")] == ["done"]


def test_a_job_learns_who_runs_it(crew: Crew) -> None:
    crew.submit("job", "env; :", logfile="logs/x")
    play(crew)
    learnt = dict(line.split("=", 1) for line in crew.output("job").splitlines() if line.startswith("FJD_"))
    worker = learnt["FJD_WORKER"]
    assert (
        learnt.items()
        >= {
            "FJD_JOB": "job",
            "FJD_JOB_FILE": f"{crew.root}/running/{worker}/job",
            "FJD_LOGFILE": f"{crew.root}/logs/x",
            "FJD_DIR": str(crew.root),
            "FJD_WORKER_INDEX": worker.split("-")[-2],
            "FJD_ATTEMPT": "1",
            "FJD_STATUS": f"{crew.root}/jobpod/{worker}/.status-job",
        }.items()
    )
    assert not {"FJD_DEADLINE", "FJD_OUTCOME", "FJD_EXIT"} & learnt.keys()
    assert end(crew, "job")["attempt"] == 1


def test_progress_shows_while_it_runs_and_is_gone_with_it(crew: Crew) -> None:
    wait = "until test -e {}; do sleep 0.02; done"
    by_file = 'echo 0.75 nearly > "$FJD_STATUS"'
    crew.submit("job", f"echo FJD:progress 0.4 halfway; {wait.format('one')}; {by_file}; {wait.format('two')}")
    worker = crew.worker()
    dispatcher = crew.dispatcher()

    def shown() -> str:
        return "".join(crew.finish(crew.start("recruiter.py", "list"))[1])

    until(lambda: "busy: job (40% halfway)" in shown(), 60)
    (crew.root / "one").touch()
    until(lambda: "busy: job (75% nearly)" in shown(), 60)
    (crew.root / "two").touch()
    assert crew.finish(dispatcher)[0] == 0
    until(lambda: not list((crew.root / "jobpod" / crew.id_of(worker)).glob(".status-*")))


def test_what_the_spool_asks_for_counts_where_the_job_says_nothing(crew: Crew) -> None:
    (crew.root / ".fjd").mkdir(mode=0o700)
    (crew.root / ".fjd/config.ini").write_text("[defaults]\nsuccess = 0, 5\nnice = 3\n")
    (crew.root / ".fjd/config.ini").chmod(0o600)
    crew.submit("plain", "exit 5")
    crew.submit("own", "exit 5", success="0")
    play(crew, status=1)
    assert (crew.names("done"), crew.names("failed")) == ({"plain"}, {"own"})


NVIDIA_SMI = '#!/bin/sh\necho "GPU 0: NVIDIA A100 (UUID: GPU-1)"\necho "GPU 1: NVIDIA A100 (UUID: GPU-2)"\n'


@pytest.fixture
def hired(crew: Crew, tmp_path: Path) -> Any:
    """Two workers, one a GPU, as a recruiter hires them on a machine with a driver."""
    program = tmp_path / "bin/nvidia-smi"
    program.parent.mkdir()
    program.write_text(NVIDIA_SMI)
    program.chmod(0o755)
    crew.environment["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    crew.environment.pop("CUDA_VISIBLE_DEVICES", None)
    status, out, err = crew.finish(crew.start("recruiter.py", "hire", "--per-gpu", "--tag", "gpu,big", "--tag", "x"))
    yield status, out, err
    crew.finish(crew.start("recruiter.py", "fire"))


def test_one_worker_a_gpu_sees_that_one_and_says_its_tags(crew: Crew, hired: tuple[int, list[str], str]) -> None:
    assert hired[:2] == (0, ["[FJD] Hired 2 workers on localhost."]), hired[2]
    for number in range(2):  # each waits for the other, so that no worker gets both
        crew.submit(f"job{number}", f"touch in{number}; until test -e in{1 - number}; do sleep 0.02; done; "
                    "echo $FJD_WORKER_INDEX $CUDA_VISIBLE_DEVICES; :")  # fmt: skip
    assert crew.finish(crew.dispatcher())[0] == 0
    assert {crew.output("job0"), crew.output("job1")} == {"1 0\n", "2 1\n"}
    for name in crew.names("workerqueue"):
        announced = (crew.root / "workerqueue" / name).read_text()
        assert 'tags: ["gpu", "big", "x"]' in announced
        assert re.search(r"^cpus: [1-9]\d*$", announced, re.MULTILINE)
        assert re.search(r"^memory_bytes: [1-9]\d+$", announced, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--gpus", "0,,1"], "'0,,1' is no list of GPUs"),
        (["1", "--tag", ""], "'' is no tag"),
        (["1", "--tag", "'"], "--tag: "),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(crew: Crew, words: list[str], why: str) -> None:
    status, _, err = crew.finish(crew.start("recruiter.py", "hire", *words))
    assert status == 2
    assert why in err
