"""``fjd``: the commands of a spool. Here is their table; each is imported when it is called, so that all start fast."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import click

from fjd.cli import garbage, options
from fjd.nearest import did_you_mean


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: how it is written, where it is, and what it does in a line."""

    usage: str
    module: str
    help: str
    attribute: str = ""
    """What it is called in its module, where that is not its name."""

    @property
    def name(self) -> str:
        return self.usage.partition(" ")[0]


SECTIONS: Final[dict[str, tuple[Entry, ...]]] = {
    "Make jobs": (
        Entry(
            "submit [--] CMD...", "submit", "Make a job, or many by --sweep, --lines, --csv, --template: all or none."
        ),
    ),
    "Look": (
        Entry("status", "status", "Counts, rate, time left, workers, who dispatches. Also what fjd alone prints."),
        Entry("jobs [FILTER]...", "jobs", "List jobs: by state, name, worker, exit status, age."),
        Entry("show JOB...", "show", "Everything about a job, and why it is not running."),
        Entry("log JOB", "log", "What a job has printed; -f follows it, also when it is tried again."),
        Entry("wait [JOB]...", "wait", "Wait until jobs have ended; the exit status tells how."),
        Entry("history [FILTER]...", "history", "All runs: as a table, GNU parallel's joblog, CSV or JSON."),
        Entry("workers", "workers", "The workers: host, age, what they run, CPU and memory of the job."),
    ),
    "Act on jobs": (
        Entry("retry [JOB]...", "acts", "Put failed jobs back into the queue."),
        Entry("cancel [JOB]...", "acts", "Take waiting or held jobs out of the queue; they fail."),
        Entry("kill [JOB]...", "acts", "End running jobs; they fail."),
        Entry("hold [JOB]...", "acts", "Keep waiting jobs out of the queue until they are released."),
        Entry("release [JOB]...", "acts", "Put held jobs back into the queue."),
        Entry("edit JOB...", "change", "Change jobs that have not begun, in your editor or by --set."),
        Entry("priority N [JOB]...", "change", "Give waiting jobs another priority."),
    ),
    "Act on the spool": (
        Entry("hire N", "workers", "Start workers, as recruiter.py does."),
        Entry("fire [N | ID]...", "workers", "Fire workers, as recruiter.py does."),
        Entry("crew", "elastic_state", "The elastic crew: how large, what it decides and why, what has failed."),
        Entry("pause", "pause", "Hand out nothing more; --freeze stops what runs, too."),
        Entry("resume", "pause", "Hand out again, and let go on what was frozen."),
        Entry("clean", "clean", "Remove done jobs, old outputs and what workers left; shorten journals."),
        Entry("doctor", "doctor", "Check the spool, its filesystem and this host; say how to mend."),
    ),
    "Help": (
        Entry("completion SHELL", "manual", "Print what makes bash, zsh or fish complete commands and names."),
        Entry("man [COMMAND]", "manual", "Print a manual page."),
        Entry("schema", "manual", "Print the JSON Schema of what --json prints.", "schema_"),
    ),
}
"""All commands, by what they are for; the help, the manual page and a table in the README are made from it."""


def entries() -> Iterator[Entry]:
    """Yield all of them."""
    for section in SECTIONS.values():
        yield from section


class Commands(click.Group):
    """A group that imports a command when it is called, and lists all without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return [entry.name for entry in entries()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = next((entry for entry in entries() if entry.name == cmd_name), None)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(f"fjd.cli.{entry.module}"), entry.attribute or entry.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not ctx.resilient_parsing:
            mend = did_you_mean(args[0], known) or "; fjd --help lists them"
            raise click.UsageError(f"there is no command {args[0]}{mend}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.help) for entry in section])


@click.group(cls=Commands, invoke_without_command=True, context_settings=options.HELP)
@click.option("--dir", "directory", envvar="FJD_DIR", metavar="DIR", type=click.Path(), help="The spool; see below.")
@click.version_option(package_name="fjd", prog_name="fjd")
@click.pass_context
def main(ctx: click.Context, /, **_: Any) -> None:
    """Work with a spool of jobs: look at it, act on its jobs, hire and fire its workers.

    The spool is the one that --dir or the variable FJD_DIR names, or else the nearest one from the current directory
    upwards. What is read is printed on stdout, what is said about it on stderr. Without a command it prints the status.

    \b
    Examples:
      fjd submit -- ./train --lr 0.1
      fjd hire 4                   four workers
      fjd                          how far it is
      fjd jobs --failed            what has failed
      fjd log -f job7              what job7 prints
      fjd retry --exit 137         try again what was killed
      fjd wait && ./evaluate       when all is done

    \b
    Exit status: 0 all went well, 1 something did not, 2 used wrongly, 124 fjd wait took too long, 130 interrupted.
    """
    garbage.look_hardly()
    if ctx.invoked_subcommand is None:
        from fjd.cli.status import status

        ctx.invoke(status, directory=ctx.params["directory"] or options.nearest(), as_json=False, watch=False)


if __name__ == "__main__":
    main()
