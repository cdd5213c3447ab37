"""What a job costs in counted work, which does not vary as times do.

A bound that is broken is a cost that was added.
"""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd.spool import syscalls
from tests import needs
from tests.crew import Crew, until

JOBS = 200
WAITING = ("poll", "wait4", "read", "getdents64", "utimensat", "rt_sigreturn", "restart_syscall")


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    crew = Crew(root, "moment_s=60")  # else a slow machine has more to do for a job
    yield crew
    crew.close()


def traced(crew: Crew, pid: int, report: Path) -> "subprocess.Popen[bytes]":
    """Count the system calls of a process from now on, and not those of its children."""
    tracer = subprocess.Popen(["strace", "-c", "-o", str(report), "-p", str(pid)], stderr=subprocess.DEVNULL)
    until(lambda: int(_status(pid)["TracerPid"]))
    return tracer


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines)


def counts(report: Path) -> Counter[str]:
    """Read what strace counted."""
    rows = (line.split() for line in report.read_text().splitlines())
    return Counter({row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"})


def counted(crew: Crew, report: Path, name: str) -> Counter[str]:
    """Return the system calls of a worker that does `JOBS` jobs."""
    for number in range(JOBS):
        crew.submit(f"{name}{number}", "/bin/true")
    worker = crew.worker()
    tracer = traced(crew, worker.pid, report)
    assert crew.finish(crew.dispatcher())[0] == 0
    tracer.send_signal(signal.SIGINT)
    tracer.wait(20)
    crew.kill(worker, signal.SIGTERM)
    return counts(report)


@needs.program("strace")
def test_system_calls_of_a_worker_for_a_job(crew: Crew, tmp_path: Path) -> None:
    """Measured: 34, of which 13 are the start of the process (posix_spawn); and 6 for the wait for its end.

    On a busy machine it is woken more often and looks again, so that the least of three runs counts.
    """
    runs = [counted(crew, tmp_path / f"report{name}", name) for name in "abc"]
    calls = Counter({call: min(run[call] for run in runs) for call in set().union(*runs)})
    assert calls["rename"] <= 2 * JOBS + 5
    assert calls["unlink"] <= 2 * JOBS + 20
    assert calls["openat"] <= 2.5 * JOBS
    assert calls["write"] <= 3.2 * JOBS
    assert calls["clone3"] + calls["vfork"] + calls["clone"] <= JOBS + 5
    for waiting in WAITING:  # how often it wakes and looks again depends on the machine's other work
        del calls[waiting]
    assert calls.total() <= 37 * JOBS, calls


def test_changes_of_the_disk_by_a_dispatcher_for_a_job(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rename, and nothing else."""
    from fjd.dispatcher import Dispatcher, Until
    from fjd.settings import Timings
    from fjd.spool import create

    for number in range(JOBS):
        crew.submit(f"job{number}", "/bin/true")
    crew.worker()
    made: Counter[str] = Counter()
    monkeypatch.setattr(syscalls, "probe", lambda when, what, _path: made.update([what] if when == "after" else []))
    Dispatcher(create.open_spool(str(crew.root)), Timings()).run(until=Until.EMPTY)
    assert JOBS <= made["rename"] <= JOBS + 20
    assert made.total() <= JOBS + 60
    assert len(os.listdir(crew.root / "done")) == JOBS
