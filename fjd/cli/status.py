"""``fjd status``: the spool at a glance."""

import time
from collections.abc import Iterator
from typing import Any

import click

from fjd import display, settings
from fjd.cli import elastic_state, options, say, schema
from fjd.inspect import status as inspected
from fjd.inspect.status import Status
from fjd.snapshot import WorkerState
from fjd.spool import create
from fjd.spool.layout import Layout

_EVERY_S = 1.0


@click.command(context_settings=options.HELP)
@click.option("-w", "--watch", is_flag=True, help="Go on, once a second, until ctrl-C.")
@options.json
@options.spool
def status(watch: bool, as_json: bool, directory: str) -> None:
    """Show how many jobs are in each state, how fast they end, who works and who dispatches.

    The rate is that of the last minute.

    \b
    Examples:
      fjd status
      fjd status --watch
      fjd status --json | jq .failed

    \b
    Exit status: 0 shown, 1 there is no spool, 2 used wrongly, 130 interrupted.
    """
    say.run_or_explain(lambda: _status(directory, watch=watch, as_json=as_json))


def _status(directory: str, *, watch: bool, as_json: bool) -> None:
    layout, timings = create.open_spool(directory, create=False), settings.from_environment()
    if watch:
        _watch(layout, timings, as_json=as_json)
    else:
        say.stream(_lines(inspected.status(layout, timings), as_json=as_json))


def _watch(layout: Layout, timings: settings.Timings, *, as_json: bool) -> None:
    """Show it again and again: on a terminal in place, elsewhere one below the other."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    if as_json or not console.is_terminal:
        while say.stream(_lines(inspected.status(layout, timings), as_json=as_json)):
            time.sleep(_EVERY_S)
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while True:
            live.update(Text("\n".join(_lines(inspected.status(layout, timings), as_json=False))), refresh=True)
            time.sleep(_EVERY_S)


def _lines(seen: Status, *, as_json: bool) -> Iterator[str]:
    if as_json:
        yield schema.line("status", _values(seen))
        return
    yield display.clean(f"{seen.spool}  {_mode(seen)}")
    yield f"  jobs        {_jobs(seen)}"
    yield f"  pace        {_pace(seen)}"
    yield f"  workers     {_workers(seen)}"
    if seen.elastic:
        yield f"  crew        {elastic_state.line(seen, seen.elastic)}"
    yield display.clean(f"  dispatcher  {_dispatcher(seen)}")


def _mode(seen: Status) -> str:
    if seen.is_paused:
        return "paused (fjd resume)"
    return "dispatching" if seen.holder else "not dispatching"


def _jobs(seen: Status) -> str:
    counts = seen.counts
    parts = [
        (counts.waiting, "waiting"),
        (counts.held, "held"),
        (counts.handed, "handed out"),
        (counts.running, "running"),
        (counts.done, "done"),
        (counts.failed, "failed"),
    ]
    return "  ".join(f"{display.count(number)} {word}" for number, word in parts if number or word not in _SELDOM)


_SELDOM = ("held", "handed out")


def _pace(seen: Status) -> str:
    if not seen.rate_per_s:
        return "no job has ended within the last minute"
    rate = f"{seen.rate_per_s:.1f} jobs/s" if seen.rate_per_s >= 1 else f"{seen.rate_per_s * 60:.1f} jobs/min"
    return f"{rate}  {display.eta(seen.eta_s)} left" if seen.eta_s else rate


def _workers(seen: Status) -> str:
    if not seen.crew:
        return "none (fjd hire N)"
    words = [f"{seen.workers_in(state)} {state.value}" for state in WorkerState if seen.workers_in(state)]
    frozen = sum(worker.is_frozen for worker in seen.crew)
    return "  ".join([*words, *([f"{frozen} of them frozen (fjd resume)"] if frozen else [])])


def _dispatcher(seen: Status) -> str:
    if seen.holder is None:
        return "none (dispatcher.py, or fjd-tui)"
    return f"{seen.holder.host}:{seen.holder.pid}"


def _values(seen: Status) -> dict[str, Any]:
    counts = seen.counts
    return {
        "spool": seen.spool,
        "waiting": counts.waiting,
        "held": counts.held,
        "handed": counts.handed,
        "running": counts.running,
        "done": counts.done,
        "failed": counts.failed,
        "rate": round(seen.rate_per_s, 4),
        "eta": None if seen.eta_s is None else round(seen.eta_s, 1),
        "paused": seen.is_paused,
        "dispatcher": f"{seen.holder.host}:{seen.holder.pid}" if seen.holder else None,
        "workers": len(seen.crew),
        "idle": seen.workers_in(WorkerState.IDLE),
        "busy": seen.workers_in(WorkerState.BUSY),
        "leaving": seen.workers_in(WorkerState.DRAINING),
        "lost": seen.workers_in(WorkerState.LOST),
        "crew": elastic_state.values(seen, seen.elastic) if seen.elastic else None,
    }
