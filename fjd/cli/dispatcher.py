"""``dispatcher.py``: hands out the jobs of a spool, without a screen."""

from collections.abc import Mapping
from typing import Any

import click

from fjd.cli import elastic, options, say
from fjd.settings import from_environment


@click.command(context_settings=options.HELP)
@options.directory
@options.dispatching
@elastic.options
def main(directory: str, keep_going: bool, once: bool, hire: int, **crew: Any) -> None:
    """Hand out the jobs in jobqueue/ to the workers, until all have ended.

    Waits for a first job if there is none yet, and for workers if there are none. ctrl-C ends it and leaves workers
    and jobs as they are.

    \b
    Examples:
      dispatcher.py                   dispatch in the current directory
      dispatcher.py --hire 4          with four workers of its own
      dispatcher.py --keep-going      do not end when the queue is empty
      dispatcher.py --crew 0..8       with as many workers as what waits needs

    \b
    Exit status: 0 all jobs done, 1 some job failed, 2 used wrongly, 130 interrupted.
    """
    say.run_or_explain(
        lambda: dispatch(directory, keep_going=keep_going, once=once, hire=hire, crew=elastic.words(crew))
    )


def dispatch(directory: str, *, keep_going: bool, once: bool, hire: int, crew: Mapping[str, str]) -> int:
    """Run the headless dispatcher as the options say, and return the exit status."""
    from fjd.cli import garbage, headless
    from fjd.dispatcher import Until
    from fjd.errors import UsageError
    from fjd.spool import create

    if keep_going and once:
        raise UsageError("--keep-going and --once exclude each other")
    garbage.look_seldom()
    until = Until.STOPPED if keep_going else Until.ONCE if once else Until.EMPTY
    layout, timings = create.open_spool(directory), from_environment()
    elastic.check(layout, crew, timings)
    return headless.run(layout, timings, until=until, hire=hire, crew=crew)
