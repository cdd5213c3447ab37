"""``recruiter.py``: hire workers on this host, and fire those of a spool."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from fjd import progress, quantity, recruiter, settings
from fjd.capacity import processors
from fjd.cli import cluster_crew, crew, options, remote_crew, say
from fjd.cli.remote_crew import Wish
from fjd.cli.say import Status
from fjd.errors import UsageError
from fjd.hiring import gpus as hiring_gpus
from fjd.hiring.gpus import ALL
from fjd.quantity import counted
from fjd.recruiter import How, Member, scheduled
from fjd.spool import create
from fjd.spool.layout import Layout

_NUMBER = re.compile(r"[+-]?[0-9][0-9_.,]*")


@click.group(context_settings=options.HELP)
def main() -> None:
    """Hire and fire the workers of a spool.

    \b
    Examples:
      recruiter.py hire 4        start four workers on this machine
      recruiter.py list          who works for this spool, and on what
      recruiter.py fire          fire them all; what they run goes back to the queue
      recruiter.py fire --drain  fire them when their jobs are done
    """


@main.command()
@click.argument("count", metavar="[N]", type=click.IntRange(min=1), required=False)
@click.option("--host", "hosts", metavar="NAME[:N]", multiple=True, help="On this host, over ssh; may be repeated.")
@click.option("--ship", is_flag=True, help="Run there a fjd that is put into the spool: none need be installed.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="For jobs that ask for it, too; may be repeated.")
@click.option("--per-gpu", "gpus", flag_value=ALL, type=click.UNPROCESSED, help="One worker for each GPU.")
@click.option("--gpus", "gpus", metavar="LIST|N", help="One for each of these: 0,1. With --on: N for each job.")
@cluster_crew.options
@options.directory
def hire(
    count: int | None,
    hosts: tuple[str, ...],
    ship: bool,
    tags: tuple[str, ...],
    gpus: str | None,
    directory: str,
    kind: str | None,
    **wishes: Any,
) -> None:
    """Start N workers on this machine, each in a screen session of its own, on other hosts, or on a cluster.

    They work in the current directory until they are fired. Where there is no screen program, they run as detached
    processes. Their logs are in workerlogs/. Without N, the hosts are hired that remote.conf names.

    A worker of a GPU, and so its jobs, see that GPU alone: CUDA_VISIBLE_DEVICES is set. With N, so many share them.

    \b
    Examples:
      recruiter.py hire 4
      recruiter.py hire 8 --dir /home/me/run
      recruiter.py hire                        the whole crew of remote.conf
      recruiter.py hire --host nova:8          eight on nova, over ssh
      recruiter.py hire 16 --on slurm --time 4h --partition long
      recruiter.py hire 4 --tag gpu --tag big  for jobs with these tags, too
      recruiter.py hire --per-gpu --tag gpu    one for each GPU of this machine
    """
    say.run_or_explain(lambda: _hire(count, hosts, directory, ship, Wish(_tags(tags), gpus or ""), kind, wishes))


@main.command(hidden=True)
def join() -> None:
    """Do what the recruiter of another host asks for by stdin. It is called over ssh."""
    say.run_or_explain(_join)


@main.command(hidden=True)
def rival() -> None:
    """Be the other side of a contest that fjd doctor asks for. It is called over ssh."""
    say.run_or_explain(_rival)


@main.command()
@click.argument("who", metavar="[N | ID...]", nargs=-1)
@click.option("--drain", "how", flag_value=How.DRAIN, type=click.UNPROCESSED, help="Let them finish the job they run.")
@click.option("--cancel", "how", flag_value=How.CANCEL, type=click.UNPROCESSED, help="Let the job they run fail.")
@options.directory
def fire(who: tuple[str, ...], how: How | None, directory: str) -> None:
    """Fire all workers of the spool, or N of them (idle ones first), or those with the given ids.

    What a fired worker runs is ended and goes back to the queue, unless --drain or --cancel is given.

    \b
    Examples:
      recruiter.py fire
      recruiter.py fire 2 --drain
      recruiter.py fire nova-3 nova-4
    """
    say.run_or_explain(lambda: _fire(who, how or How.NOW, directory))


@main.command(name="list")
@options.directory
def list_(directory: str) -> None:
    """Show the workers of the spool: id, how it was hired, its session, what it is doing."""
    say.run_or_explain(lambda: _list(directory))


# ---- hire


def _hire(
    count: int | None,
    hosts: Sequence[str],
    directory: str,
    ship: bool,
    wish: Wish,
    kind: str | None,
    wishes: dict[str, Any],
) -> Status:
    if count and hosts:
        raise UsageError("say how many workers behind each host: --host nova:4")
    layout = create.open_spool(directory)
    if kind:
        return cluster_crew.hire(layout, count, wish, kind=kind, **wishes)
    if count or (wish.gpus and not hosts):
        return _hire_here(layout, count, wish)
    return remote_crew.hire(layout, hosts, shipped=ship, wish=wish, hire_here=_hire_here)


def _tags(words: Iterable[str]) -> tuple[str, ...]:
    """Return the tags in ``gpu``, ``big,fast``."""
    try:
        return tuple(dict.fromkeys(tag for word in words for tag in quantity.parse_words(word) or (word,)))
    except ValueError as error:
        raise UsageError(f"--tag: {error}") from None


def _hire_here(layout: Layout, count: int | None, wish: Wish) -> Status:
    gpus = hiring_gpus.chosen(wish.gpus) if wish.gpus else ()
    count = count or len(gpus) or processors()
    come = 0

    def count_them(number: int) -> None:
        nonlocal come
        come = number

    try:
        report = recruiter.hire(
            layout, count, timings=settings.from_environment(), progress=count_them, tags=wish.tags, gpus=gpus
        )
    except KeyboardInterrupt:
        say.talk(f"Interrupted: {come} of {counted(count, 'worker')} were hired, and stay until they are fired.")
        return Status.INTERRUPTED
    return crew.tell_hired(report)


def _join() -> Status:
    from fjd.recruiter import join, request

    reply = join.answer(sys.stdin.readline())
    sys.stdout.write(request.dump(reply))  # JSON in ASCII, read by a program: no line to be cleaned
    return Status.OK


def _rival() -> Status:
    from fjd.recruiter import rival as far_side

    def write(line: str) -> None:
        sys.stdout.write(line)  # JSON in ASCII, read by a program
        sys.stdout.flush()

    far_side.serve(sys.stdin.readline, write)
    return Status.OK


# ---- fire


def _fire(who: Sequence[str], how: How, directory: str) -> Status:
    ids, count = _ids_or_count(who)
    layout = create.open_spool(directory, create=False)
    chosen = recruiter.choose(layout, ids, count)
    called_off = cluster_crew.call_off(layout) if ids is None and count is None else Status.OK
    if not chosen:
        say.say("No workers to fire.")
        return called_off
    if how is How.DRAIN:
        _tell_what_is_waited_for(chosen)
    try:
        report = recruiter.fire(layout, [member.id for member in chosen], how=how, timings=settings.from_environment())
    except KeyboardInterrupt:
        say.talk("Interrupted: the order stands, and they leave by themselves.")
        return Status.INTERRUPTED
    return max(called_off, crew.tell_fired(report, chosen))


def _ids_or_count(who: Sequence[str]) -> tuple[list[str] | None, int | None]:
    """Return what is meant by the words after ``fire``: ids, or a count, or neither of them for all."""
    if not any(_NUMBER.fullmatch(word) for word in who):
        return (list(who) or None), None
    if len(who) > 1:
        raise UsageError("give either the number of workers to fire or their ids")
    if not who[0].isdecimal() or int(who[0]) < 1:
        raise UsageError(f"cannot fire {who[0]} workers: give a whole number from 1 on")
    return None, int(who[0])


def _tell_what_is_waited_for(chosen: Iterable[Member]) -> None:
    jobs = [f"{job} on {member.short}" for member in chosen for job in member.running]
    if jobs:
        say.talk(f"Waiting for {', '.join(jobs)}; after ctrl-C the order stands all the same.")


# ---- list


def _list(directory: str) -> None:
    layout = create.open_spool(directory, create=False)
    members = recruiter.members(layout)
    rows = [
        (member.id, member.announcement.kind, member.announcement.session, _doing(layout, member)) for member in members
    ]
    rows += [cluster_crew.row(one) for one in scheduled.pending(layout)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say.data("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not rows:
        say.talk("Nobody works for this spool.")


def _doing(layout: Layout, member: Member) -> str:
    if member.announcement.is_here() and not member.announcement.process_lives():
        return "dead"
    doing = "busy: " + ", ".join(_with_progress(layout, member, job) for job in member.running)
    doing = doing if member.running else "idle"
    return f"leaving, {doing}" if member.is_leaving else doing


def _with_progress(layout: Layout, member: Member, job: str) -> str:
    found = progress.of_job(layout, member.id, job)
    return f"{job} ({found})" if found else job
