"""``fjd workers``, and ``hire`` and ``fire``, which are those of ``recruiter.py``."""

import copy
import time
from collections.abc import Mapping
from typing import Any

import click

from fjd import display, recruiter, settings
from fjd.cli import options, say, schema, table
from fjd.cli import recruiter as recruiter_command
from fjd.inspect import crew
from fjd.inspect.crew import Worker
from fjd.recruiter import scheduled
from fjd.recruiter.scheduled import Pending
from fjd.spool import create
from fjd.usage import Meter, Use

_BETWEEN_S = 0.2


def _borrowed(name: str) -> click.Command:
    """Return a command of ``recruiter.py``, whose help speaks of ``fjd``."""
    command = copy.copy(recruiter_command.main.commands[name])
    command.help = (command.help or "").replace("recruiter.py ", "fjd ")
    return command


hire = _borrowed("hire")
fire = _borrowed("fire")


@click.command(context_settings=options.HELP)
@options.json
@options.spool
def workers(as_json: bool, directory: str) -> None:
    """Show the workers of the spool: host, age, what they run and for how long, CPU and memory of the job.

    CPU and memory are those of the moment, of the workers of this host: 100% is one core that is busy. Whom a scheduler
    has yet to start is pending, with its reason; with --json such are lines of a kind of their own.

    \b
    Examples:
      fjd workers
      fjd workers --json | jq -r 'select(.state == "idle") | .id'

    \b
    Exit status: 0 shown, also when nobody works; 1 there is no spool, 2 used wrongly.
    """
    say.run_or_explain(lambda: _workers(directory, as_json=as_json))


def _workers(directory: str, *, as_json: bool) -> None:
    layout = create.open_spool(directory, create=False)
    found = crew.workers(layout, settings.from_environment())
    to_come = scheduled.pending(layout, forgets=False)
    uses = _uses({worker.id: worker.said.pid for worker in found if worker.running and worker.said.is_here()})
    if as_json:
        say.stream(schema.line("worker", _values(worker, uses)) for worker in found)
        say.stream(schema.line("pending", _pending_values(one)) for one in to_come)
        return
    now_s = time.time()
    titles = ["WORKER", "HOST", "HIRED", "STATE", "AGE", "JOB", "FOR", "CPU", "MEMORY", "MORE", "TAGS"]
    cells = [_cells(worker, uses.get(worker.id), now_s) for worker in found]
    cells += [_pending_cells(one, now_s) for one in to_come]
    say.stream(table.rows(titles, cells, width=table.terminal_width()))
    if not cells:
        say.talk("Nobody works for this spool: fjd hire N.")


def _uses(pids: Mapping[str, int]) -> dict[str, Use]:
    """Return what the job of each worker uses, by two looks: one alone tells of no time that has passed."""
    if not pids:
        return {}
    meter = Meter()
    meter.look(pids)
    time.sleep(_BETWEEN_S)
    return meter.look(pids)


def _cells(worker: Worker, use: Use | None, now_s: float) -> tuple[str, ...]:
    said = worker.said
    return (
        recruiter.short(worker.id),
        said.host,
        said.kind,
        f"{worker.state.value}, frozen" if worker.is_frozen else worker.state.value,
        display.duration(now_s - said.since),
        ", ".join(worker.running),
        table.age(now_s, worker.job_since_s),
        "" if use is None or use.cpu is None else f"{use.cpu:.0%}",
        table.size(use.rss_bytes if use else None),
        str(worker.handed) if worker.handed else "",
        ", ".join(said.tags),
    )


def _pending_cells(one: Pending, now_s: float) -> tuple[str, ...]:
    age = display.duration(max(0.0, now_s - one.asked_s))
    return recruiter.short(one.id), "", one.kind, one.state.value, age, one.reason, "", "", "", "", ""


def _pending_values(one: Pending) -> dict[str, Any]:
    return {
        "id": one.id,
        "hired": one.kind,
        "session": one.job,
        "state": one.state.value,
        "since": round(one.asked_s, 3),
        "reason": one.reason or None,
    }


def _values(worker: Worker, uses: Mapping[str, Use]) -> dict[str, Any]:
    said, use = worker.said, uses.get(worker.id)
    return {
        "id": worker.id,
        "host": said.host,
        "state": worker.state.value,
        "hired": said.kind,
        "session": said.session,
        "pid": said.pid,
        "since": round(said.since, 3),
        "tags": list(said.tags),
        "cwd": said.cwd,
        "log": said.log or None,
        "jobs": list(worker.running),
        "job_since": worker.job_since_s,
        "handed": worker.handed,
        "frozen": worker.is_frozen,
        "cpu": None if use is None or use.cpu is None else round(use.cpu, 3),
        "rss_bytes": use.rss_bytes if use else None,
    }
