"""Options that the commands share."""

from collections.abc import Callable
from typing import Any

import click

HELP = {"help_option_names": ["-h", "--help"]}
"""Context settings of every command."""

directory = click.option(
    "--dir",
    "directory",
    envvar="FJD_DIR",
    default=".",
    metavar="DIR",
    type=click.Path(),
    help="The spool: the directory that all of this happens in. [default: FJD_DIR, or the current directory]",
)


def dispatching(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every front of the dispatcher has: ``keep_going``, ``once``, ``hire``."""
    for option in (
        click.option(
            "--hire", default=0, type=click.IntRange(min=0), metavar="N", help="Hire N workers before, fire them after."
        ),
        click.option("--once", is_flag=True, help="Do not wait for a first job."),
        click.option("--keep-going", is_flag=True, help="Wait for more jobs when the queue is empty."),
    ):
        command = option(command)
    return command
