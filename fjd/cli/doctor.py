"""``fjd doctor``: whether all is as it should be, and how to mend it."""

import click

from fjd import display
from fjd.cli import options, say, schema
from fjd.cli.say import Status
from fjd.inspect import doctor as checking
from fjd.inspect.checks import Check, Verdict
from fjd.settings import Timings

_SIGNS = {Verdict.WELL: "ok  ", Verdict.NOTE: "note", Verdict.WRONG: "BAD "}


@click.command(context_settings=options.HELP)
@options.json
@options.spool
def doctor(as_json: bool, directory: str) -> None:
    """Check the spool, the filesystem it is on and this host, and say how to mend what is not well.

    Files that it makes to find out are in .fjd/tmp, and are removed again.

    \b
    Examples:
      fjd doctor
      fjd doctor --json | jq -r 'select(.verdict != "well") | .text'

    \b
    Exit status: 0 nothing is wrong, 1 something is, 2 used wrongly.
    """
    say.run_or_explain(lambda: _doctor(directory, as_json=as_json))


def _doctor(directory: str, *, as_json: bool) -> Status:
    status = Status.OK
    for check in checking.checks(directory, Timings()):
        say.stream([_json(check)] if as_json else _text(check))
        status = Status.FAILED if check.verdict is Verdict.WRONG else status
    return status


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
