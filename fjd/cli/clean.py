"""``fjd clean``: what is over goes."""

from collections.abc import Iterator

import click

from fjd import display, quantity, recruiter
from fjd.cli import options, say
from fjd.cli.say import Status
from fjd.control import clean as cleaning
from fjd.control.clean import Plan
from fjd.errors import UsageError
from fjd.quantity import counted
from fjd.spool import create


@click.command(context_settings=options.HELP)
@click.option("--older", metavar="TIME", default="0", help="What has been as it is for longer than this: 12h, 7d.")
@click.option("--failed", is_flag=True, help="Failed jobs too, with their outputs.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@options.spool
def clean(older: str, failed: bool, dry_run: bool, directory: str) -> None:
    """Remove done jobs with their outputs, outputs of jobs that are nowhere, and what workers that have left wrote.

    Jobs that wait, are held or run are not touched, nor failed ones without --failed; a done job stays while another
    waits for it by after. Journals of those that have left are shortened to what they tell of jobs that stay. A worker
    of this host whose process is gone is struck off, and what it held goes back to the queue.

    \b
    Examples:
      fjd clean --older 7d --dry-run
      fjd clean --older 7d
      fjd clean --failed

    \b
    Exit status: 0 done, 1 something could not be removed, 2 used wrongly.
    """
    say.run_or_explain(lambda: _clean(older, directory, failed=failed, dry_run=dry_run))


def _clean(older: str, directory: str, *, failed: bool, dry_run: bool) -> Status:
    try:
        older_s = quantity.parse_duration(older)
    except ValueError as error:
        raise UsageError(f"--older: {error}") from None
    layout = create.open_spool(directory, create=False)
    plan = cleaning.plan(layout, older_s, failed=failed)
    for job in plan.kept:
        say.talk(f"{job} stays: others wait for it.")
    if dry_run:
        say.stream(_listed(plan))
        return Status.OK
    if plan.is_empty:
        say.say("There is nothing to clean.")
        return Status.OK
    done = cleaning.carry_out(layout, plan)
    parts = [(done.jobs, "job"), (done.outputs, "output"), (done.logs, "log"), (done.workers, "dead worker")]
    words = [counted(number, word) for number, word in parts if number]
    if words:
        say.say(f"Removed {', '.join(words)}.")
    if done.journals:
        say.say(f"Shortened {counted(done.journals, 'journal')}.")
    for job in done.given_back:
        say.talk(f"{job} went back to the queue.")
    for refusal in done.refused:
        say.talk(f"{refusal}.")
    return Status.FAILED if done.refused else Status.OK


def _listed(plan: Plan) -> Iterator[str]:
    """Yield what would go, one a line, as paths in the spool."""
    groups = [("done", plan.done), ("failed", plan.failed), ("output", plan.outputs), ("workerlogs", plan.logs)]
    yield from (display.clean(f"{directory}/{name}") for directory, names in groups for name in names)
    yield from (f"workerqueue/{said.id}.worker  ({recruiter.short(said.id)} is dead)" for said in plan.dead)
    yield from (f"journal/{one.writer}.jsonl  ({counted(one.lines, 'line')})" for one in plan.journals)
