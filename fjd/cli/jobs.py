"""``fjd jobs``: lists jobs, a million of them in a stream."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import click

from fjd import display, selectors
from fjd.cli import options, picking, say, schema, table
from fjd.cli.picking import Wanted
from fjd.inspect import jobs as inspected
from fjd.inspect import listing
from fjd.inspect.jobs import Job
from fjd.inspect.listing import Place
from fjd.inspect.runs import Run
from fjd.order import natural_key
from fjd.snapshot import JobView
from fjd.spool import create

_FOREVER: Final = float("inf")
_KEYS: Final[dict[str, Callable[[Job], Any]]] = {
    "state": lambda job: listing.SHOWN.index(job.view.state),
    "name": lambda job: natural_key(job.view.name),
    "worker": lambda job: natural_key(job.view.worker),
    "exit": lambda job: _FOREVER if job.view.exit is None else job.view.exit,
    "age": lambda job: -(job.view.since_s or 0.0),
    "took": lambda job: -(job.view.seconds or 0.0),
    "memory": lambda job: -((job.run and job.run.rss_kb) or 0),
    "priority": lambda job: (-job.view.priority, natural_key(job.view.name)),
}
"""By what jobs are ordered: the youngest, longest, greatest first."""
_LONG: Final = ("age", "priority")


def _filters_help() -> str:
    width = max(len(example) for example, _ in selectors.help_lines())
    lines = [f"  {example.ljust(width)}  {text}" for example, text in selectors.help_lines()]
    return "\b\nFILTER words, which must all hold; put them in quotes where the shell would take them:\n" + "\n".join(
        lines
    )


_HELP: Final = """List jobs: what runs, waits, is held, has failed, is done; in each state by the natural
order of names.

%s

\b
Examples:
  fjd jobs --failed
  fjd jobs 'scan-*' --older 1h
  fjd jobs 'state:failed exit:137 took>5m'
  fjd jobs --failed --names | xargs -d '\\n' -n 1 fjd log
  fjd jobs --json | jq 'select(.rss_kb > 1000000) | .name'

\b
Exit status: 0 listed, also when there are none; 1 there is no spool, 2 used wrongly, 130 interrupted.
"""


@click.command(context_settings=options.HELP, help=_HELP % _filters_help())
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@picking.filters
@click.option("-l", "--long", "is_long", is_flag=True, help="Read each job's file too: command, logfile, since when.")
@click.option("--sort", type=click.Choice(list(_KEYS)), help="Order all by this, in place of state and name.")
@click.option("--reverse", is_flag=True, help="The other way round; with --sort.")
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="The first N alone.")
@click.option("--names", "only_names", is_flag=True, help="Print names alone, as they are, one a line.")
@click.option("-0", "--null", is_flag=True, help="With --names, end each with a NUL in place of a newline.")
@options.json
@options.spool
def jobs(wanted: Wanted, directory: str, **how: Any) -> None:
    """List jobs, as `_HELP` says."""
    say.run_or_explain(lambda: _jobs(wanted, directory, **how))


def _jobs(
    wanted: Wanted,
    directory: str,
    *,
    is_long: bool,
    sort: str | None,
    reverse: bool,
    limit: int | None,
    only_names: bool,
    null: bool,
    as_json: bool,
) -> None:
    layout = create.open_spool(directory, create=False)
    found: Iterable[Job] = inspected.jobs(layout, wanted.as_filter(), is_long=is_long or sort in _LONG)
    if sort or reverse:
        found = sorted(found, key=_KEYS[sort or "state"], reverse=reverse)
    if limit:
        found = _first(found, limit)
    if only_names:
        say.raw(os.fsencode(job.view.name) + (b"\0" if null else b"\n") for job in found)
    elif as_json:
        say.stream(_json(found))
    else:
        say.stream(_table(found, is_long=is_long))


def _first(found: Iterable[Job], limit: int) -> Iterator[Job]:
    for number, job in enumerate(found, 1):
        yield job
        if number == limit:
            return


# ---- as a table


def _table(found: Iterable[Job], *, is_long: bool) -> Iterator[str]:
    titles = ["JOB", "STATE", "WORKER", "SINCE", "TOOK", "MEMORY", "EXIT", *(["COMMAND"] if is_long else ["REASON"])]
    now_s = time.time()
    return table.rows(titles, (_cells(job, now_s, is_long=is_long) for job in found), width=table.terminal_width())


def _cells(job: Job, now_s: float, *, is_long: bool) -> tuple[str, ...]:
    view = job.view
    rss_kb = job.run.rss_kb if job.run else None
    return (
        view.name,
        view.state.value,
        view.worker,
        table.age(now_s, view.since_s),
        "" if view.seconds is None else display.duration(view.seconds),
        table.size(rss_kb and rss_kb * 1024),
        "" if view.exit is None else str(view.exit),
        view.command if is_long else reason(view),
    )


def reason(view: JobView) -> str:
    """Return why it failed, and which attempt it was where that was not the first."""
    attempt = f"attempt {view.attempt}" if view.attempt > 1 else ""
    return ", ".join(filter(None, [view.reason, attempt]))


# ---- as JSON


def _json(found: Iterable[Job]) -> Iterator[str]:
    return schema.lines("job", map(values, found))


def values(job: Job) -> dict[str, Any]:
    """Return the fields of a job."""
    if job.seen is None and job.run is not None:
        return _of_run(job.place, job.run)
    view, run = job.view, job.run
    return {
        "name": view.name,
        "state": view.state.value,
        "worker": view.worker or None,
        "since": None if view.since_s is None else round(view.since_s, 3),
        "attempt": view.attempt,
        "exit": view.exit,
        "seconds": view.seconds,
        "rss_kb": run.rss_kb if run else None,
        "reason": view.reason or None,
        "priority": view.priority if view.command else None,
        "command": view.command or None,
        "logfile": view.logfile or None,
    }


def _of_run(place: Place, run: Run) -> dict[str, Any]:
    """Return the same for one whose file was not read, without making a view of it: a third less time for a million."""
    return {
        "name": place.name,
        "state": place.state.value,
        "worker": run.worker or None,
        "since": inspected.since_s(run),
        "attempt": run.attempt,
        "exit": run.exit,
        "seconds": run.seconds,
        "rss_kb": run.rss_kb,
        "reason": run.reason or None,
        "priority": None,
        "command": None,
        "logfile": None,
    }
