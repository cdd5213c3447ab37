"""``fjd log``: what a job has printed, what it has written to its logfile, what a worker's terminal showed."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator

import click

from fjd import display, recruiter
from fjd.cli import complete, options, picking, say, schema
from fjd.errors import FjdError, UsageError
from fjd.inspect import jobs, listing
from fjd.inspect.fate import Fate
from fjd.inspect.growing import Growing
from fjd.inspect.listing import Place
from fjd.logtail.lines import Assembler
from fjd.spool import announce, create, fsio
from fjd.spool.layout import Layout

_EVERY_S = 0.2
_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")
"""What of escape sequences a job may send to the terminal: colours and weights (ECMA-48, SGR)."""
_PLAIN = "\x1b[0m"


@click.command(context_settings=options.HELP)
@click.argument("job", required=False, shell_complete=complete.jobs)
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended, through all its attempts.")
@click.option("-n", "--lines", type=click.IntRange(min=0), metavar="N", help="The last N lines alone.")
@click.option("--logfile", is_flag=True, help="Its logfile, in place of what it prints.")
@click.option(
    "--worker",
    metavar="ID",
    shell_complete=complete.workers,
    help="What the terminal of this worker shows, without JOB.",
)
@options.json
@options.spool
def log(
    job: str | None, follow: bool, lines: int | None, logfile: bool, worker: str | None, as_json: bool, directory: str
) -> None:
    """Print what a job has printed, or its logfile, or the log of a worker.

    In a pipe it is printed byte for byte. On a terminal, what would act on the terminal is shown and not obeyed, but
    for colours. With --follow it goes on when the job is tried again, and ends when the job has ended.

    \b
    Examples:
      fjd log job7
      fjd log -f job7
      fjd log job7 --logfile -n 20
      fjd log --worker nova-3 -f

    \b
    Exit status: 0 printed, also when there is nothing; 1 there is no such job, 2 used wrongly, 130 interrupted.
    """
    if (job is None) is (worker is None):
        raise click.UsageError("give a job, or a worker by --worker")
    if worker is not None and logfile:
        raise click.UsageError("--logfile is of a job")
    say.run_or_explain(lambda: _log(directory, job, worker, lines, follow=follow, logfile=logfile, as_json=as_json))


def _log(
    directory: str,
    job: str | None,
    worker: str | None,
    lines: int | None,
    *,
    follow: bool,
    logfile: bool,
    as_json: bool,
) -> None:
    layout = create.open_spool(directory, create=False)
    if worker is not None:
        whole = _worker(layout, worker)
        path, has_ended, source = layout.workerlog(whole), _has_left(layout, whole), {"job": None, "worker": whole}
    else:
        name = job or ""
        places = listing.find(layout, name)
        if not places:
            raise FjdError(picking.unknown(layout, name))
        path = _logfile(layout, places[0]) if logfile else layout.output(name)
        fate = Fate(layout)
        has_ended, source = (lambda: fate.has_ended(name)), {"job": name, "worker": None}
    chunks = _followed(path, lines, has_ended) if follow else _whole(path, lines)
    if as_json:
        _print_lines(chunks, lambda text: schema.line("line", {**source, "text": text}))
    elif sys.stdout is not None and sys.stdout.isatty():
        _print_lines(chunks, _shown)
    else:
        all(say.raw([chunk]) for chunk in chunks)  # each as it comes, until nobody reads
    if not follow and fsio.stamp(path) is None:
        say.talk(f"There is no {path}." if logfile or worker else "There is nothing: nothing was printed.")


def _worker(layout: Layout, wanted: str) -> str:
    """Return the whole id of a worker that is here, or was."""
    if fsio.stamp(layout.workerlog(wanted)) is not None:
        return wanted
    return recruiter.choose(layout, [wanted])[0].id


def _has_left(layout: Layout, worker: str) -> Callable[[], bool]:
    return lambda: fsio.stamp(layout.announcement(worker)) is None


def _logfile(layout: Layout, place: Place) -> str:
    """Return where the job's logfile is: relative to its workdir, and that to the directory of its worker."""
    spec = jobs.read_spec(layout, place)
    if spec is None or not spec.logfile:
        raise UsageError(f"{place.name} has no logfile")
    home = layout.root
    if place.worker and (said := announce.read(layout, place.worker)):
        home = said.cwd
    return os.path.join(home, os.path.expanduser(spec.workdir), os.path.expanduser(spec.logfile))


# ---- reading it


def _whole(path: str, lines: int | None) -> Iterator[bytes]:
    growing = Growing(path, lines)
    try:
        while data := growing.read().data:
            yield data
    finally:
        growing.close()


def _followed(path: str, lines: int | None, has_ended: Callable[[], bool]) -> Iterator[bytes]:
    """Yield what comes, also of the file that takes this one's place, until it has ended and nothing is new."""
    growing = Growing(path, lines)
    try:
        while True:
            is_last = has_ended()  # asked first: what was written before that is there to be read
            read = growing.read()
            if read.is_anew:
                say.talk("It begins anew.")
            if read.data:
                yield read.data
            elif is_last:
                return
            else:
                time.sleep(_EVERY_S)
    finally:
        growing.close()


def _print_lines(chunks: Iterator[bytes], render: Callable[[str], str]) -> None:
    """Print whole lines as they come, and at last what has no end."""
    assembler = Assembler()
    for chunk in chunks:
        if not say.stream(map(render, assembler.feed(chunk).lines)):
            return
    if assembler.open_line:
        say.stream([render(assembler.open_line)])


def _shown(line: str) -> str:
    """Return a line for a terminal: harmless, but in its colours."""
    parts = _COLOURS.split(line.expandtabs())
    text = "".join(part if number % 2 else display.clean(part) for number, part in enumerate(parts))
    return text + _PLAIN if len(parts) > 1 else text
