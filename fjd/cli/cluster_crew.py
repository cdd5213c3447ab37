"""What ``recruiter.py hire --on SCHEDULER`` takes, does and says."""

import os
import time
from collections.abc import Callable
from typing import Any

import click

from fjd import display, quantity, settings
from fjd.cli import crew, say
from fjd.cli.remote_crew import Wish
from fjd.cli.say import Status
from fjd.errors import HireError, UsageError
from fjd.hiring import cluster
from fjd.hiring.cluster import Cluster
from fjd.quantity import counted
from fjd.recruiter import scheduled
from fjd.recruiter.scheduled import Pending
from fjd.spool.layout import Layout

_DEFAULT_TIME = "1h"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a scheduler is asked."""
    untried = ", ".join(kind for kind in cluster.KINDS if kind not in cluster.TRIED)
    for option in (
        click.option(
            "--option", "extra", metavar="TEXT", multiple=True, help="Of the scheduler's own: --constraint=ib"
        ),
        click.option("--memory", metavar="SIZE", default="", help="For each of its jobs: 4G."),
        click.option("--cpus", type=click.IntRange(min=1), metavar="N", help="For each of its jobs."),
        click.option("--account", default="", metavar="NAME", help="Who is charged."),
        click.option("--queue", "--partition", "queue", default="", metavar="NAME", help="Its queue, or partition."),
        click.option("--time", default=_DEFAULT_TIME, metavar="TIME", help="How long its jobs last: 4h. [default: 1h]"),
        click.option("--per-job", type=click.IntRange(min=1), metavar="K", help="So many workers in each of its jobs."),
        click.option(
            "--on",
            "kind",
            metavar="SCHEDULER",
            help=f"In jobs of a cluster: {', '.join(cluster.TRIED)}; and {untried}, which nobody has tried yet.",
        ),
    ):
        command = option(command)
    return command


def hire(
    layout: Layout, count: int | None, wanted: Wish, *, kind: str, per_job: int | None, time: str, **wishes: Any
) -> Status:
    """Ask the scheduler ``kind`` for workers, and say what came of it."""
    if count is None:
        raise UsageError(f"say how many workers {kind} is to be asked for: recruiter.py hire 16 --on {kind}")
    asked = Cluster(kind, layout.clusters)
    if why_not := asked.available():
        raise HireError(why_not)
    wish = cluster.parse_wish(time, gpus=_gpus(wanted.gpus), **_wishes(**wishes))
    report = scheduled.hire(
        layout,
        kind,
        count,
        wish,
        cwd=os.getcwd(),
        per_job=per_job or 1,
        options=[word for tag in wanted.tags for word in ("--tag", tag)],
        timings=settings.from_environment(),
        cluster=asked,
    )
    if report.hired:
        say.say(f"Hired {counted(len(report.hired), 'worker')} on {kind}.")
    if report.pending:
        jobs = f"{'job' if len(report.jobs) == 1 else 'jobs'} {', '.join(report.jobs)}"
        say.talk(f"{counted(len(report.pending), 'worker')} will come when {kind} starts them ({jobs}).")
    if report.problem:
        say.talk(f"Not all were asked for: {report.problem}")
    return Status.FAILED if report.problem else Status.OK


def _gpus(words: str) -> int:
    if not words:
        return 0
    if not words.isdecimal() or int(words) < 1:
        raise UsageError("say how many GPUs each job of the scheduler is to have: --gpus 1")
    return int(words)


def _wishes(*, queue: str, account: str, cpus: int | None, memory: str, extra: tuple[str, ...]) -> dict[str, Any]:

    try:
        size = quantity.parse_size(memory) if memory else 0
    except ValueError as error:
        raise UsageError(f"--memory: {error}") from None
    return {
        "queue": queue,
        "account": account,
        "cpus": cpus or 0,
        "memory_bytes": size,
        "options": extra,
    }


def row(one: Pending) -> tuple[str, str, str, str]:
    """Return the line of ``recruiter.py list`` for a worker that is yet to come."""
    age = display.duration(max(0.0, time.time() - one.asked_s))
    return one.id, one.kind, one.job, f"{one.state.value} for {age}" + (f": {one.reason}" if one.reason else "")


def call_off(layout: Layout) -> Status:
    """Cancel the scheduler's jobs whose workers are yet to come, and say so."""
    waiting = scheduled.pending(layout)
    failures = scheduled.cancel(layout, [one.id for one in waiting])
    failed = {worker for worker, _ in failures}
    for kind in {one.kind for one in waiting}:
        number = sum(one.kind == kind and one.id not in failed for one in waiting)
        if number:
            say.say(f"Called off {counted(number, 'worker')} on {kind}.")
    for reason, names in crew.by_reason(failures).items():
        say.talk(f"Could not call off {', '.join(names)}: {reason}")
    return Status.FAILED if failures else Status.OK
