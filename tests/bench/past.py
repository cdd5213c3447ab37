"""What a long past costs who opens the spool: how long until the first start and the first paint, a million jobs on."""

import itertools
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fjd.spool import journal
from fjd.spool.layout import Layout
from tests.bench import spools
from tests.bench.figures import Better, Figure
from tests.bench.startup import shown
from tests.crew import Crew, until

_WORKERS = 64
_TARGET_S = 2.0
_WRITTEN_DOWN = 100_000
"""Of fewer than these nothing is written down: the journals are read each time."""
_SECONDS = 0.9
"""How long each job of the past took."""


def measure(ended: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Open a spool in which ``ended`` jobs have ended: once as it is, and then with what was written down of them."""
    with spools.crew() as crew:
        _end(crew.root, ended)
        worker = crew.id_of(crew.worker())
        numbers = itertools.count()
        written = Layout(str(crew.root)).history_file if ended >= _WRITTEN_DOWN else ""
        first_s = _first_start(crew, worker, f"next{next(numbers)}", until_there=written)
        starts = [_first_start(crew, worker, f"next{next(numbers)}") for _ in range(rounds)]
        paints = []
        for _ in range(rounds):
            with shown(crew) as (_pid, took_s):
                paints.append(took_s)
    figures = [
        Figure(f"first start, {ended:,} done, for the first time", (first_s,), "s", None, Better.LESS),
        Figure(f"first start, {ended:,} done", tuple(starts), "s", _TARGET_S, Better.LESS),
        Figure(f"fjd-tui, first paint, {ended:,} done", tuple(paints), "s", _TARGET_S, Better.LESS),
    ]
    say("\n".join(f"{figure.name}: {figure.median:.3g} {figure.unit}" for figure in figures))
    return figures


def _first_start(crew: Crew, worker: str, job: str, *, until_there: str = "") -> float:
    """Return the seconds from the start of a dispatcher to that of a job which waits; let it run until a file comes."""
    crew.submit(job, "/bin/true")
    story = crew.root / "journal" / f"{worker}{journal.SUFFIX}"
    began_s = time.time()
    dispatcher = crew.dispatcher("--keep-going")
    until(lambda: story.exists() and f'"job":"{job}"' in story.read_text(), timeout_s=600)
    lines = [json.loads(line) for line in story.read_text().splitlines()]
    if until_there:
        until(lambda: os.path.exists(until_there), timeout_s=600)
    crew.kill(dispatcher, 15)
    started_s = [line["t"] for line in lines if line["event"] == "start" and line["job"] == job]
    return float(started_s[0]) - began_s


def _end(root: Path, jobs: int) -> None:
    """Make what workers leave that have done so many jobs and are gone: files in ``done/``, and lines in journals."""
    layout = Layout(str(root))
    began_s = time.time() - jobs * _SECONDS / _WORKERS - 60.0
    for number in range(_WORKERS):
        now_s = itertools.count(began_s, _SECONDS)
        lines = journal.Journal(layout, f"gone-{4711 + number}-abcdef", clock=partial(next, now_s))
        for job in range(number, jobs, _WORKERS):
            name = f"job{job:07d}"
            lines.note("start", job=name, attempt=1, pid=4711, started=1234567)
            lines.write(
                "end",
                job=name,
                attempt=1,
                outcome="done",
                reason="",
                exit=0,
                signal=None,
                seconds=_SECONDS,
                rss_kb=5120,
            )
            os.close(os.open(layout.done(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        lines.close()
