"""``fjd wait``: until jobs have ended."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

from fjd import quantity, settings
from fjd.cli import complete, options, picking, say, schema
from fjd.cli.say import Status
from fjd.errors import UsageError
from fjd.inspect import jobs, listing
from fjd.inspect.fate import Ended, Fate
from fjd.inspect.status import living_holder
from fjd.selectors import Need, parse_names
from fjd.snapshot import JobState
from fjd.spool import create, fsio
from fjd.spool.layout import Layout

_FIRST_S, _LAST_S = 0.05, 0.5
"""Between two looks; the time grows while nothing ends."""


@click.command(context_settings=options.HELP)
@click.argument("words", metavar="[JOB]...", nargs=-1, shell_complete=complete.jobs)
@click.option("--timeout", metavar="TIME", help="Wait no longer than this: 90, 1h30m.")
@options.json
@options.spool
def wait(words: tuple[str, ...], timeout: str | None, as_json: bool, directory: str) -> None:
    """Wait until jobs have ended: those named (names, globs, filters), or all that wait or run.

    Without names it also waits for jobs that come meanwhile, and not for held ones. A job that is tried again has not
    ended. On a terminal it shows how far it is.

    \b
    Examples:
      fjd wait && ./evaluate
      fjd wait job7 job8
      fjd wait 'scan-*' --timeout 2h

    \b
    Exit status: 0 all are done, 1 some failed or were taken away, 2 used wrongly, 124 the time was over,
    130 interrupted.
    """
    say.run_or_explain(lambda: _wait(words, timeout, directory, as_json=as_json))


@dataclass(slots=True)
class _Tally:
    """What became of the jobs that are waited for."""

    left: set[str] = field(default_factory=set)
    ended: dict[str, Ended] = field(default_factory=dict)

    def number(self, end: Ended) -> int:
        return sum(one is end for one in self.ended.values())

    @property
    def status(self) -> Status:
        if self.left:
            return Status.TIMED_OUT
        return Status.OK if self.number(Ended.DONE) == len(self.ended) else Status.FAILED


def _wait(words: tuple[str, ...], timeout: str | None, directory: str, *, as_json: bool) -> Status:
    layout = create.open_spool(directory, create=False)
    until_s = time.monotonic() + _seconds(timeout)
    tally = _Tally(_named(layout, words) if words else _unfinished(layout))
    if tally.left:
        _warn(layout)
    fate, pause_s = Fate(layout), _FIRST_S
    with _progress() as draw:
        while True:
            if _look(layout, fate, tally, is_open=not words):
                pause_s = _FIRST_S
            draw(tally)
            left_s = until_s - time.monotonic()
            if not tally.left or left_s <= 0:
                break
            time.sleep(min(pause_s, left_s))
            pause_s = min(1.3 * pause_s, _LAST_S)
    return _tell(tally, as_json=as_json)


def _seconds(timeout: str | None) -> float:
    try:
        return quantity.parse_duration(timeout) if timeout is not None else float("inf")
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from None


def _named(layout: Layout, words: tuple[str, ...]) -> set[str]:
    """Return the jobs that are meant; a name that is nowhere is waited for as well, and then counts as gone."""
    selector = parse_names(words)
    if selector.names and selector.needs <= {Need.NAME}:
        for name in selector.names:
            if not listing.find(layout, name):
                say.talk(picking.unknown(layout, name))
        return set(selector.names)
    return {job.view.name for job in jobs.jobs(layout, selector)}


def _unfinished(layout: Layout) -> set[str]:
    states = (JobState.WAITING, JobState.HANDED, JobState.RUNNING)
    return {place.name for place in listing.listed(layout, states)}


def _warn(layout: Layout) -> None:
    """Say why it may take for ever."""
    if living_holder(layout, settings.from_environment()) is None:
        say.talk("Nobody dispatches at the moment: start dispatcher.py, or fjd-tui.")
    elif not fsio.names(layout.workerqueue):
        say.talk("There is no worker at the moment: fjd hire N.")


def _look(layout: Layout, fate: Fate, tally: _Tally, *, is_open: bool) -> bool:
    """Find out what has ended since the last look, and, without names, what has come; True when something has."""
    active = {place.name for place in listing.listed(layout, tuple(set(JobState) - {JobState.DONE, JobState.FAILED}))}
    ended = {job: end for job in tally.left - active if (end := fate.of(job)) is not Ended.NOT_YET}
    tally.left -= ended.keys()
    tally.ended |= ended
    if is_open:
        tally.left |= _unfinished(layout)
        for job in tally.left & tally.ended.keys():  # it came again
            del tally.ended[job]
    return bool(ended)


@contextmanager
def _progress() -> Iterator[Callable[[_Tally], None]]:
    """Show on a terminal how many have ended; stderr, since stdout is data."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False)
    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def draw(tally: _Tally) -> None:
            progress.update(task, total=len(tally.left) + len(tally.ended), completed=len(tally.ended))

        yield draw


def _tell(tally: _Tally, *, as_json: bool) -> Status:
    done, failed, gone = (tally.number(end) for end in (Ended.DONE, Ended.FAILED, Ended.GONE))
    if as_json:
        values: dict[str, Any] = {"done": done, "failed": failed, "gone": gone, "left": len(tally.left)}
        say.stream([schema.line("wait", values)])
        return tally.status
    parts = [f"{done} done", f"{failed} failed", *([f"{gone} taken away"] if gone else [])]
    say.talk(", ".join([*parts, *([f"{len(tally.left)} not ended yet"] if tally.left else [])]) + ".")
    return tally.status
