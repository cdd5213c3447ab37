"""Which jobs a command is to act on or to show: names, globs, filters, options; and what is said of none."""

import sys
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import update_wrapper
from itertools import islice
from typing import Any, Final

import click

from fjd import display, nearest, selectors
from fjd.cli import complete, say
from fjd.cli.say import Status
from fjd.errors import FjdError, UsageError
from fjd.inspect import jobs, listing, runs
from fjd.inspect.jobs import Job
from fjd.inspect.listing import Place
from fjd.quantity import counted
from fjd.selectors import Selector
from fjd.snapshot import JobState
from fjd.spool.layout import Layout

MANY: Final = 10
"""More jobs than this are asked about on a terminal, and told in one line."""
_NAMES_COMPARED: Final = 20_000
"""Of a name that no job has, the nearest is sought among so many."""
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said on the command line of the jobs that are meant."""

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    exit: str = ""
    worker: str = ""
    older: str = ""
    newer: str = ""
    reason: str = ""
    takes_all: bool = False

    def terms(self) -> Iterable[str]:
        """Return the options as words of the language of filters."""
        if self.states:
            yield f"state:{','.join(self.states)}"
        if self.exit:
            yield f"exit:{self.exit}"
        if self.worker:
            yield f"worker:{self.worker}"
        if self.older:
            yield f"age>{self.older}"
        if self.newer:
            yield f"age<{self.newer}"
        if self.reason:
            yield f"reason:{self.reason}"

    def as_filter(self) -> Selector:
        """Return the jobs that are meant where a word is part of a name, as in a filter that is typed."""
        return selectors.parse(" ".join(map(_quoted, (*self.words, *self.terms()))))

    def as_names(self) -> Selector:
        """Return them where a word is a whole name or a glob, as in a command that acts."""
        if not self.takes_all and not self.words and not any(self.terms()):
            raise UsageError("say which jobs are meant: names, globs, a filter such as --failed, or --all")
        return selectors.parse_names(self.words) & selectors.parse_names(self.terms())


def _quoted(word: str) -> str:
    """Return an argument so that its blanks do not part it."""
    return f'"{word}"' if any(char.isspace() for char in word) and '"' not in word else word


_STATES = {"waiting": "that wait", "held": "that are held", "running": "that run", "failed": "that have failed"}
_STATES["done"] = "that are done"


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which jobs are meant; the command is given them as ``wanted``."""

    def wrapped(*, words: tuple[str, ...], states: tuple[str, ...], everything: bool = False, **others: Any) -> Any:
        names = ("exit", "worker", "older", "newer", "reason")
        said = {name: others.pop(f"{name}_") or "" for name in names}
        return command(wanted=Wanted(words, states, **said, takes_all=everything), **others)

    update_wrapper(wrapped, command)
    options = [
        click.option("--reason", "reason_", metavar="TEXT", help="Jobs that failed for a reason with this in it."),
        click.option("--newer", "newer_", metavar="TIME", help="Jobs in their state for less than this: 1h30m, 7d."),
        click.option("--older", "older_", metavar="TIME", help="Jobs in their state for longer than this."),
        click.option(
            "--worker",
            "worker_",
            metavar="ID",
            shell_complete=complete.workers,
            help="Jobs that this worker has or had; the begin of its id will do.",
        ),
        click.option("--exit", "exit_", metavar="N", help="Jobs that ended with this status: 1, 3-5, 137."),
        *(
            click.option(f"--{state}", "states", flag_value=state, multiple=True, help=f"Jobs {text}.")
            for state, text in reversed(_STATES.items())
        ),
    ]
    for option in options:
        wrapped = option(wrapped)
    return wrapped


def acts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a command has that acts on jobs: their names, `filters`, ``--all``."""
    every = click.option("--all", "everything", is_flag=True, help="All of them.")
    names = click.argument("words", metavar="[JOB]...", nargs=-1, shell_complete=complete.jobs)
    return names(filters(every(command)))


# ---- finding them


def found(layout: Layout, wanted: Wanted, states: Collection[JobState], verb: str) -> tuple[list[Job], int]:
    """Return the jobs in ``states`` that are meant, and how many that were named are not among them, which is said."""
    selector = wanted.as_names()
    if not selector.names:
        return list(jobs.jobs(layout, selector & selectors.by_states(states))), 0
    missing, chosen = 0, list[Place]()
    for name in selector.names:
        places = listing.find(layout, name)
        fit = [place for place in places if place.state in states]
        chosen += fit[:1]
        if not fit:
            missing += 1
            say.talk(_why_not(layout, name, places, verb))
    known = runs.last_runs(layout, set(selector.names)) if selector.needs - {selectors.Need.NAME} else {}
    now_s = time.time()
    met = (jobs.job_at(layout, place, known.get(place.name), is_read=True) for place in chosen)
    return [job for job in met if selector.matches(job.view, now_s)], missing


def _why_not(layout: Layout, name: str, places: tuple[Place, ...], verb: str) -> str:
    if not places:
        return unknown(layout, name)
    place = places[0]
    where = f" on {place.worker}" if place.worker else ""
    return f"{name} is {place.state.value}{where}: it cannot be {verb}{_HINTS.get((place.state, verb), '')}."


_HINTS: Final = {
    (JobState.RUNNING, "cancelled"): " (fjd kill ends it)",
    (JobState.HANDED, "cancelled"): " (fjd kill ends it)",
    (JobState.WAITING, "killed"): " (fjd cancel takes it out of the queue)",
    (JobState.HELD, "killed"): " (fjd cancel takes it away)",
}


def unknown(layout: Layout, name: str) -> str:
    """Return the sentence on a job that is not there, with the nearest one that is."""
    known = (place.name for place in listing.listed(layout, tuple(JobState)))
    return f"There is no job {name}{nearest.did_you_mean(name, islice(known, _NAMES_COMPARED)) or '.'}"


# ---- acting on them


def act(chosen: list[Job], missing: int, do: Callable[[Job], None], *, one: str, many: str, yes: bool) -> Status:
    """Do it to each, having asked where they are many and somebody is there to answer; say what was done.

    ``one`` and ``many`` are what is said: ``{} goes back to the queue``, ``{} go back to the queue``.
    """
    if not chosen and not missing:
        say.talk("No job fits.")
        return Status.OK
    if not yes and not _agreed(chosen, many):
        say.talk("Nothing was done.")
        return Status.FAILED
    done = 0
    for job in chosen:
        try:
            do(job)
        except FjdError as error:
            missing += 1
            say.talk(str(error))
            continue
        done += 1
        if len(chosen) <= MANY:
            say.say(f"{one.format(job.view.name)}.")
    if len(chosen) > MANY:
        say.say(f"{many.format(counted(done, 'job'))}.")
    return Status.FAILED if missing else Status.OK


def _agreed(chosen: list[Job], many: str) -> bool:
    """Ask on a terminal whether so many are meant."""
    if len(chosen) <= MANY or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    names = ", ".join(display.clean(job.view.name) for job in chosen[:3])
    question = f"{many.format(counted(len(chosen), 'job'))}: {names}, … Do it?"
    return click.confirm(display.clean(question, max_len=_SHOWN), err=True)


def with_states(wanted: Wanted, states: Iterable[JobState]) -> Wanted:
    """Return ``wanted`` with these states where none was said."""
    return wanted if wanted.states else replace(wanted, states=tuple(state.value.partition(" ")[0] for state in states))
