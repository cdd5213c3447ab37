"""``fjd doctor``: whether all is as it should be, and how to mend it."""

from collections.abc import Sequence

import click

from fjd import display, settings
from fjd.cli import options, say, schema
from fjd.cli.say import Status
from fjd.errors import UsageError
from fjd.inspect import doctor as checking
from fjd.inspect.checks import Check, Verdict
from fjd.settings import Timings

_SIGNS = {Verdict.WELL: "ok  ", Verdict.NOTE: "note", Verdict.WRONG: "BAD "}


@click.command(context_settings=options.HELP)
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="Try the filesystem with that host; see above.")
@click.option("--ship", is_flag=True, help="Run there a fjd that is put into the spool: none need be installed.")
@options.json
@options.spool
def doctor(hosts: tuple[str, ...], ship: bool, as_json: bool, directory: str) -> None:
    """Check the spool, the filesystem it is on and this host, and say how to mend what is not well.

    With --host, this host and that one (over ssh) race for the same names, and look how late each sees what the other
    did: what a spool needs of a filesystem that several hosts share. localhost stands for a second process here.

    Files that it makes to find out are in .fjd/tmp, and are removed again.

    \b
    Examples:
      fjd doctor
      fjd doctor --host nova
      fjd doctor --json | jq -r 'select(.verdict != "well") | .text'

    \b
    Exit status: 0 nothing is wrong, 1 something is, 2 used wrongly.
    """
    say.run_or_explain(lambda: _doctor(directory, hosts, ship, as_json=as_json))


def _doctor(directory: str, hosts: Sequence[str], ship: bool, *, as_json: bool) -> Status:
    status = Status.OK
    for check in checking.checks(directory, _timings(), hosts, shipped=ship):
        say.stream([_json(check)] if as_json else _text(check))
        status = Status.FAILED if check.verdict is Verdict.WRONG else status
    return status


def _timings() -> Timings:
    """Return the timings of the environment; that they make no sense is found by a check of its own."""
    try:
        return settings.from_environment()
    except UsageError:
        return Timings()


def _text(check: Check) -> list[str]:
    lines = [f"{_SIGNS[check.verdict]}  {check.name:<11} {display.clean(check.text)}"]
    return [*lines, f"{'':<17} mend: {check.mend}"] if check.mend else lines


def _json(check: Check) -> str:
    values = {
        "name": check.name,
        "verdict": check.verdict.value,
        "text": check.text,
        "mend": check.mend or None,
    }
    return schema.line("check", values)
