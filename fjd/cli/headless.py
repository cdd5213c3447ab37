"""The dispatcher without a screen: ``dispatcher.py`` and ``fjd-tui --no-ui``.

In a pipe it prints the original's lines on stdout; on a terminal a progress line takes the place of those that repeat.
Failures and everything else that is talk go to stderr.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from fjd import display, recruiter
from fjd.cli import crew as crew_words
from fjd.cli import elastic, say
from fjd.cli.say import Status
from fjd.dispatcher import Dispatcher, Ended, Until
from fjd.errors import DiskError, HireError
from fjd.quantity import counted
from fjd.settings import Timings
from fjd.snapshot import Event, EventKind, Snapshot
from fjd.spool import fsio
from fjd.spool.layout import Layout

if TYPE_CHECKING:
    from fjd.cli.progress import ProgressLine

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NO_CREW: Mapping[str, str] = {}
_QUIET = (EventKind.WORKER_CAME, EventKind.WORKER_LEFT, EventKind.DONE)


def run(
    layout: Layout, timings: Timings, *, until: Until = Until.EMPTY, hire: int = 0, crew: Mapping[str, str] = NO_CREW
) -> int:
    """Dispatch in the foreground until there is no more to do; return the exit status.

    0: all done. 1: some job failed, a rule has halted it, or the spool went away. 128 + signal: interrupted, which
    leaves workers and jobs as they are. With ``hire``, that many workers are hired before and fired after.
    ``crew`` is what a command line wants of an elastic crew; it is fired after, too, whoever wanted it.
    """
    hired = _hire(layout, timings, hire) if hire else ()
    with _stopped_by_signals() as stop:
        dispatcher = Dispatcher(layout, timings, crew=crew)
        say.say("Dispatcher started.")
        with _reporter(layout, dispatcher) as report:
            ended = dispatcher.run(stop, until=until, on_step=report, paints=sys.stdout.isatty())
    status = _conclude(dispatcher, ended, stop)
    if dispatcher.keeps_crew:
        _end_crew(layout, timings, dispatcher, ended)
    if hired and ended in (Ended.EMPTY, Ended.HALTED):
        _fire(layout, timings, hired)
    elif hired:
        stay = "stays" if len(hired) == 1 else "stay"
        say.talk(f"{counted(len(hired), 'worker')} {stay} hired; fire with: recruiter.py fire")
    return status


# ---- what is said


def _conclude(dispatcher: Dispatcher, ended: Ended, stop: "_Stop") -> int:
    if ended is Ended.STOPPED:
        left = dispatcher.snapshot().counts.unfinished
        say.talk(f"Interrupted. Workers and jobs are left as they are ({display.count(left)} not ended yet).")
        return 128 + stop.signal
    if ended is Ended.SPOOL_GONE:
        return Status.FAILED
    if ended is Ended.HALTED:
        left = dispatcher.snapshot().counts.waiting
        say.talk(f"Nothing more is handed out ({counted(left, 'job')} left in jobqueue/). Start it again to go on.")
    else:
        say.say("No more jobs to dispatch.")
    failed = dispatcher.ledger.failed_here
    if failed:
        say.talk(f"{counted(failed, 'job')} failed.")
    return Status.FAILED if failed or ended is Ended.HALTED else Status.OK


class _Teller:
    """Says each new event once: waves on stdout, what deserves attention on stderr."""

    def __init__(self, layout: Layout, dispatcher: Dispatcher, *, with_waves: bool) -> None:
        self._layout = layout
        self._dispatcher = dispatcher
        self._with_waves = with_waves
        self._seq = 0

    def __call__(self, _snapshot: Snapshot) -> None:
        for event in self._dispatcher.ledger.events_since(self._seq):
            self._seq = event.seq
            self._tell(event)

    def _tell(self, event: Event) -> None:
        if event.kind is EventKind.HANDED_OUT:
            if self._with_waves:
                with suppress(DiskError):  # the jobs do not wait for room for this
                    say.say(event.text)
        elif event.kind in (EventKind.FAILED, EventKind.REJECTED, EventKind.RETRIED):
            say.talk(event.text + self._way_to_output(event.job))
        elif event.kind not in _QUIET:
            say.talk(event.text)

    def _way_to_output(self, job: str) -> str:
        path = self._layout.output(job)
        return f" (see {os.path.relpath(path)})" if fsio.stamp(path) else ""


@contextmanager
def _reporter(layout: Layout, dispatcher: Dispatcher) -> Iterator[Callable[[Snapshot], None]]:
    if not sys.stdout.isatty():
        yield _Teller(layout, dispatcher, with_waves=True)
        return
    from fjd.cli.progress import ProgressLine

    teller = _Teller(layout, dispatcher, with_waves=False)
    with ProgressLine() as line:
        yield lambda snapshot: _tell_and_draw(teller, line, snapshot)


def _tell_and_draw(teller: _Teller, line: "ProgressLine", snapshot: Snapshot) -> None:
    teller(snapshot)
    line.draw(snapshot)


# ---- workers of one's own


def _hire(layout: Layout, timings: Timings, count: int) -> tuple[str, ...]:
    report = recruiter.hire(layout, count, timings=timings)
    crew_words.tell_hired(report)
    if not report.hired:
        raise HireError("no worker could be hired")
    return report.hired


def _end_crew(layout: Layout, timings: Timings, dispatcher: Dispatcher, ended: Ended) -> None:
    """With the last job the crew goes that was hired for them; who is interrupted leaves it to the next dispatcher."""
    if ended in (Ended.EMPTY, Ended.HALTED):
        dispatcher.finish_crew()
        elastic.dismiss(layout, timings)
    elif ended is Ended.STOPPED:
        elastic.tell_who_stays(layout)


def _fire(layout: Layout, timings: Timings, hired: tuple[str, ...]) -> None:
    members = [member for member in recruiter.members(layout) if member.id in hired]
    crew_words.tell_fired(recruiter.fire(layout, [member.id for member in members], timings=timings), members)


# ---- signals


class _Stop(threading.Event):
    """Set by a signal, and knows by which."""

    signal = 0


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    """While inside, the signals that end a program set a flag; a second one acts as it did before."""
    stop = _Stop()
    before = {number: signal.getsignal(number) for number in _STOPPING}

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _frame: FrameType | None) -> None:
        stop.signal = number
        stop.set()
        put_back()

    for number in _STOPPING:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        put_back()
