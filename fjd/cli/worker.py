"""``fjd-worker``: one worker in the foreground, as the recruiter starts it or a person by hand."""

import os
import sys
import time
from typing import Any

import click

from fjd import capacity, identity
from fjd.cli import options, say
from fjd.settings import from_environment
from fjd.spool import announce, create, fsio
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from fjd.worker import Leaving, Worker


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@options.directory
@click.option("--id", "worker_id", metavar="ID", help="Its id, as the recruiter chose it. [default: a new one]")
@click.option("--number", type=int, metavar="N", help="Its number in the crew. [default: its process id]")
@click.option("--kind", default="hand", metavar="KIND", help="How it was hired: screen, process or hand.")
@click.option("--log", default="", metavar="FILE", help="Where what it prints is kept.")
@click.option(
    "--time-limit", type=float, metavar="S", help="Leave, with the job given back, before S seconds are over."
)
@click.option("--session", default="", hidden=True, help="What a scheduler calls the job that we are in.")
@click.option("--by", default="", hidden=True, help="Whether an elastic crew has hired it.")
@click.option("--via", default="", hidden=True, help="What ssh calls this host.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="For jobs that ask for it, too; may be repeated.")
def main(directory: str, worker_id: str | None, time_limit: float | None, **told: Any) -> None:
    """Wait for jobs in the spool DIR and run them, one at a time, until told to leave.

    TERM, HUP or ctrl-C end it: its job gets TERM, after a grace KILL, and goes back to the queue.

    \b
    Examples:
      fjd-worker                     work for the spool in the current directory
      fjd-worker --dir /home/me/run  work for another
    """
    say.run_or_explain(lambda: _work(directory, worker_id, time_limit, told))


def _work(directory: str, worker_id: str | None, time_limit: float | None, told: dict[str, Any]) -> None:
    layout = create.open_spool(directory)
    timings = from_environment()
    until_s = None if time_limit is None else time.monotonic() + time_limit
    announcement = _announcement(_unused(layout, worker_id), until_s, **told)
    while Worker(layout, announcement, timings, say=say.talk, until_s=until_s).run() is Leaving.LOST:
        # Declared lost, and yet alive (the host slept, the network was cut): what it held is with others now. It comes
        # back as a new worker, since an id is never used twice.
        announcement = _announcement(None, until_s, **{**told, "number": announcement.number})
    if not os.path.isdir(layout.root):
        sys.exit(say.Status.FAILED)


def _unused(layout: Layout, worker_id: str | None) -> str | None:
    """Return the id that was chosen for us, None when a worker has had it.

    A scheduler that gives a node up starts its jobs anew elsewhere, while what they had started may run on.
    """
    is_used = worker_id is not None and fsio.is_plain(layout.journal(worker_id))
    is_there = worker_id is not None and fsio.is_plain(layout.announcement(worker_id))
    return None if is_used or is_there else worker_id


def _announcement(
    worker_id: str | None,
    until_s: float | None,
    *,
    number: int | None,
    kind: str,
    log: str,
    via: str,
    by: str,
    session: str,
    tags: tuple[str, ...],
) -> Announcement:
    host, pid = identity.this_host(), os.getpid()
    number = pid if number is None else number
    return Announcement(
        id=worker_id or announce.new_id(host.name, number),
        number=number,
        host=host.name,
        boot_id=host.boot_id,
        pid_space=host.pid_space,
        pid=pid,
        started=identity.start_time(pid) or 0,
        since=time.time(),
        cwd=os.getcwd(),
        kind=kind,
        session=session or (os.environ.get("STY", "") if kind == "screen" else str(pid)),
        log=log,
        via=via,
        by=by,
        tags=tags,
        cpus=capacity.processors(),
        memory_bytes=capacity.memory_bytes(),
        time_limit_s=0.0 if until_s is None else max(1.0, until_s - time.monotonic()),
    )
