"""How long it takes until one can work: a worker, a crew, the screen. And what they cost while nothing happens."""

import contextlib
import os
import pty
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench import spools
from tests.bench.figures import Better, Figure
from tests.bench.processes import cpu_s, recruiter_s, resident_mb
from tests.crew import BIN, Crew, until

_REST_S = 20.0
_CREW = 64
_PAINTED = b"waiting"
"""Stands in the header of the screen as soon as anything does."""


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Return the figures, each of so many rounds but what is measured at rest."""
    figures = [*_worker(rounds), _hiring(), *_screen(rounds)]
    say("\n".join(f"{figure.name}: {figure.median:.3g} {figure.unit}" for figure in figures))
    return figures


def _worker(rounds: int) -> Iterator[Figure]:
    with spools.crew() as crew:
        starts = []
        for _ in range(rounds):
            worker = crew.worker()
            starts.append(1000 * cpu_s(worker.pid))
            crew.kill(worker, 15)
        yield Figure("fjd-worker, CPU until it is ready", tuple(starts), "ms", 80.0, Better.LESS)
        worker = crew.worker()
        crew.dispatcher("--keep-going")
        time.sleep(2.0)
        yield Figure("fjd-worker, memory", (resident_mb(worker.pid),), "MB", 25.0, Better.LESS)
        yield Figure("fjd-worker, waiting", (_at_rest(worker.pid),), "% of a core", 0.2, Better.LESS)


def _at_rest(pid: int) -> float:
    before_s = cpu_s(pid)
    time.sleep(_REST_S)
    return 100 * (cpu_s(pid) - before_s) / _REST_S


def _hiring() -> Figure:
    with spools.crew() as crew:
        took_s = recruiter_s(crew.environment, "hire", str(_CREW))
        assert len(crew.names("workerqueue")) == _CREW
        recruiter_s(crew.environment, "fire")
    return Figure(f"recruiter.py hire {_CREW}", (took_s,), "s", 5.0, Better.LESS)


# ---- the screen


def _screen(rounds: int) -> Iterator[Figure]:
    for jobs, target_s in ((0, 0.6), (100_000, 1.0)):
        with spools.crew() as crew:
            spools.fill(crew.root, jobs)
            paints = []
            for _ in range(rounds):
                with shown(crew) as (_, took_s):
                    paints.append(took_s)
            yield Figure(f"fjd-tui, first paint, {jobs:,} jobs", tuple(paints), "s", target_s, Better.LESS)
            with shown(crew) as (pid, _):
                yield Figure(f"fjd-tui, at rest, {jobs:,} jobs", (_settled(pid),), "% of a core", 2.0, Better.LESS)


def _settled(pid: int) -> float:
    """Let it read what there is, and then measure it."""
    while _used_in(pid, 2.0) > 0.2:
        pass
    return _at_rest(pid)


def _used_in(pid: int, seconds: float) -> float:
    before_s = cpu_s(pid)
    time.sleep(seconds)
    return cpu_s(pid) - before_s


@contextmanager
def shown(crew: Crew) -> Iterator[tuple[int, float]]:
    """Run the screen in a terminal of its own; yield its pid and the seconds until it had painted."""
    began_s = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        size = {"LINES": "36", "COLUMNS": "120", "TERM": "xterm-256color"}
        os.chdir(crew.root)
        os.execve(BIN / "fjd-tui", ["fjd-tui"], {**crew.environment, **size, "HOME": str(crew.root)})
    seen = Seen(terminal)
    try:
        until(lambda: _PAINTED in seen.data, timeout_s=60)
        yield pid, time.perf_counter() - began_s
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        seen.join()
        os.close(terminal)


class Seen(threading.Thread):
    """Reads what a program shows, as a terminal does at once."""

    def __init__(self, terminal: int) -> None:
        super().__init__()
        self._terminal = terminal
        self.data = b""
        self.start()

    def run(self) -> None:
        """Read until the program is gone."""
        with contextlib.suppress(OSError):
            while data := os.read(self._terminal, 1 << 16):
                self.data = (self.data + data)[-(1 << 20) :]
