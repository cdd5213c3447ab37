"""The commands of ``fjd`` that read, through the real command line, on what real workers have done."""

import csv
import json
import subprocess

import pytest

from tests.crew import BIN, Crew, until
from tests.fjd_command import Ran, fjd


def run(crew: Crew, *arguments: str) -> Ran:
    return fjd(crew.root, *arguments, environment=crew.environment)


def dispatch(crew: Crew, *, status: int = 0) -> None:
    """Have one worker do all that waits, and end."""
    worker = crew.worker()
    assert crew.finish(crew.dispatcher())[0] == status
    worker.terminate()
    worker.wait(20)


def a_day(crew: Crew) -> None:
    """Have jobs end in every way, and two wait."""
    crew.submit("good", "echo one; echo two >&2; echo $FJD_LOGFILE > $FJD_LOGFILE; :", logfile="data/good.dat")
    crew.submit("bad", "echo sorry; exit 3")
    crew.submit("killed", "kill -9 $$")
    crew.submit("none", "true")
    dispatch(crew, status=1)
    (crew.root / "jobqueue/next").write_text("[control]\nexecutable: true\nafter: bad, good\npriority: 5\n")
    (crew.root / "jobqueue/wrong").write_text("[control]\nexecutable: true\nretries: many\n")


def test_jobs_are_counted_and_listed_by_all_that_can_be_asked(crew: Crew) -> None:
    a_day(crew)
    status = run(crew, "status", "--json").objects[0]
    assert (status["waiting"], status["done"], status["failed"], status["workers"]) == (2, 2, 2, 0)
    assert run(crew).out == run(crew, "status").out

    rows = {row["name"]: row for row in run(crew, "jobs", "--json").objects}
    assert {name: row["state"] for name, row in rows.items()} == {
        "next": "waiting", "wrong": "waiting", "bad": "failed", "killed": "failed", "good": "done", "none": "done",
    }  # fmt: skip
    assert (rows["bad"]["exit"], rows["killed"]["exit"], rows["good"]["exit"]) == (3, 137, 0)
    assert rows["good"]["seconds"] > 0
    assert rows["good"]["rss_kb"] > 0
    assert run(crew, "jobs", "--names", "--exit", "137").lines == ["killed"]
    assert run(crew, "jobs", "--names", "--failed", "--newer", "1d").lines == ["bad", "killed"]
    assert run(crew, "jobs", "--names", "o", "--sort", "name", "--reverse").lines == ["wrong", "none", "good"]
    assert run(crew, "jobs", "-0", "--names", "--waiting", "-n", "1").out == "next\0"
    assert [row["command"] for row in run(crew, "jobs", "-l", "--json", "next").objects] == ["true"]
    assert run(crew, "jobs", "command:sorry", "--names").lines == ["bad"]


def test_a_job_is_shown_and_says_why_it_is_not_running(crew: Crew) -> None:
    a_day(crew)
    shown = run(crew, "show", "next", "--json").objects[0]
    assert shown["options"] == {"priority": "5", "after": "bad, good"}
    assert shown["why"] == [
        "it waits for bad, which has failed",
        "nobody dispatches: start dispatcher.py, or fjd-tui",
        "there is no worker: fjd hire N",
    ]
    assert "retries: 'many' is no whole number" in run(crew, "show", "wrong", "--json").objects[0]["problem"]
    text = run(crew, "show", "bad").out
    assert "it has failed: exit 3" in text
    assert str(crew.root / "output/bad.out") in text
    missing = run(crew, "show", "goood")
    assert (missing.status, missing.out) == (1, "")
    assert missing.err == "[FJD] There is no job goood; did you mean good?\n"


def test_output_and_runs_are_told(crew: Crew) -> None:
    a_day(crew)
    assert run(crew, "log", "good").out == "one\ntwo\n"
    assert run(crew, "log", "good", "-n", "1").out == "two\n"
    assert run(crew, "log", "good", "--logfile").out == f"{crew.root}/data/good.dat\n"
    assert run(crew, "log", "none").err.startswith("[FJD] There is nothing")
    assert [line["text"] for line in run(crew, "log", "good", "--json").objects] == ["one", "two"]

    history = run(crew, "history", "--json").objects
    assert [(run["job"], run["end"], run["exit"], run["signal"]) for run in history] == [
        ("bad", "failed", 3, None), ("good", "done", 0, None), ("killed", "failed", 137, 9), ("none", "done", 0, None),
    ]  # fmt: skip
    assert [row["job"] for row in csv.DictReader(run(crew, "history", "--format", "csv", "--done").lines)] == [
        "good",
        "none",
    ]
    assert run(crew, "history", "--since", "1h", "--failed").lines[1].endswith("failed: exit 3")


def test_a_joblog_is_one_that_gnu_parallel_reads(crew: Crew) -> None:
    crew.submit("good", "echo a\tb")
    crew.submit("bad", "exit 3")
    crew.submit("killed", "kill -9 $$")
    dispatch(crew, status=1)
    title, *rows = (line.split("\t") for line in run(crew, "history", "--format", "joblog").lines)
    assert title == ["Seq", "Host", "Starttime", "JobRuntime", "Send", "Receive", "Exitval", "Signal", "Command"]
    assert [(row[0], row[6], row[7], row[8]) for row in rows] == [
        ("1", "3", "0", "exit 3"),
        ("2", "0", "0", "echo a b"),
        ("3", "0", "9", "kill -9 $$"),
    ]
    assert all(float(row[2]) > 1e9 and float(row[3]) >= 0 for row in rows)


def test_what_runs_is_shown_with_its_worker_and_what_it_uses(crew: Crew) -> None:
    crew.submit("busy", "while :; do :; done")
    crew.submit("later", "true")
    worker = crew.worker()
    crew.dispatcher("--keep-going")
    until(lambda: "busy" in crew.running())
    me = crew.id_of(worker)
    row = until(lambda: [row for row in run(crew, "workers", "--json").objects if row["cpu"]])[0]
    assert (row["id"], row["state"], row["jobs"], row["hired"]) == (me, "busy", ["busy"], "hand")
    assert row["rss_bytes"] > 0
    assert row["job_since"] is not None
    assert run(crew, "show", "later", "--json").objects[0]["why"] == ["all workers that could run it are busy"]
    running = run(crew, "jobs", "--running", "--worker", me, "--json").objects
    assert [(row["name"], row["worker"]) for row in running] == [("busy", me)]
    assert run(crew, "status", "--json").objects[0]["dispatcher"]
    log = run(crew, "log", "--worker", me)
    assert (log.status, log.err.count("\n")) == (0, 1)  # one that was started by hand has no log of its own


def test_a_log_is_followed_through_all_attempts(crew: Crew) -> None:
    command = 'echo "attempt $FJD_ATTEMPT"; until test -e go$FJD_ATTEMPT; do sleep 0.05; done; test -e go2; exit $?'
    crew.submit("flaky", command, retries="3", **{"retry-delay": "100ms"})
    crew.worker()
    crew.dispatcher("--keep-going")
    follower = crew.start("fjd", "log", "-f", "flaky")
    waiter = crew.start("fjd", "wait", "flaky")
    assert follower.stdout is not None
    assert follower.stdout.readline() == "attempt 1\n"  # while it runs
    (crew.root / "go1").touch()
    assert follower.stdout.readline() == "attempt 2\n"
    assert waiter.poll() is None
    (crew.root / "go2").touch()
    assert crew.finish(follower) == (0, [], "[FJD] It begins anew.\n")
    assert crew.finish(waiter)[0] == 0
    assert [(one["attempt"], one["end"], one["again"]) for one in run(crew, "history", "--json").objects] == [
        (1, "failed", True),
        (2, "done", False),
    ]


def test_waiting_ends_when_all_have_and_tells_how(crew: Crew) -> None:
    crew.submit("a1", "while test ! -e go; do sleep 0.05; done; :")
    crew.submit("a2", "exit 1")
    crew.worker()
    crew.dispatcher("--keep-going")
    timed_out = run(crew, "wait", "a1", "--timeout", "0.1", "--json")
    assert (timed_out.status, timed_out.objects[0]["left"]) == (124, 1)
    assert run(crew, "wait", "--timeout", "0.1").status == 124
    both = crew.start("fjd", "wait", "a*", "--json")
    named = crew.start("fjd", "wait", "a1")
    (crew.root / "go").touch()
    status, lines, _ = crew.finish(both)
    assert (status, json.loads(lines[0])) == (
        1,
        {"fjd": 1, "kind": "wait", "done": 1, "failed": 1, "gone": 0, "left": 0},
    )
    status, _, told = crew.finish(named)
    assert (status, told) == (0, "[FJD] 1 done, 0 failed.\n")
    gone = run(crew, "wait", "nowhere")
    assert gone.status == 1
    assert "There is no job nowhere." in gone.err
    assert run(crew, "wait").status == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(crew: Crew, shell: str) -> None:
    assert "_FJD_COMPLETE" in run(crew, "completion", shell).out


def test_bash_completes_commands_and_names_of_jobs(crew: Crew) -> None:
    crew.submit("scan-1", "true")
    crew.submit("scan two", "true")
    words = {"COMP_WORDS": "fjd show scan", "COMP_CWORD": "2", "_FJD_COMPLETE": "bash_complete"}
    run = subprocess.run(
        [str(BIN / "fjd")],
        cwd=crew.root, env={**crew.environment, **words}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert run.stdout.splitlines() == ["plain,scan two", "plain,scan-1"]
