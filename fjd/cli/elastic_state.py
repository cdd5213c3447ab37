"""``fjd crew``: what the elastic crew is about, and how it goes on after a pause."""

import time
from typing import Any

import click

from fjd import display, settings, why
from fjd.cli import options, say, schema
from fjd.cli.say import Status
from fjd.inspect import status as inspected
from fjd.inspect.status import Status as Seen
from fjd.spool import create
from fjd.spool.crewstate import CrewState


@click.command(context_settings=options.HELP)
@click.option("--resume", is_flag=True, help="Hire again at once, whatever failed before.")
@options.json
@options.spool
def crew(resume: bool, as_json: bool, directory: str) -> None:
    """Show the elastic crew: how many there are and are to come, what is decided and why, what has failed.

    It is kept by a dispatcher that was started with --crew MIN..MAX, or finds a size in the section [crew] of
    .fjd/config.ini. After failures in a row it pauses, and goes on by itself later, or at once with --resume.

    \b
    Examples:
      fjd crew
      fjd crew --resume
      fjd crew --json | jq .paused

    \b
    Exit status: 0 shown or asked for, 1 there is no spool or no elastic crew, 2 used wrongly.
    """
    say.run_or_explain(lambda: _crew(directory, resume=resume, as_json=as_json))


def _crew(directory: str, *, resume: bool, as_json: bool) -> Status:
    layout = create.open_spool(directory, create=False)
    seen = inspected.status(layout, settings.from_environment())
    if seen.elastic is None:
        say.talk("There is no elastic crew: start one with fjd-tui --no-ui --crew 0..8")
        return Status.FAILED
    if resume:
        from fjd import control

        control.resume_crew(layout)
        say.say("Hiring goes on.")
    elif as_json:
        say.data(schema.line("crew", values(seen, seen.elastic)))
    else:
        say.data(line(seen, seen.elastic))
        say.data_lines(f"  {text}" for text in seen.elastic.says)
    return Status.OK


def line(seen: Seen, state: CrewState) -> str:
    """Return it in a line: ``3 of 0..64 on slurm, 2 to come; hiring on slurm is paused for 4m: …``."""
    words = f"{len(seen.crew)} of {state.size} on {state.where}"
    words += f", {state.coming} to come" if state.coming else ""
    words += ", dry run" if state.is_dry else ""
    for pause in state.pauses:
        left = why.rounded(pause.until - time.time())
        words += f"; hiring on {pause.place} is paused for {left} (fjd crew --resume): {pause.reason}"
    return display.clean(words)


def values(seen: Seen, state: CrewState) -> dict[str, Any]:
    """Return the fields of its line of JSON."""
    pause = state.pause
    return {
        "least": state.least,
        "most": state.most,
        "on": state.where,
        "workers": len(seen.crew),
        "coming": state.coming,
        "paused": pause.words if pause else None,
        "until": pause.until if pause else None,
        "dry_run": state.is_dry,
        "says": list(state.says),
    }
