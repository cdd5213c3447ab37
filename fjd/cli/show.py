"""``fjd show``: everything about a job."""

from collections.abc import Iterator
from typing import Any

import click

from fjd import display, settings
from fjd.cli import complete, jobs, options, picking, say, schema, table
from fjd.cli.say import Status
from fjd.inspect.details import Details, details
from fjd.inspect.runs import Run
from fjd.snapshot import JobState
from fjd.spool import create


@click.command(context_settings=options.HELP)
@click.argument("names", metavar="JOB...", nargs=-1, required=True, shell_complete=complete.jobs)
@options.json
@options.spool
def show(names: tuple[str, ...], as_json: bool, directory: str) -> None:
    """Show everything about jobs: file, state, runs, times, exit status, memory, worker, and why they are not running.

    \b
    Examples:
      fjd show job7
      fjd show job7 --json | jq -r '.why[]'

    \b
    Exit status: 0 shown, 1 there is no such job, 2 used wrongly, 130 interrupted.
    """
    say.run_or_explain(lambda: _show(names, directory, as_json=as_json))


def _show(names: tuple[str, ...], directory: str, *, as_json: bool) -> Status:
    layout, timings = create.open_spool(directory, create=False), settings.from_environment()
    status = Status.OK
    for number, name in enumerate(names):
        found = details(layout, name, timings)
        if found is None:
            say.talk(picking.unknown(layout, name))
            status = Status.FAILED
        elif as_json:
            say.stream([schema.line("details", _values(found))])
        else:
            say.stream([*([""] if number else []), *_text(found)])
    return status


def _text(found: Details) -> Iterator[str]:
    pairs = [pair for pair in _pairs(found) if pair[1]]
    width = max(len(title) for title, _ in pairs)
    for title, text in pairs:
        first, *more = text.split("\n")
        yield f"{title.ljust(width)}  {display.clean(first)}"
        yield from (f"{' ' * width}  {display.clean(line)}" for line in more)
    if found.runs:
        yield ""
        titles = ["RUN", "WORKER", "BEGAN", "TOOK", "MEMORY", "EXIT", "END"]
        yield from table.rows(titles, map(_run_cells, found.runs), width=table.terminal_width())


def _pairs(found: Details) -> Iterator[tuple[str, str]]:
    view, spec = found.job.view, found.spec
    yield "job", view.name
    yield "state", _state(found)
    yield "because" if view.state in (JobState.DONE, JobState.FAILED) else "not running", "\n".join(found.why)
    yield "progress", str(found.progress) if found.progress else ""
    yield "worker", view.worker
    yield "file", found.path
    yield "not valid", found.problem
    yield "output", found.output or "none"
    if spec is not None:
        yield "executable", spec.executable
        yield "logfile", spec.logfile
        yield "workdir", spec.workdir
        yield from spec.options
        yield "[env]", "\n".join(f"{key} = {value}" for key, value in spec.env)
        yield "[params]", "\n".join(f"{key} = {value}" for key, value in spec.params)
    yield "also", ", ".join(f"another of this name is {place.state.value}" for place in found.others)


def _state(found: Details) -> str:
    view = found.job.view
    since = f" since {table.moment(view.since_s)}" if view.since_s is not None else ""
    attempt = f", attempt {view.attempt}" if view.attempt > 1 else ""
    return f"{view.state.value}{since}{attempt}"


def _run_cells(run: Run) -> tuple[str, ...]:
    return (
        str(run.attempt),
        run.worker,
        table.moment(run.began_s),
        "" if run.seconds is None else display.duration(run.seconds),
        table.size(run.rss_kb and run.rss_kb * 1024),
        "" if run.exit is None else str(run.exit),
        run.how,
    )


def _values(found: Details) -> dict[str, Any]:
    spec = found.spec
    return {
        **jobs.values(found.job),
        "path": found.path,
        "why": list(found.why),
        "progress": found.progress.share if found.progress else None,
        "says": found.progress.text or None if found.progress else None,
        "problem": found.problem or None,
        "options": dict(spec.options) | ({"workdir": spec.workdir} if spec.workdir else {}) if spec else {},
        "params": dict(spec.params) if spec else {},
        "env": dict(spec.env) if spec else {},
        "output": found.output or None,
        "runs": [{"fjd": schema.VERSION, "kind": "run", **run_values(run)} for run in found.runs],
        "others": [place.state.value for place in found.others],
    }


def run_values(run: Run) -> dict[str, Any]:
    """Return the fields of a run."""
    return {
        "job": run.job,
        "end": run.end.value,
        "worker": run.worker or None,
        "attempt": run.attempt,
        "began": None if run.began_s is None else round(run.began_s, 3),
        "ended": run.ended_s,
        "seconds": run.seconds,
        "exit": run.exit,
        "signal": run.signal,
        "reason": run.reason or None,
        "rss_kb": run.rss_kb,
        "pid": run.pid,
        "again": run.again,
    }
