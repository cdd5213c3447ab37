"""Hiring with points: each session is started between two, and whoever lives in one is found by the spool's path."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from fjd import recruiter
from fjd.hiring import processes
from fjd.hiring.processes import Process
from fjd.settings import Timings
from fjd.spool import announce, fsio, syscalls
from fjd.spool.layout import Layout

Spawn = Callable[..., Process]


def hire(layout: Layout, count: int, timings: Timings) -> None:
    """Be a recruiter; says what came of it. To be called in a process of its own, since it changes the module."""
    os.chdir(layout.root)
    processes.spawn = _with_points(processes.spawn)
    report = recruiter.hire(layout, count, timings=timings)
    print(report)
    if report.failures:
        raise SystemExit(1)


def _with_points(spawn: Spawn) -> Spawn:
    """A session is no change of the disk, and so no point by itself."""

    def spawn_between_points(command: Sequence[str], *, log: str, **options: Any) -> Process:
        _pass("before", log)
        process = spawn(command, log=log, **options)
        _pass("after", log)
        return process

    return spawn_between_points


def _pass(when: str, log: str) -> None:
    if syscalls.probe is not None:
        with fsio.trouble("start a session with", log):
            syscalls.probe(when, "spawn", log)


def of_spool(spool: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Yield each process of a hired worker, its session's included, with the id that the worker was given."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if str(spool) in words and "--id" in words:
            yield process, words[words.index("--id") + 1]


def unannounced(layout: Layout) -> set[str]:
    """Return the ids of those who have a process and have not announced themselves."""
    started = {worker for _, worker in of_spool(Path(layout.root))}
    return started - {announce.worker_of(name) for name in os.listdir(layout.workerqueue)}


def end_all(spool: Path) -> None:
    """Whatever a test has found, nothing of it stays."""
    for process, _ in of_spool(spool):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
