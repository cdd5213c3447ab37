"""What the shell completes besides commands and options: names of jobs, ids of workers. It says nothing, ever."""

import click
from click.shell_completion import CompletionItem

from fjd.errors import FjdError
from fjd.inspect import listing
from fjd.snapshot import JobState
from fjd.spool import announce
from fjd.spool.layout import Layout

_MAX = 1000
"""A person does not look through more."""


def jobs(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a job, whatever its state."""
    try:
        found = dict[str, JobState]()
        for state in listing.SHOWN:
            names = (name.rpartition("/")[2] for name in listing.names(_layout(ctx), state))
            found = {**{name: state for name in names if name.startswith(begun) and name.isprintable()}, **found}
        return [CompletionItem(name, help=found[name].value) for name in sorted(found)[:_MAX]]
    except FjdError:
        return []


def workers(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the id of a worker that is here."""
    try:
        ids = announce.present(_layout(ctx))
    except FjdError:
        return []
    return [CompletionItem(worker) for worker in sorted(ids) if worker.startswith(begun)][:_MAX]


def _layout(ctx: click.Context) -> Layout:
    from fjd.cli import options

    return options.layout_of(ctx)
