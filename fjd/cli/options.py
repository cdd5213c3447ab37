"""Options that the commands share."""

import os
from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from fjd.cli import say
from fjd.spool import create
from fjd.spool.layout import Layout

HELP = {"help_option_names": ["-h", "--help"]}
"""Context settings of every command."""

_DIRECTORY = "The spool: the directory that all of this happens in."
_WHERE = "[default: FJD_DIR, or the nearest spool from the current directory upwards"


def nearest() -> str:
    """Return the nearest spool from the current directory upwards, or that directory where there is none."""
    return create.spool_above(".") or "."


def _resolve(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Return the spool that is meant: named here, before the command's name, by FJD_DIR, or the nearest one."""
    if value is not None and ctx.get_parameter_source("directory") is ParameterSource.COMMANDLINE:
        return value
    before: str | None = ctx.parent.params.get("directory") if ctx.parent is not None else None
    return before or value or nearest()


def _resolve_or_make(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Do the same for a command that makes a spool where there is none, and say so when it takes one from above."""
    found = _resolve(ctx, parameter, value)
    is_found = (
        os.path.isabs(found) and found != value and (ctx.parent is None or not ctx.parent.params.get("directory"))
    )
    is_said = ctx.resilient_parsing or ctx.params.get("where")
    if is_found and not is_said and found != os.path.realpath("."):
        say.talk(f"Using the spool {found}, which is above this directory; --dir . makes one here.")
    return found


directory = click.option(
    "--dir",
    "directory",
    envvar="FJD_DIR",
    callback=_resolve_or_make,
    metavar="DIR",
    type=click.Path(),
    help=f"{_DIRECTORY} {_WHERE}, or that directory itself]",
)
"""For commands that make a spool where there is none."""

spool = click.option(
    "--dir",
    "directory",
    envvar="FJD_DIR",
    callback=_resolve,
    metavar="DIR",
    type=click.Path(),
    help=f"{_DIRECTORY} {_WHERE}]",
)
"""For commands that need a spool."""

json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line; see fjd schema.")

yes = click.option("-y", "--yes", is_flag=True, help="Do not ask, however many they are.")


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


def layout_of(ctx: click.Context) -> Layout:
    """Return the spool that a command line which is still being typed is about, without looking at it."""
    return Layout(os.path.realpath(ctx.params.get("directory") or "."))
