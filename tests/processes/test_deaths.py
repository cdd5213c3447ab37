"""Whatever is killed, no job is lost: workers, dispatchers, and the orders by which they leave."""

import os
import shutil
import signal
from collections import Counter

import pytest

from fjd.spool import wakeup
from fjd.spool.layout import Layout
from tests.crew import Crew, until

WAITS = "until test -e go; do sleep 0.02; done; :"


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_killed_workers_job_runs_on_another(crew: Crew) -> None:
    crew.submit("job", "sh -c 'echo $$ >> pids; exec sleep 60'; :")
    first, second = crew.workers(2)
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "pids").exists() and "job" in crew.running())
    worker = next(one for one in (first, second) if crew.running()["job"] == crew.id_of(one))
    other = second if worker is first else first
    crew.kill(worker)
    until(lambda: crew.running().get("job") == crew.id_of(other))
    until(lambda: len((crew.root / "pids").read_text().split()) == 2)
    ran_first, runs_now = (int(pid) for pid in (crew.root / "pids").read_text().split())
    assert not alive(ran_first), "the first run goes on beside the second"
    assert alive(runs_now)
    assert len(crew.names("workerqueue")) == 1
    assert [line["attempt"] for line in crew.journal("start")] == [1, 2] or crew.journal("requeued")
    crew.kill(dispatcher, signal.SIGINT)


def test_the_attempt_is_counted(crew: Crew) -> None:
    crew.submit("job", 'test "$FJD_ATTEMPT" = 2 || sleep 60; echo attempt $FJD_ATTEMPT; :')
    crew.workers(2)
    dispatcher = crew.dispatcher()
    until(lambda: "job" in crew.running() and crew.journal("start"))
    killed = next(one for one in crew.processes if crew.id_of(one) == crew.running()["job"])
    crew.kill(killed)
    assert crew.finish(dispatcher)[0] == 0
    assert crew.output("job") == "attempt 2\n"


def test_a_job_that_takes_five_workers_down_is_given_up(crew: Crew) -> None:
    crew.submit("poison", "kill -9 $PPID; :")
    crew.submit("good", "/bin/true")
    dispatcher = crew.dispatcher()
    for _ in range(5):
        worker = crew.worker()
        until(lambda worker=worker: worker.poll() is not None)  # type: ignore[misc]
    crew.worker()
    status, _, errors = crew.finish(dispatcher)
    assert status == 1
    assert crew.names("failed") == {"poison"}
    assert crew.names("done") == {"good"}
    assert "5 workers were lost while they ran it" in errors


def test_a_killed_dispatcher_loses_nothing(crew: Crew) -> None:
    for number in range(300):
        crew.submit(f"job{number}", "sleep 0.01; :")
    crew.workers(3)
    for share in (60, 120, 200):
        dispatcher = crew.dispatcher()
        until(lambda share=share: len(crew.names("done")) >= share)  # type: ignore[misc]
        crew.kill(dispatcher)
    status, _, _ = crew.finish(crew.dispatcher())
    assert status == 0
    assert len(crew.names("done")) == 300
    ended = Counter(line["job"] for line in crew.journal("end"))
    assert set(ended.values()) == {1}


def test_a_second_dispatcher_watches_and_takes_over(crew: Crew) -> None:
    first = crew.dispatcher("--keep-going")
    crew.worker()
    crew.submit("one", "/bin/true")
    until(lambda: "one" in crew.names("done"))
    with (crew.root / "said").open("w") as said:
        second = crew.start("dispatcher.py", stderr=said)
    until(lambda: f":{first.pid} dispatches this spool already" in (crew.root / "said").read_text())
    crew.submit("two", WAITS)
    until(lambda: "two" in crew.running())
    crew.kill(first)
    crew.submit("three", "/bin/true")
    (crew.root / "go").touch()
    assert crew.finish(second)[0] == 0
    assert "takes over" in (crew.root / "said").read_text()
    assert crew.names("done") == {"one", "two", "three"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_job_back(crew: Crew, number: signal.Signals) -> None:
    crew.submit("job", "trap 'echo told; exit 0' TERM; echo ready; while :; do sleep 0.02; done")
    worker = crew.worker()
    crew.dispatcher()
    until(lambda: "job" in crew.running() and (crew.root / "output/job.out").exists() and crew.output("job"))
    crew.kill(worker, number)
    assert worker.returncode == 0
    assert crew.names("jobqueue") == {"job"}
    assert not crew.names("workerqueue") | crew.names("running") | crew.names("jobpod")
    assert "told" in crew.output("job")
    (ended,) = crew.journal("end")
    assert ended["outcome"] == "requeued"


def test_a_job_that_ignores_term_is_killed_with_its_children(crew: Crew) -> None:
    crew.submit("job", "trap '' TERM; sleep 60 & echo $! > child; echo $$ > leader; while :; do sleep 0.05; done")
    worker = crew.worker()
    crew.dispatcher()
    until(lambda: (crew.root / "leader").exists() and (crew.root / "leader").read_text())
    crew.kill(worker, signal.SIGTERM)
    assert worker.returncode == 0
    for file in ("leader", "child"):
        assert not alive(int((crew.root / file).read_text()))
    assert crew.names("jobqueue") == {"job"}


def order(crew: Crew, worker: str, name: str, data: str = "") -> None:
    layout = Layout(str(crew.root))
    (crew.root / "jobpod" / worker / f".order-{name}").write_text(data)
    wakeup.ring(layout.nudge(worker))


def test_fire_gives_the_job_back_and_drain_lets_it_finish(crew: Crew) -> None:
    crew.submit("job", WAITS)
    fired = crew.worker()
    crew.dispatcher("--keep-going")
    until(lambda: "job" in crew.running())
    drained = crew.worker()
    order(crew, crew.id_of(fired), "fire")
    assert fired.wait(20) == 0
    until(lambda: crew.running().get("job") == crew.id_of(drained))
    order(crew, crew.id_of(drained), "drain")
    (crew.root / "go").touch()
    assert drained.wait(20) == 0
    assert crew.names("done") == {"job"}
    assert not crew.names("workerqueue")


def test_kill_fails_the_job_and_the_worker_goes_on(crew: Crew) -> None:
    crew.submit("job", WAITS)
    worker = crew.worker()
    dispatcher = crew.dispatcher()
    until(lambda: "job" in crew.running())
    crew.submit("next", "/bin/true")
    order(crew, crew.id_of(worker), "kill-job")
    status, _, errors = crew.finish(dispatcher)
    assert status == 1
    assert "job failed: killed" in errors
    assert crew.names("done") == {"next"}
    assert worker.poll() is None


def test_an_interrupt_leaves_workers_and_jobs(crew: Crew) -> None:
    crew.submit("job", WAITS)
    worker = crew.worker()
    dispatcher = crew.dispatcher()
    until(lambda: "job" in crew.running())
    dispatcher.send_signal(signal.SIGINT)
    status, _, errors = crew.finish(dispatcher)
    assert status == 130
    assert "left as they are" in errors
    assert worker.poll() is None
    (crew.root / "go").touch()
    until(lambda: "job" in crew.names("done"))


def test_a_worker_leaves_when_its_spool_is_gone(crew: Crew) -> None:
    crew.submit("job", "sleep 60; :")
    busy, idle = crew.workers(2)
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: crew.running())
    os.rename(crew.root, crew.root.with_name("elsewhere"))
    shutil.rmtree(crew.root.with_name("elsewhere"), ignore_errors=True)
    for process in (busy, idle):
        process.wait(20)
    status, _, errors = crew.finish(dispatcher)
    assert status == 1
    assert "Traceback" not in errors
    os.mkdir(crew.root)


def test_a_removed_announcement_comes_back(crew: Crew) -> None:
    worker = crew.worker()
    identity = crew.id_of(worker)
    os.remove(crew.root / f"workerqueue/{identity}.worker")
    assert until(lambda: crew.id_of(worker)) == identity


def test_a_result_that_comes_after_the_second_run_is_discarded(crew: Crew) -> None:
    """The very same file stands in done/ when the zombie wants to put it there, and still it was not its own rename."""
    crew.submit("job", WAITS)
    worker = crew.worker()
    identity = crew.id_of(worker)
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: crew.running() and crew.journal("start"))
    (started,) = crew.journal("start")
    crew.kill(dispatcher)
    worker.send_signal(signal.SIGSTOP)
    shutil.rmtree(crew.root / "jobpod" / identity)
    os.rename(crew.root / f"running/{identity}/job", crew.root / "done/job")
    os.rmdir(crew.root / f"running/{identity}")
    os.remove(crew.root / f"workerqueue/{identity}.worker")
    (crew.root / "go").touch()
    until(lambda: not alive(started["pid"]))
    worker.send_signal(signal.SIGCONT)
    until(lambda: crew.journal("end"))
    assert [line["outcome"] for line in crew.journal("end")] == ["superseded"]


def test_a_worker_that_was_declared_lost_comes_back_as_another(crew: Crew) -> None:
    """Frozen, buried and thawed: its result is discarded, and it works on under a new id."""
    crew.submit("job", "sleep 60; :")
    worker = crew.worker()
    identity = crew.id_of(worker)
    crew.dispatcher("--keep-going")
    until(lambda: crew.running())
    worker.send_signal(signal.SIGSTOP)
    # What an observer on another host does after the lease.
    os.rename(crew.root / f"running/{identity}/job", crew.root / ".fjd/job")
    for directory in ("jobpod", "running"):
        shutil.rmtree(crew.root / directory / identity)
    os.remove(crew.root / f"workerqueue/{identity}.worker")
    worker.send_signal(signal.SIGCONT)
    until(lambda: crew.id_of(worker) not in ("", identity))
    assert [line["outcome"] for line in crew.journal("end")] == ["superseded"]
    assert not crew.names("done") | crew.names("failed")
    crew.submit("next", "/bin/true")
    until(lambda: "next" in crew.names("done"))
