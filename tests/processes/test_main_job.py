"""The main job with real processes: jobs are dropped, workers run them, the dispatcher ends when all is done."""

import itertools
import os
import subprocess
from collections import Counter

import pytest

from tests.crew import Crew, until, waves

LINES = [
    "[FJD] Dispatcher started.",
    "[FJD] Found some jobs to dispatch",
    "[FJD] No more jobs to dispatch.",
]


@pytest.mark.parametrize("order", list(itertools.permutations(("jobs", "workers", "dispatcher"))), ids="-".join)
def test_order_does_not_matter(crew: Crew, order: tuple[str, ...]) -> None:
    def do(step: str) -> None:
        if step == "jobs":
            for number in range(6):
                crew.submit(f"job{number}", f"echo result {number}; :")
        elif step == "workers":
            crew.workers(2)
        else:
            dispatchers.append(crew.dispatcher())
            until(lambda: (crew.root / ".fjd/dispatcher.lease").exists())

    dispatchers: list[subprocess.Popen[str]] = []
    for step in order:
        do(step)
    status, lines, errors = crew.finish(dispatchers[0])
    assert (status, waves(lines), errors) == (0, LINES, "")
    assert crew.names("done") == {f"job{number}" for number in range(6)}
    assert crew.output("job3") == "result 3\n"


def test_a_thousand_short_jobs_each_end_exactly_once(crew: Crew) -> None:
    printing = {f"job{number}" for number in range(0, 1000, 50)}
    for number in range(1000):
        name = f"job{number}"
        crew.submit(name, "echo something" if name in printing else "/bin/true")
    crew.workers(4)
    status, _, errors = crew.finish(crew.dispatcher())
    assert (status, errors) == (0, "")
    assert crew.names("done") == {f"job{number}" for number in range(1000)}
    ended = Counter(line["job"] for line in crew.journal("end") if line["outcome"] == "done")
    assert set(ended.values()) == {1}
    assert len(ended) == 1000
    assert crew.names("output") == {f"{name}.out" for name in printing}
    assert not crew.names("jobqueue") | set(crew.running())


def test_jobs_are_handed_out_in_natural_order(crew: Crew) -> None:
    for number in (10, 9, 2, 1, 100):
        crew.submit(f"job{number}", "/bin/true")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    started = [line["job"] for line in crew.journal("start")]
    assert started == ["job1", "job2", "job9", "job10", "job100"]


def test_the_job_learns_what_it_is(crew: Crew) -> None:
    crew.submit("a job.conf", 'env | grep ^FJD_ | sort; pwd; echo "$1"', logfile="data/deep/x.dat")
    worker = crew.worker()
    identity = crew.id_of(worker)
    assert crew.finish(crew.dispatcher())[0] == 0
    root = str(crew.root)
    path = f"{root}/running/{identity}/a job.conf"
    told = dict(line.split("=", 1) for line in crew.output("a job.conf").splitlines() if line.startswith("FJD_"))
    del told["FJD_TIMINGS"]
    assert told == {
        "FJD_ATTEMPT": "1",
        "FJD_DIR": root,
        "FJD_JOB": "a job.conf",
        "FJD_JOB_FILE": path,
        "FJD_LOGFILE": f"{root}/data/deep/x.dat",
        "FJD_STATUS": f"{root}/jobpod/{identity}/.status-a job.conf",
        "FJD_WORKER": identity,
        "FJD_WORKER_INDEX": str(worker.pid),
    }
    assert crew.output("a job.conf").splitlines()[-2:] == [root, path]
    assert (crew.root / "data/deep").is_dir()


def test_workdir_and_the_relative_paths(crew: Crew) -> None:
    (crew.root / "elsewhere").mkdir()
    script = crew.root / "elsewhere/tool.sh"
    script.write_text('#!/bin/sh\npwd\necho "$FJD_LOGFILE"\n')
    script.chmod(0o755)
    crew.submit("job", "./tool.sh", workdir="elsewhere", logfile="out/log")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    assert crew.output("job").splitlines() == [f"{crew.root}/elsewhere", f"{crew.root}/elsewhere/out/log"]


def test_keep_going_waits_for_more_and_once_does_not_wait_for_a_first(crew: Crew) -> None:
    status, lines, _ = crew.finish(crew.dispatcher("--once"))
    assert (status, lines) == (0, ["[FJD] Dispatcher started.", "[FJD] No more jobs to dispatch."])
    dispatcher = crew.dispatcher("--keep-going")
    crew.worker()
    for name in ("first", "second"):
        crew.submit(name, "/bin/true")
        until(lambda name=name: name in crew.names("done"))  # type: ignore[misc]
    assert dispatcher.poll() is None


def test_a_slowly_written_file_is_dispatched_once_and_whole(crew: Crew) -> None:
    crew.worker()
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "jobqueue").is_dir())
    with open(crew.root / "jobqueue/slow", "w", encoding="utf-8") as file:
        file.write("[control]\nexecutable: cat\n")
        file.flush()
        crew.submit("quick", "sleep 1; :")  # a full round of the dispatcher, with the half file there
        until(lambda: "quick" in crew.names("done"))
        assert crew.names("jobqueue") == {"slow"}
        file.write("\n[params]\nhalf: the other\n")
    assert crew.finish(dispatcher)[0] == 0
    assert crew.output("slow") == (crew.root / "done/slow").read_text()
    assert "half: the other" in crew.output("slow")
    assert [line["job"] for line in crew.journal("start")].count("slow") == 1


def test_a_job_comes_back_under_a_number_when_its_name_is_taken(crew: Crew) -> None:
    crew.submit("job.conf", "sleep 30; :")
    worker = crew.worker()
    dispatcher = crew.dispatcher()
    until(lambda: "job.conf" in crew.running())
    crew.submit("job.conf", "echo second; :")
    crew.kill(worker, 15)
    until(lambda: crew.names("jobqueue") == {"job.conf", "job-2.conf"})
    os.remove(crew.root / "jobqueue/job-2.conf")
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.output("job.conf") == "second\n"


def test_a_second_job_of_a_name_waits_for_the_first(crew: Crew) -> None:
    crew.submit("job", "until test -e go; do sleep 0.02; done; echo first; :")
    crew.workers(2)
    dispatcher = crew.dispatcher()
    until(lambda: "job" in crew.running())
    crew.submit("job", "echo second; :")
    crew.submit("other", "/bin/true")
    until(lambda: "other" in crew.names("done"))
    assert crew.names("jobqueue") == {"job"}
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.output("job") == "second\n"
    assert [line["outcome"] for line in crew.journal("end") if line["job"] == "job"] == ["done", "done"]
