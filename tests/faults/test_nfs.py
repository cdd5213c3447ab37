"""Two hosts with kernels of their own on real NFS: hundreds of jobs, and whatever can happen to either of them."""

import json
import re
import shlex
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.crew import BIN, job_text, until
from tests.faults import disks, tiny
from tests.faults.machines import HOME, KERNEL, Machine, NoMachines, nfs_machines

pytestmark = [needs.root(), needs.program(KERNEL), pytest.mark.timeout(600), pytest.mark.xdist_group("nfs")]

SPOOL = f"{HOME}/spool"
TIMINGS = "lease_s=8 grace_s=2 settle_s=1 look_s=0.5 reconcile_s=1 heartbeat_s=1 answer_s=30"
WAITS = "until test -e go; do sleep 0.1; done; :"
_S = 60.0
"""These machines are slow when this one is busy."""

LOSES_ANSWERS = """
import errno, os
from fjd.spool import syscalls
from fjd.cli import worker
passed = 0
def lose(when, what, path):
    global passed
    if (when, what) == ("after", "rename"):
        passed += 1
        if passed % 3 == 0:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
syscalls.probe = lose
worker.main()
"""
"""A worker that is told of every third of its renames that there was nothing to move, though it was moved."""


@dataclass(frozen=True)
class Host:
    """One of the two, and what is done there."""

    machine: Machine
    folder: Path
    timings: str = TIMINGS

    def sh(self, script: str) -> str:
        return self.machine.sh(f"cd {SPOOL} || exit; {script}")

    def start(self, command: str, *words: str) -> int:
        """Start one of fjd's commands there, and return its pid."""
        return self._start([str(BIN / command), *words], command)

    def _start(self, words: list[str], log: str) -> int:
        environment = {"FJD_DIR": SPOOL, "FJD_TIMINGS": self.timings, "PYTHONPATH": str(Path(__file__).parents[2])}
        return self.machine.start(words, self.log(log), SPOOL, environment)

    def log(self, command: str) -> Path:
        return self.folder / f"{self.machine.name}.{command}"

    def said(self, command: str) -> str:
        """Return what the command has said; asked there, since only that kernel knows it at once."""
        return self.sh(f"cat {shlex.quote(str(self.log(command)))}")

    def worker(self, *, loses_answers: bool = False) -> int:
        """Start a worker and wait until it has announced itself."""
        if loses_answers:
            pid = self._start([str(BIN / "python"), "-c", LOSES_ANSWERS], "fjd-worker")
        else:
            pid = self.start("fjd-worker")
        until(lambda: any(f"-{pid}-" in name for name in self.names("workerqueue")), _S)
        return pid

    def names(self, directory: str) -> set[str]:
        return set(self.sh(f"test ! -d {directory} || ls {directory}").split("\n")) - {""}

    def submit(self, names: list[str], executable: str) -> None:
        """Put jobs into the queue, each moved there whole; with few processes, which are slow to make there."""
        text = shlex.quote(job_text(executable))
        self.sh(f"mkdir .new; for name in {shlex.join(names)}; do printf %s {text} >.new/$name; done")
        self.sh("mv .new/* jobqueue/; rmdir .new")

    def command(self, words: str) -> str:
        """Run one of fjd's commands there, which reaches the other host by ssh, and return all that it said."""
        config = f"ssh -F {self.machine.net.folder}/ssh_config -o ControlMaster=no -o ControlPath=none"
        told = f"FJD_SSH={shlex.quote(config)} FJD_DIR={SPOOL} FJD_TIMINGS={shlex.quote(self.timings)}"
        return self.sh(f"{told} {BIN}/{words} </dev/null 2>&1 || :")

    def kill(self, pid: int, number: str = "KILL") -> None:
        self.sh(f"kill -{number} {pid}")

    def lives(self, pid: int) -> bool:
        return bool(self.sh(f"grep -s State /proc/{pid}/status | grep -v Z || :"))

    def running(self) -> dict[str, str]:
        """Return which worker runs each running job."""
        pairs = [path.split("/")[1:] for path in self.sh("ls -d running/*/* 2>/dev/null || :").split("\n") if path]
        return {job: worker for worker, job in pairs}

    def journal(self, event: str) -> list[dict[str, Any]]:
        lines = self.sh("touch journal; cat journal/*.jsonl 2>/dev/null || :").splitlines()
        return [record for line in lines if (record := json.loads(line))["event"] == event]


@dataclass(frozen=True)
class Pair:
    """``here`` is where a person sits, and the dispatcher."""

    here: Host
    there: Host

    def check(self, jobs: set[str]) -> None:
        """Every job is done, once by the books, and nothing is left on the way."""
        assert self.here.names("done") == jobs
        for directory in ("jobqueue", "failed"):
            assert self.here.names(directory) == set()
        assert self.here.running() == {}
        ends = [line for line in self.here.journal("end") if line["outcome"] == "done"]
        told = Counter(line["job"] for line in (*ends, *self.here.journal("found")))
        twice = {job for job, count in told.items() if count != 1}
        events = ("start", "end", "lost", "requeued", "found")
        assert not twice, [line for event in events for line in self.here.journal(event) if line.get("job") in twice]
        assert set(told) == jobs


@pytest.fixture(params=["4.2", "3"])
def hosts(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    try:
        with nfs_machines(request.param) as (here, there):
            here.sh(f"mkdir -m 700 {SPOOL} {SPOOL}/jobqueue")
            until(lambda: "jobqueue" in there.sh(f"ls {SPOOL} 2>/dev/null || :"), _S)
            yield Pair(Host(here, tmp_path), Host(there, tmp_path))
    except NoMachines as error:
        pytest.skip(f"no machine with a kernel of its own comes up here: {error}")


def named(stem: str, count: int) -> list[str]:
    return [f"{stem}{number}" for number in range(count)]


def test_a_day_on_real_nfs(hosts: Pair) -> None:
    """A crew on both hosts: many jobs, one that is written slowly, a pause, a name that is taken, and all go home.

    It passes by ``Waiting.drop_bell`` (else no worker can leave: NFS renames a removed file that is open, and the pod
    is never empty) and ``Actor._may_tell_itself`` (else ends are told twice, where journals are seen late).
    """
    here, there = hosts.here, hosts.there
    workers = [here.worker(), there.worker(), there.worker()]
    dispatcher = here.start("dispatcher.py", "--keep-going")
    many = named("job", 150)
    there.submit(many, "echo $FJD_WORKER; :")
    slow = "exec 3>jobqueue/slow; printf '[control]\\nexecutable: cat\\n[params]\\n' >&3"
    there.sh(f"({slow}; for n in 1 2 3 4 5 6; do sleep 0.6; echo line$n: $n >&3; done) </dev/null >/dev/null 2>&1 &")
    until(lambda: here.names("done") == {*many, "slow"}, 2 * _S)
    assert "line6: 6" in here.sh("cat output/slow.out")
    assert {line.split("-")[0] for line in here.sh("cat output/job*.out").split()} == {"node1", "node2"}

    there.sh("touch .fjd/paused")  # as control.pause does
    asked = job_that_stays(hosts, within_s=2 * _S)
    there.sh("rm .fjd/paused")
    until(lambda: here.names("done") == {*many, "slow", *asked}, _S)

    there.submit(named("long", 3), WAITS)
    until(lambda: len(here.running()) == 3, _S)
    there.submit(["long0"], "echo another; :")  # its name is taken: it waits in the queue until the other has ended
    until(lambda: here.names("jobqueue") == {"long0"}, _S)
    answer = here.sh(f"FJD_DIR={SPOOL} FJD_TIMINGS='{TIMINGS}' {BIN}/recruiter.py fire </dev/null 2>&1")
    assert "Fired 1 worker on localhost." in answer
    assert "Fired 2 workers on node2." in answer
    until(lambda: not any(host.lives(pid) for host, pid in zip((here, there, there), workers, strict=True)), _S)
    assert here.names("jobqueue") == {"long0", "long0-2", "long1", "long2"}
    assert here.names("jobpod") == here.names("running") == here.names("workerqueue") == set()
    here.sh("touch go")
    there.worker()
    jobs = {*many, "slow", *asked, "long0", "long0-2", "long1", "long2"}
    until(lambda: here.names("done") == jobs, _S)
    assert here.sh("cat output/long0*.out") == "another\n"
    here.kill(dispatcher, "INT")
    until(lambda: not here.lives(dispatcher), _S)
    hosts.check(jobs)
    assert "Traceback" not in here.said("dispatcher.py") + there.said("fjd-worker")


def job_that_stays(hosts: Pair, within_s: float) -> list[str]:
    """Drop jobs, each when the last is taken, until one is left for a while; return them all."""
    began_s = time.monotonic()
    names: list[str] = []
    while True:
        names.append(f"asked{len(names)}")
        hosts.there.submit(names[-1:], "/bin/true")
        if disks.settled(lambda: names[-1] in hosts.here.names("jobqueue"), 4):
            return names
        assert time.monotonic() - began_s < within_s, "the dispatcher does not see that it is paused"


def test_deaths_on_real_nfs(hosts: Pair) -> None:
    """A worker that is told of renames that they failed, one killed, the dispatcher killed, the power of a host cut.

    It passes by `fsio.stands_at`, which asks the server, `Lease._is_left_behind`, and the leases of workers.
    """
    here, there = hosts.here, hosts.there
    here.worker()
    there.worker(loses_answers=True)
    dispatcher = here.start("dispatcher.py", "--keep-going")
    first = named("first", 40)
    there.submit(first, "echo $FJD_WORKER; :")
    until(lambda: here.names("done") == set(first), 2 * _S)
    assert any(text.startswith("node2-") for text in here.sh("cat output/first*.out").split())
    assert not [line for line in here.journal("end") if line["outcome"] == "superseded"]

    there.submit(["rerun"], f'test "$FJD_ATTEMPT" = 2 || {WAITS}')
    worker = until(lambda: here.running().get("rerun", ""), _S)
    host = here if worker.startswith("node1-") else there
    host.kill(int(worker.split("-")[1]))
    until(lambda: here.running().get("rerun", worker) != worker or "rerun" in here.names("done"), _S)
    until(lambda: "rerun" in here.names("done"), _S)
    host.worker()

    here.kill(dispatcher)
    second = named("second", 20)
    there.submit(second, "echo $FJD_WORKER; :")
    dispatcher = there.start("dispatcher.py", "--keep-going")
    until(lambda: len(here.names("done") & set(second)) > 5, 2 * _S)
    assert "takes over" in there.said("dispatcher.py")
    there.kill(dispatcher, "INT")
    until(lambda: not there.lives(dispatcher), _S)

    here.start("dispatcher.py", "--keep-going")
    third = named("third", 20)
    here.submit(third, "case $FJD_WORKER in node2-*) sleep 600;; esac; :")
    until(lambda: any(worker.startswith("node2-") for worker in here.running().values()), _S)
    there.machine.cut_the_power()
    until(lambda: here.names("done") == {*first, "rerun", *second, *third}, 2 * _S)
    hosts.check({*first, "rerun", *second, *third})
    until(lambda: not any(name.startswith("node2-") for name in here.names("workerqueue")), _S)


def test_a_thousand_jobs_while_a_machine_dies(hosts: Pair, tmp_path: Path) -> None:
    """The power of one client is cut in the middle of them: none is lost, and each is recorded once."""
    here, there = hosts.here, hosts.there
    for host in (here, there, here, there):
        host.worker()
    dispatcher = here.start("dispatcher.py", "--keep-going")
    jobs = named("job", 1000)
    here.submit(jobs, tiny.make(tmp_path / "nothing"))
    until(lambda: len(here.names("done")) > 500, 3 * _S)
    assert here.sh("ls journal/node2-*")
    there.machine.cut_the_power()
    until(lambda: here.names("done") == set(jobs), 3 * _S)
    until(lambda: not any(name.startswith("node2-") for name in here.names("workerqueue")), _S)
    here.kill(dispatcher, "INT")
    until(lambda: not here.lives(dispatcher), _S)
    hosts.check(set(jobs))


def test_the_doctor_says_what_filesystem_it_is_and_lets_two_kernels_race(hosts: Pair) -> None:
    """And a crew that is hired over ssh on a kernel whose clock is an hour off does its jobs once."""
    here, there = hosts.here, hosts.there
    kind = here.sh(f"stat -f -c %T {SPOOL}").strip()
    assert kind == "nfs"
    here.command("dispatcher.py --once")  # makes it a spool
    lines = [json.loads(line) for line in here.command("fjd doctor --json --host node2").splitlines()]
    found = {line["name"]: line for line in lines}
    assert [line for line in lines if line["verdict"] == "wrong" and not line["name"].startswith("program")] == []
    assert re.match("nfs4?, a network filesystem: ", found["filesystem"]["text"])
    assert re.match(r"node2 sees this spool \(nfs4?\)", found["host"]["text"])
    for name in ("race-rename", "race-mkdir"):
        assert "had one winner each" in found[name]["text"], found[name]
    assert {"see-listing", "see-beat", "see-text"} <= found.keys()
    assert here.sh("ls -A .fjd/tmp") == ""

    there.sh("date -s '1 hour ago'")
    said = here.command("recruiter.py hire --host node2:2")
    assert "Hired 2 workers on node2." in said
    assert re.search(r"node2: its clock is behind by 3[56]\d\d s; fjd does not mind", said)
    dispatcher = here.start("dispatcher.py", "--keep-going")
    jobs = named("job", 20)
    here.submit(jobs, "echo $FJD_WORKER; :")
    until(lambda: here.names("done") == set(jobs), 2 * _S)
    ended = [line["t"] for line in here.journal("end")]
    assert max(ended) < float(here.sh("date +%s")) - 3000, "the clock there was not off"
    assert len(here.journal("start")) == len(jobs)
    assert here.journal("lost") == []
    assert "Fired 2 workers on node2." in here.command("recruiter.py fire")
    here.kill(dispatcher, "INT")
    until(lambda: not here.lives(dispatcher), _S)
    hosts.check(set(jobs))


@pytest.mark.parametrize("hosts", ["4.2"], indirect=True)
def test_a_cable_that_is_cut_for_longer_than_the_lease_and_put_back(hosts: Pair) -> None:
    """What ended there meanwhile has been done here: the result is discarded, and the worker comes back as another."""
    here, there = hosts.here, hosts.there
    zombie = there.worker()
    dispatcher = here.start("dispatcher.py", "--keep-going")
    here.submit(["job"], "case $FJD_WORKER in node2-*) sleep 5;; esac; echo $FJD_WORKER; :")
    until(lambda: here.journal("start"), _S)
    here.worker()
    there.machine.plug("out")
    until(lambda: "job" in here.names("done"), _S)
    there.machine.plug("in")
    until(lambda: any(line["outcome"] == "superseded" for line in here.journal("end")), 2 * _S)
    until(lambda: {name.split("-")[1] for name in here.names("workerqueue") if "node2" in name} == {str(zombie)}, _S)
    assert "is lost: no sign of life" in here.said("dispatcher.py")
    assert "its result is discarded" in there.said("fjd-worker")
    assert here.sh("cat output/job.out").startswith("node1-")
    here.kill(dispatcher, "INT")
    until(lambda: not here.lives(dispatcher), _S)
    hosts.check({"job"})
