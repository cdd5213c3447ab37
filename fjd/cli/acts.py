"""``fjd retry``, ``cancel``, ``kill``, ``hold``, ``release``: what is done to jobs, each by one rename or one order."""

from collections.abc import Callable
from dataclasses import dataclass

import click

from fjd import control
from fjd.cli import options, picking, say
from fjd.cli.picking import Wanted
from fjd.cli.say import Status
from fjd.inspect.jobs import Job
from fjd.snapshot import JobState
from fjd.spool import create
from fjd.spool.layout import Layout

_HELP = """%s

JOB is a name or a glob; without one, the options say which jobs are meant. Jobs in other states are left as they are.
More than ten are asked about when you sit at a terminal.

\\b
Examples:
%s

\\b
Exit status: 0 done, also when no job fits; 1 a job is not there, or it could not be done; 2 used wrongly.
"""


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to jobs, and the words for it."""

    name: str
    help: str
    examples: tuple[str, ...]
    states: tuple[JobState, ...]
    """Of the jobs that it can be done to."""
    past: str
    """``it cannot be …``."""
    one: str
    many: str
    do: Callable[[Layout, Job], None]

    def command(self) -> click.Command:
        """Return the command that does it."""

        @click.command(
            self.name,
            context_settings=options.HELP,
            help=_HELP % (self.help, "\n".join(f"  {example}" for example in self.examples)),
        )
        @picking.acts
        @options.yes
        @options.spool
        def command(wanted: Wanted, yes: bool, directory: str) -> None:
            say.run_or_explain(lambda: self.run(wanted, directory, yes=yes))

        return command

    def run(self, wanted: Wanted, directory: str, *, yes: bool) -> Status:
        """Find the jobs, and do it to each."""
        layout = create.open_spool(directory, create=False)
        chosen, missing = picking.found(layout, wanted, self.states, self.past)
        return picking.act(chosen, missing, lambda job: self.do(layout, job), one=self.one, many=self.many, yes=yes)


retry = Act(
    "retry",
    "Put failed jobs back into the queue.",
    (
        "fjd retry job7 job8",
        "fjd retry --all",
        "fjd retry --exit 137 'scan-*'",
        "fjd retry --newer 1h --reason timeout",
    ),
    (JobState.FAILED,),
    "tried again",
    "{} goes back to the queue",
    "{} go back to the queue",
    lambda layout, job: control.retry(layout, job.view.name),
).command()

cancel = Act(
    "cancel",
    "Take jobs that wait or are held out of the queue. They have failed then, cancelled by you.",
    ("fjd cancel job9", "fjd cancel 'scan-*'", "fjd cancel --all --yes"),
    (JobState.WAITING, JobState.HELD),
    "cancelled",
    "{} is cancelled",
    "{} are cancelled",
    lambda layout, job: control.cancel(layout, job.view.name),
).command()

kill = Act(
    "kill",
    "End jobs that run or are handed out. They get TERM, after a grace KILL, and have failed then.",
    ("fjd kill job7", "fjd kill --worker nova-3", "fjd kill --older 2h"),
    (JobState.RUNNING, JobState.HANDED),
    "killed",
    "{} is being ended",
    "{} are being ended",
    lambda layout, job: control.kill(layout, job.place.worker, job.view.name),
).command()

hold = Act(
    "hold",
    "Keep waiting jobs out of the queue, in held/, until they are released.",
    ("fjd hold job7", "fjd hold 'scan-*'"),
    (JobState.WAITING,),
    "held",
    "{} is held",
    "{} are held",
    lambda layout, job: control.hold(layout, job.view.name),
).command()

release = Act(
    "release",
    "Put held jobs back into the queue.",
    ("fjd release job7", "fjd release --all"),
    (JobState.HELD,),
    "released",
    "{} waits again",
    "{} wait again",
    lambda layout, job: control.release(layout, job.view.name),
).command()
