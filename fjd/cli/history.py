"""``fjd history``: all runs, from the journals, in the forms that other programs read."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from typing import Final

import click

from fjd import display, quantity
from fjd.cli import options, picking, say, schema, show, table
from fjd.cli.picking import Wanted
from fjd.errors import FjdError, UsageError
from fjd.identity import this_host
from fjd.inspect import jobs, listing, runs
from fjd.inspect.runs import End, Run
from fjd.selectors import Need, Selector
from fjd.snapshot import JobState, JobView
from fjd.spool import announce, create
from fjd.spool.layout import Layout

_JOBLOG: Final = ("Seq", "Host", "Starttime", "JobRuntime", "Send", "Receive", "Exitval", "Signal", "Command")
"""The columns of GNU parallel's ``--joblog``, as its manual has them."""
_FIELDS: Final = tuple(schema.KINDS["run"])


@click.command(context_settings=options.HELP)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@picking.filters
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "joblog", "csv", "jsonl"]),
    default="table",
    help="joblog is GNU parallel's, tab-separated; csv has a title line; jsonl is --json.",
)
@click.option("--since", metavar="TIME", help="Runs that ended within this time: 1h30m, 7d; or after 2026-12-01 18:00.")
@options.json
@options.spool
def history(wanted: Wanted, form: str, since: str | None, as_json: bool, directory: str) -> None:
    """Show all runs in the order in which they ended, and what ended jobs without a run, from the journals.

    FILTER and the options say of which jobs; a state is that in which the run has left its job. In a joblog the command
    is the job's executable, where its file is still there.

    \b
    Examples:
      fjd history --since 1h
      fjd history --failed 'scan-*'
      fjd history --format joblog > joblog.tsv
      fjd history --json | jq -s 'map(.seconds) | add'

    \b
    Exit status: 0 shown, also when there is none; 1 there is no spool, 2 used wrongly, 130 interrupted.
    """
    say.run_or_explain(lambda: _history(wanted, "jsonl" if as_json else form, since, directory))


def _history(wanted: Wanted, form: str, since: str | None, directory: str) -> None:
    layout, selector = create.open_spool(directory, create=False), wanted.as_filter()
    found = _chosen(layout, selector, _since_s(since))
    writers: dict[str, Callable[[], Iterator[str]]] = {
        "table": lambda: _table(found),
        "joblog": lambda: _joblog(layout, found),
        "csv": lambda: _csv(found),
        "jsonl": lambda: (schema.line("run", show.run_values(run)) for run in found),
    }
    say.stream(writers[form]())


def _since_s(since: str | None) -> float:
    if since is None:
        return 0.0
    try:
        return time.time() - quantity.parse_duration(since)
    except ValueError:
        pass
    try:
        return quantity.parse_moment(since)
    except ValueError as error:
        raise UsageError(f"--since: {error}, or a duration such as 1h30m") from None


def _chosen(layout: Layout, selector: Selector, since_s: float) -> Iterator[Run]:
    """Yield the runs that are meant, each tested as a job that it has left in its state."""
    now_s, is_open = time.time(), not selector.terms
    for run in runs.history(layout):
        if run.when_s >= since_s and (is_open or selector.matches(_view(layout, run, selector), now_s)):
            yield run


def _view(layout: Layout, run: Run, selector: Selector) -> JobView:
    return JobView(
        run.job,
        runs.STATES.get(run.end, JobState.WAITING),
        command=_command(layout, run.job) if Need.FILE in selector.needs else "",
        worker=run.worker,
        since_s=run.when_s,
        seconds=run.seconds,
        reason=run.reason,
        attempt=run.attempt,
        exit=run.exit,
    )


def _command(layout: Layout, job: str) -> str:
    """Return the executable of a job wherever it is now, empty when it is not there."""
    for place in listing.find(layout, job):
        try:
            if spec := jobs.read_spec(layout, place):
                return spec.executable
        except FjdError:
            continue
    return ""


# ---- forms


def _table(found: Iterator[Run]) -> Iterator[str]:
    titles = ["ENDED", "JOB", "RUN", "WORKER", "TOOK", "MEMORY", "EXIT", "END"]
    return table.rows(titles, map(_cells, found), width=table.terminal_width())


def _cells(run: Run) -> tuple[str, ...]:
    return (
        table.moment(run.ended_s),
        run.job,
        str(run.attempt),
        run.worker,
        "" if run.seconds is None else display.duration(run.seconds),
        table.size(run.rss_kb and run.rss_kb * 1024),
        "" if run.exit is None else str(run.exit),
        run.how,
    )


def _joblog(layout: Layout, found: Iterator[Run]) -> Iterator[str]:
    """Yield the lines of a joblog: what ended, done or failed, by a run."""
    yield "\t".join(_JOBLOG)
    hosts, commands = _hosts(layout), dict[str, str]()
    ended = (run for run in found if run.end in (End.DONE, End.FAILED) and run.began_s is not None)
    for number, run in enumerate(ended, 1):
        if run.job not in commands:
            commands[run.job] = _command(layout, run.job) or run.job
        signal = run.signal or 0
        yield "\t".join(
            (
                str(number),
                hosts.get(run.worker, ":"),
                f"{run.began_s:.3f}",
                f"{run.seconds or 0:10.3f}",
                "0",
                "0",
                str(0 if signal else (run.exit or 0) if run.end is End.DONE or run.exit else 1),
                str(signal),
                display.clean(" ".join(commands[run.job].split())),
            )
        )


def _hosts(layout: Layout) -> dict[str, str]:
    """Return the hosts of the workers that are here; this one is ``:``, as it is to parallel."""
    here = this_host().name
    return {worker: ":" if said.host == here else said.host for worker, said in announce.read_all(layout).items()}


def _csv(found: Iterator[Run]) -> Iterator[str]:
    yield ",".join(_FIELDS)
    for run in found:
        text = io.StringIO()
        values = ("" if value is None else value for value in show.run_values(run).values())
        csv.writer(text, lineterminator="").writerow(values)
        yield text.getvalue()
