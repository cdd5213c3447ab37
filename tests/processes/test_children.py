"""What becomes of the processes that jobs start: how far a kill reaches, and what a job's own end leaves alone."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fjd import control, recruiter
from fjd.recruiter import How
from fjd.settings import Timings
from fjd.spool import create, wakeup
from fjd.spool.layout import Layout
from tests.crew import BIN, TIMINGS, Crew, job_text, lives, state_of, until

PYTHON = shlex.quote(sys.executable)
GRACE_S = 1.0
"""As in the crew's timings."""

BROOD = '''\
"""A job with every kind of offspring. Each one tells its pid in the file "brood"; --as KIND is one of them."""
import os, signal, subprocess, sys, time

def tell(kind):
    with open("brood", "a") as file:
        file.write(f"{os.getpid()} {kind}\\n")

def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False

def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

def daemon():
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(0, 3)

def bare():
    os.execve(sys.executable, [sys.executable, "brood.py", "--as", "bare"], {})

def bare_group():
    os.setpgid(0, 0)
    os.execve(sys.executable, [sys.executable, "brood.py", "--as", "bare_group"], {})

def stopped():
    tell("stopped")
    os.kill(os.getpid(), signal.SIGSTOP)

def spawner():
    """It makes another every few milliseconds, each in a session of its own."""
    while not os.path.exists("enough"):
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        time.sleep(0.003)

KINDS = {
    "child": [], "deaf": [deaf], "session": [os.setsid], "daemon": [daemon], "deaf_daemon": [deaf, daemon],
    "stopped": [stopped], "bare": [bare], "bare_group": [bare_group],
}

def stay(kind):
    if kind != "stopped":
        tell(kind)
    while True:
        time.sleep(1000)

if sys.argv[1] == "--as":
    stay(sys.argv[2])
if os.path.exists("brood"):  # a second run: is anything of the first one there?
    with open("brood") as file, open("survivors", "w") as survivors:
        survivors.writelines(line for line in file if lives(line.split()[0]))
    sys.exit(0)
if sys.argv[1] == "spawner":
    tell("spawner")
    spawner()
for kind, deeds in KINDS.items():
    if os.fork() == 0:
        for deed in deeds:
            deed()
        stay(kind)
deaf() if sys.argv[1] == "deaf" else None
stay("leader")
'''
OFFSPRING = {"child", "deaf", "session", "daemon", "deaf_daemon", "stopped", "bare", "bare_group", "leader"}


class Nursery:
    """A crew whose jobs are handed out by the test itself, so that no dispatcher is needed."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.root = crew.root
        self.layout = create.open_spool(str(crew.root))
        (self.root / "brood.py").write_text(BROOD)

    def give(self, worker: str, job: str, executable: str) -> None:
        hidden = self.root / ".fjd/tmp" / job
        hidden.write_text(job_text(executable))
        hidden.rename(self.layout.handed(worker, job))
        wakeup.ring(self.layout.nudge(worker))

    def brood(self) -> dict[str, int]:
        """Return the pids of those that have told theirs, by kind."""
        path = self.root / "brood"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return {kind: int(pid) for pid, kind in lines}

    def alive(self) -> set[str]:
        return {kind for kind, pid in self.brood().items() if lives(pid)}

    def wait_for_brood(self) -> None:
        until(lambda: self.brood().keys() == OFFSPRING and state_of(self.brood()["stopped"]) == "T")
        assert self.alive() == OFFSPRING

    def end(self) -> dict[str, object]:
        """Return the one line of a journal that tells how a job ended, when it has."""
        until(lambda: self.crew.journal("end"))
        (line,) = self.crew.journal("end")
        return line

    def number(self, file: str) -> int:
        """Return the number that a job writes into ``file``."""
        path = self.root / file
        return int(until(lambda: path.exists() and path.read_text().endswith("\n") and path.read_text()) or 0)


def marked(root: Path) -> list[int]:
    """Every living process whose environment names this spool."""
    mark = b"\0FJD_DIR=" + os.fsencode(root) + b"\0"
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if mark in b"\0" + Path(f"/proc/{name}/environ").read_bytes() and int(name) != os.getpid():
                found.append(int(name))
    return found


@pytest.fixture
def nursery(crew: Crew) -> Iterator[Nursery]:
    nursery = Nursery(crew)
    yield nursery
    (crew.root / "enough").touch()
    crew.close()
    left = {*marked(crew.root), *(pid for pid in nursery.brood().values() if lives(pid))}
    for pid in left:  # what a failed test has left, and what is let be on purpose
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


# ---- a job that is stopped


def killed(nursery: Nursery, worker: "subprocess.Popen[str]") -> None:
    control.kill(nursery.layout, nursery.crew.id_of(worker), "job")


def fired(nursery: Nursery, worker: "subprocess.Popen[str]") -> None:
    recruiter.fire(nursery.layout, how=How.NOW, wait=False)


def cancelled(nursery: Nursery, worker: "subprocess.Popen[str]") -> None:
    recruiter.fire(nursery.layout, how=How.CANCEL, wait=False)


def terminated(nursery: Nursery, worker: "subprocess.Popen[str]") -> None:
    worker.send_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("stop", "outcome", "place"),
    [
        (killed, "failed", "failed"),
        (fired, "requeued", "jobqueue"),
        (cancelled, "failed", "failed"),
        (terminated, "requeued", "jobqueue"),
    ],
)
def test_nothing_lives_of_a_job_that_was_stopped(
    nursery: Nursery, stop: Callable[[Nursery, "subprocess.Popen[str]"], None], outcome: str, place: str
) -> None:
    """In its group, in groups and sessions of its own, deaf, stopped, without an environment: by `leftovers.end`."""
    worker = nursery.crew.worker()
    nursery.give(nursery.crew.id_of(worker), "job", f"{PYTHON} brood.py deaf")
    nursery.wait_for_brood()

    stop(nursery, worker)

    assert nursery.end()["outcome"] == outcome
    assert nursery.alive() == set()
    assert nursery.crew.names(place) == {"job"}
    if stop is not killed:
        assert worker.wait(20) == 0


def test_what_left_the_group_is_asked_first_and_has_the_same_grace(nursery: Nursery) -> None:
    """The group ends at once; the daemon takes a while to put its things in order."""
    worker = nursery.crew.worker()
    daemon = "trap 'sleep 0.4; echo tidy > told; exit' TERM; echo $$ > daemon; while :; do sleep 0.02; done"
    nursery.give(nursery.crew.id_of(worker), "job", f"setsid sh -c {shlex.quote(daemon)} & wait; :")
    nursery.number("daemon")

    control.kill(nursery.layout, nursery.crew.id_of(worker), "job")

    assert nursery.end()["reason"] == "killed"
    assert (nursery.root / "told").read_text() == "tidy\n"
    assert not lives(nursery.number("daemon"))


def test_the_group_hears_term_once(nursery: Nursery) -> None:
    """Many programs take a second TERM for "at once"; what looks for strays passes the group by."""
    worker = nursery.crew.worker()
    (nursery.root / "counts.py").write_text(
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('told', flush=True))\n"
        "open('pid', 'w').write(f'{os.getpid()}\\n')\n"
        "until = time.monotonic() + 0.6\n"
        "while time.monotonic() < until: time.sleep(0.01)\n"
    )
    nursery.give(nursery.crew.id_of(worker), "job", f"{PYTHON} counts.py")
    nursery.number("pid")

    control.kill(nursery.layout, nursery.crew.id_of(worker), "job")

    nursery.end()
    assert nursery.crew.output("job").count("told") == 1


def test_firing_takes_the_grace_and_no_second_one(nursery: Nursery) -> None:
    """Everything of the job is deaf, in its group and out of it; and yet the worker itself records and leaves."""
    grace_s = 5.0  # so that a busy machine is told from a second one
    worker = nursery.crew.worker(environment={"FJD_TIMINGS": f"grace_s={grace_s} answer_s=30"})
    nursery.give(nursery.crew.id_of(worker), "job", f"{PYTHON} brood.py deaf")
    nursery.wait_for_brood()
    began_s = time.monotonic()

    report = recruiter.fire(nursery.layout, timings=Timings(grace_s=grace_s, answer_s=30))

    took_s = time.monotonic() - began_s
    assert (len(report.fired), report.failures, report.requeued) == (1, (), ())
    assert nursery.end()["outcome"] == "requeued"
    assert grace_s <= took_s < 2 * grace_s
    assert worker.wait(10) == 0


def test_who_was_stopped_hears_that_it_is_to_end(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(
        nursery.crew.id_of(worker), "job", "trap 'echo told; exit' TERM; echo $$ > pid; kill -STOP $$; sleep 60"
    )
    pid = nursery.number("pid")
    until(lambda: state_of(pid) == "T")

    control.kill(nursery.layout, nursery.crew.id_of(worker), "job")

    nursery.end()
    assert nursery.crew.output("job") == "told\n"


def test_a_job_in_a_session_of_its_own_is_killed(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(nursery.crew.id_of(worker), "job", "setsid -w sh -c 'echo $$ > pid; sleep 1000; :'; :")
    pid = nursery.number("pid")
    assert os.getsid(pid) == pid

    control.kill(nursery.layout, nursery.crew.id_of(worker), "job")

    assert nursery.end()["outcome"] == "failed"
    assert not lives(pid)


# ---- a job that ends by itself


def test_what_a_job_leaves_behind_when_it_ends_is_let_be(nursery: Nursery) -> None:
    """As by a shell, and by GNU parallel: also when its worker runs another, is killed, and is buried."""
    crew = nursery.crew
    worker = crew.worker()
    nursery.give(crew.id_of(worker), "first", "sleep 1000 & echo $! > background; echo early; :")
    until(lambda: crew.names("done") == {"first"})
    background = nursery.number("background")
    nursery.give(crew.id_of(worker), "second", "setsid sleep 1000 & echo $! > stray; exec sleep 1000;")
    stray = nursery.number("stray")

    crew.kill(worker)
    assert crew.finish(crew.start("recruiter.py", "fire"))[0] == 0

    assert crew.names("jobqueue") == {"second"}
    assert lives(background)
    assert not lives(stray)


def test_what_it_leaves_behind_goes_on_writing_to_its_output(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(
        nursery.crew.id_of(worker), "job", "(until test -e go; do sleep 0.02; done; echo late) & echo early; :"
    )
    nursery.end()
    (nursery.root / "go").touch()
    until(lambda: nursery.crew.output("job") == "early\nlate\n")


def test_a_job_that_closes_its_streams_ends_as_it_should(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(nursery.crew.id_of(worker), "job", "exec <&- >&- 2>&-; exit 7")
    end = nursery.end()
    assert (end["outcome"], end["exit"]) == ("failed", 7)
    until(lambda: nursery.crew.names("output") == set())


def test_a_worker_does_not_grow_with_what_its_job_prints(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(nursery.crew.id_of(worker), "little", "echo; :")
    until(lambda: nursery.crew.names("done") == {"little"})
    before = peak_kb(worker.pid)
    size = 200 << 20

    nursery.give(nursery.crew.id_of(worker), "much", f"head -c {size} /dev/zero; :")

    until(lambda: "much" in nursery.crew.names("done"))
    output = nursery.root / "output/much.out"
    assert output.stat().st_size == size
    assert peak_kb(worker.pid) < 1.2 * before
    output.unlink()


def peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


# ---- a worker that is killed


def test_a_start_is_told_with_the_process_and_its_start_time(nursery: Nursery) -> None:
    worker = nursery.crew.worker()
    nursery.give(nursery.crew.id_of(worker), "job", "exec sleep 1000;")
    (line,) = until(lambda: nursery.crew.journal("start"))
    fields = Path(f"/proc/{line['pid']}/stat").read_text().rpartition(")")[2].split()
    assert line["started"] == int(fields[19])


@pytest.mark.parametrize("how", ["leader", "spawner"])
def test_nothing_of_the_first_run_lives_when_the_second_begins(nursery: Nursery, how: str) -> None:
    """The dispatcher ends all of it before it gives the job back; also what is made while it looks."""
    crew = nursery.crew
    crew.submit("job", f"{PYTHON} brood.py {how}")
    first = crew.worker()
    crew.dispatcher("--keep-going")
    if how == "leader":
        nursery.wait_for_brood()
    else:
        until(lambda: len(marked(crew.root)) > 10)
    crew.worker()

    crew.kill(first)

    until(lambda: "job" in crew.names("done"))
    assert (nursery.root / "survivors").read_text() == ""
    if how == "spawner":
        assert len(marked(crew.root)) == 2, "the dispatcher and the second worker"


def test_whoever_fires_a_killed_worker_ends_its_job_first(nursery: Nursery) -> None:
    crew = nursery.crew
    worker = crew.worker()
    nursery.give(crew.id_of(worker), "job", f"{PYTHON} brood.py leader")
    nursery.wait_for_brood()

    crew.kill(worker)
    status, _, talk = crew.finish(crew.start("recruiter.py", "fire"))

    assert (status, talk) == (0, "[FJD] job went back to the queue.\n")
    assert nursery.alive() == set()


# ---- jobs that use fjd


@pytest.fixture
def inner(nursery: Nursery, tmp_path: Path) -> Iterator[Layout]:
    """Another spool, for the use of jobs, without screen: a session of it would outlive the test."""
    root = tmp_path / "inner"
    root.mkdir(mode=0o700)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "screen").write_text("#!/bin/sh\nexit 1\n")
    (programs / "screen").chmod(0o755)
    nursery.crew.environment["PATH"] = f"{programs}:{BIN}:{nursery.crew.environment['PATH']}"
    layout = create.open_spool(str(root))
    yield layout
    recruiter.fire(layout, timings=Timings(grace_s=GRACE_S))


@pytest.mark.parametrize("end", ["killed", "worker killed"])
def test_workers_that_a_job_hired_are_not_part_of_it(nursery: Nursery, inner: Layout, end: str) -> None:
    crew = nursery.crew
    worker = crew.worker()
    script = f"recruiter.py hire 1 --dir {inner.root}; echo $$ > hired; exec sleep 1000;"
    nursery.give(crew.id_of(worker), "job", script)
    job = nursery.number("hired")
    (hired,) = recruiter.members(inner)

    if end == "killed":
        control.kill(nursery.layout, crew.id_of(worker), "job")
        nursery.end()
    else:
        crew.kill(worker)
        assert crew.finish(crew.start("recruiter.py", "fire"))[0] == 0

    assert not lives(job)
    assert hired.announcement.process_lives()
    (inner_job,) = [Path(inner.handed(hired.id, "inner job"))]
    Path(inner.tmp, "x").write_text(job_text("true"))
    os.rename(f"{inner.tmp}/x", inner_job)
    wakeup.ring(inner.nudge(hired.id))
    until(lambda: os.path.exists(inner.done("inner job")))


def test_a_job_may_dispatch_another_spool(nursery: Nursery, inner: Layout) -> None:
    crew = nursery.crew
    worker = crew.worker()
    for number in range(3):
        Path(inner.queued(f"inner{number}")).write_text(job_text("true"))
    nursery.give(crew.id_of(worker), "job", f"dispatcher.py --once --hire 2 --dir {inner.root}; :")

    assert nursery.end()["outcome"] == "done"
    assert len(os.listdir(inner.done_dir)) == 3
    assert "Fired 2 workers" in crew.output("job")


def test_the_timings_are_those_of_the_crew() -> None:
    assert f"grace_s={GRACE_S:g} " in TIMINGS
