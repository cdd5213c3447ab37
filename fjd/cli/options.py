"""Options that the commands share."""

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
