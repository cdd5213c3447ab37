"""``fjd pause`` and ``fjd resume``: the whole spool."""

import click

from fjd import control
from fjd.cli import options, say
from fjd.quantity import counted
from fjd.spool import create


@click.command(context_settings=options.HELP)
@click.option("--freeze", is_flag=True, help="Stop what runs as well (SIGSTOP), until fjd resume.")
@options.spool
def pause(freeze: bool, directory: str) -> None:
    """Hand out nothing more, until fjd resume. What runs goes on, unless --freeze stops it.

    A frozen job keeps its memory and loses no work. Workers that are hired meanwhile get nothing to do.

    \b
    Examples:
      fjd pause
      fjd pause --freeze

    \b
    Exit status: 0 done, 1 there is no spool, 2 used wrongly.
    """
    say.run_or_explain(lambda: _pause(directory, freeze=freeze))


def _pause(directory: str, *, freeze: bool) -> None:
    layout = create.open_spool(directory, create=False)
    control.pause(layout)
    say.say("Paused: nothing more is handed out. fjd resume goes on.")
    if freeze:
        frozen = control.freeze(layout)
        say.say(f"Frozen: {counted(len(frozen), 'worker')} with what they run.")


@click.command(context_settings=options.HELP)
@options.spool
def resume(directory: str) -> None:
    """Hand out jobs again, and let go on what was frozen.

    \b
    Examples:
      fjd resume

    \b
    Exit status: 0 done, 1 there is no spool, 2 used wrongly.
    """
    say.run_or_explain(lambda: _resume(directory))


def _resume(directory: str) -> None:
    layout = create.open_spool(directory, create=False)
    was_paused = control.is_paused(layout)
    thawed = control.thaw(layout)
    control.resume(layout)
    if thawed:
        say.say(f"Thawed: {counted(len(thawed), 'worker')} with what they run.")
    say.say("Jobs are handed out again." if was_paused else "The spool was not paused.")
