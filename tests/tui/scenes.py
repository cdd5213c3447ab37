"""Snapshots of states that people will see: an empty spool, a run in progress, a million waiting, hostile names."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from fjd.progress import Progress
from fjd.snapshot import (
    Counts,
    Event,
    EventKind,
    JobState,
    JobView,
    Mode,
    Snapshot,
    WaitingJobs,
    WorkerState,
    WorkerView,
)
from fjd.usage import Use

if TYPE_CHECKING:
    from tests.tui.fake_engine import FakeBackend

HOSTILE = (
    "[red]x[/]",
    "a[/]b",
    "[@click=app.quit]x[/]",
    "\x1b]2;T\x07",
    "two\nlines",
    "\udcff\udcfe.conf",
    "\u202egnp.exe",
    "$(touch pwned)",
    "-rf",
    "名前" * 40,
    "[",
    "\x9b31mred",
)
"""Names that are legal on a disk."""


def now() -> float:
    """The time that snapshots are written at; the tests stop this clock."""
    return time.monotonic()


def job(name: str, state: JobState = JobState.WAITING, **more: object) -> JobView:
    return JobView(name, state, **({"command": "python ajob.py"} | more))  # type: ignore[arg-type]


def worker(name: str, running: str = "", **more: object) -> WorkerView:
    state = WorkerState.BUSY if running else WorkerState.IDLE
    host = name.rpartition("-")[0] or name
    fields = {"host": host, "state": state, "kind": "screen", "job": running, "since_s": now() - 3.2} | more
    return WorkerView(f"{name}-a1b2c3", **fields)  # type: ignore[arg-type]


def empty(spool: str = "/srv/exp") -> Snapshot:
    return Snapshot(version=1, spool=spool, mode=Mode.DISPATCHING)


def waiting_only(count: int) -> Snapshot:
    names = tuple(f"job{number}.conf" for number in range(count))
    return Snapshot(version=1, mode=Mode.DISPATCHING, counts=Counts(waiting=count), waiting=WaitingJobs(names))


def run_in_progress(spool: str = "/srv/ada/exp/brute") -> Snapshot:
    at_s = now()
    crew = (
        worker("nova-1", "job6122.conf", since_s=at_s - 2),
        worker("nova-2", "job6124.conf", since_s=at_s - 11),
        worker("nova-3", "job6121.conf", since_s=at_s - 12.4),
        worker("nova-4", since_s=at_s - 3),
        worker("nova-5", "job6120.conf", since_s=at_s - 95, state=WorkerState.DRAINING),
        worker("hpc-17", "job6099.conf", since_s=at_s - 280, state=WorkerState.LOST, local=False),
    )
    running = [job(one.job, JobState.RUNNING, worker=one.id, since_s=one.since_s) for one in crew if one.job]
    active = (*running, job("job6126.conf", JobState.HANDED, worker=crew[0].id, since_s=at_s - 1))
    failed = (
        job("job5803.conf", JobState.FAILED, worker=crew[1].id, seconds=1.2, reason="exit 1"),
        job("job5512.conf", JobState.FAILED, worker=crew[2].id, seconds=61, reason="killed by signal 9", attempt=2),
        job(
            "notes.txt", JobState.FAILED, command="", reason="there is no [control] section; put a line [control] above"
        ),
    )
    done = tuple(
        job(f"job{n}.conf", JobState.DONE, worker=crew[n % 4].id, seconds=2 + n % 7) for n in range(6119, 6019, -1)
    )
    names = tuple(f"job{number}.conf" for number in range(6127, 9979))
    view = WaitingJobs(names, lambda name: job(name))
    history = tuple(float(20 + (n * 7) % 13 - (n * 3) % 5) for n in range(60))
    return Snapshot(
        version=1,
        spool=spool,
        mode=Mode.DISPATCHING,
        counts=Counts(len(names), 1, 5, 6120, 3),
        active=active,
        waiting=view,
        failed=failed,
        done=done,
        workers=crew,
        rate_per_s=24.1,
        rate_history=history,
        eta_s=160,
        events=(Event(1, 0.0, EventKind.FAILED, "job5803.conf failed: exit 1", "job5803.conf"),),
    )


def hostile() -> Snapshot:
    """Every foreign text of a snapshot is a hostile one, in every place."""
    at_s = now()
    crew = tuple(worker(name, name, session=name, cwd=name, log=name, since_s=at_s) for name in HOSTILE)
    running = tuple(
        job(name, JobState.RUNNING, worker=name, command=name, reason=name, since_s=at_s) for name in HOSTILE
    )
    failed = tuple(job(name, JobState.FAILED, worker=name, command=name, reason=name) for name in HOSTILE)
    done = tuple(job(name, JobState.DONE, worker=name, command=name, logfile=name) for name in HOSTILE)
    size = len(HOSTILE)
    return Snapshot(
        version=1,
        spool=f"/srv/{HOSTILE[0]}\x1b]2;T\x07",
        mode=Mode.WATCHING,
        holder=HOSTILE[3],
        trouble=HOSTILE[3],
        counts=Counts(size, 0, size, size, size),
        active=running,
        waiting=WaitingJobs(HOSTILE, lambda name: job(name, command=name, reason=name)),
        failed=failed,
        done=done,
        workers=crew,
        events=tuple(Event(n + 1, 0.0, EventKind.FAILED, name, name, name) for n, name in enumerate(HOSTILE)),
    )


def replaced(snapshot: Snapshot, **changes: object) -> Snapshot:
    """The same with changes."""
    return replace(snapshot, **changes)  # type: ignore[arg-type]


def furnish(backend: "FakeBackend") -> None:
    """Let the jobs of a run say and use something."""
    backend.said = {"job5803.conf": "ValueError: bad step", "job5512.conf": "Killed"}
    backend.reports = {"job6124.conf": Progress(0.4, "epoch 4"), "job6120.conf": Progress(0.85)}
    figures = ((0.98, 412), (1.02, 388), (0.55, 1300), (0.0, 0), (3.97, 9800))
    backend.uses = {
        one.id: Use(cpu, rss << 20) for one, (cpu, rss) in zip(run_in_progress().workers, figures, strict=False) if rss
    }
