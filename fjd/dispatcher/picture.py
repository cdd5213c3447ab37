"""From the ledger to the immutable `Snapshot` that the fronts draw, at most so often and never at a high price."""

import time
from collections.abc import Callable
from itertools import islice

from fjd.dispatcher.pace import Pace
from fjd.ledger import Active, Crew, Ledger, Readiness
from fjd.snapshot import JobState, JobView, Mode, Snapshot, WaitingJobs, WorkerView

PAINTS_PER_S = 15
_SHARE = 0.05
_EVENTS = 500
_MIN_ENDS = 3
"""Before this many jobs have ended, no time left is said: it would be a guess."""


class Painter:
    """Makes snapshots of ``ledger``; the parts that are expensive are made anew only when they changed."""

    def __init__(self, ledger: Ledger, spool: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._pace = Pace(1 / PAINTS_PER_S, share=_SHARE, clock=clock)
        self._names_pace = Pace(1 / PAINTS_PER_S, share=_SHARE, clock=clock)
        self._names: tuple[str, ...] = ()
        self._drawn: tuple[int, int, Mode, str, str] | None = None
        self.latest = Snapshot(spool=spool)

    def paint(self, mode: Mode, *, holder: str = "", trouble: str = "", at_once: bool = False) -> Snapshot:
        """Return the newest snapshot, the same object as before when nothing is new or it is too soon."""
        now_s = self._clock()
        state = (self._ledger.version, int(now_s), mode, holder, trouble)
        if state != self._drawn and (at_once or self._pace.due()):
            with self._pace:
                self.latest = self._draw(now_s, mode, holder, trouble, at_once=at_once)
            self._drawn = state
        return self.latest

    def _draw(self, now_s: float, mode: Mode, holder: str, trouble: str, *, at_once: bool) -> Snapshot:
        ledger = self._ledger
        counts, rate = ledger.counts, ledger.rates.per_s(now_s)
        is_telling = rate > 0 and ledger.ended_here >= _MIN_ENDS
        return Snapshot(
            version=self.latest.version + 1,
            spool=self.latest.spool,
            mode=mode,
            holder=holder,
            trouble=trouble,
            counts=counts,
            active=self._active(),
            waiting=self._waiting(at_once=at_once),
            failed=tuple(reversed(ledger.failed.values())),
            done=tuple(reversed(ledger.done.values())),
            workers=self._workers(),
            rate_per_s=rate,
            rate_history=ledger.rates.history(now_s),
            eta_s=counts.unfinished / rate if is_telling else None,
            events=tuple(islice(reversed(ledger.events), _EVENTS))[::-1],
        )

    def _workers(self) -> tuple[WorkerView, ...]:
        """By host and number, as people count them."""
        crew = sorted(self._ledger.workers.values(), key=lambda one: (one.announcement.host, one.announcement.number))
        return tuple(_worker(one) for one in crew)

    def _active(self) -> tuple[JobView, ...]:
        """Running jobs first, the oldest of each kind first."""
        ordered = sorted(self._ledger.active.values(), key=lambda active: (not active.is_running, active.since_s))
        return tuple(_active(active) for active in ordered)

    def _waiting(self, *, at_once: bool) -> WaitingJobs:
        if at_once or self._names_pace.due():
            with self._names_pace:
                self._names = tuple(self._ledger.order)
        return WaitingJobs(self._names, self._view)

    def _view(self, name: str) -> JobView:
        """Make the row of one waiting job. Called from other threads: it only looks up, and may find nothing."""
        waiting = self._ledger.waiting.get(name)
        if waiting is None:
            return JobView(name, JobState.WAITING)
        reason = waiting.readiness.value if waiting.readiness is Readiness.WRITTEN else ""
        if name in self._ledger.active:
            reason = "a job of that name has not ended yet"
        return JobView(name, JobState.WAITING, waiting.command, waiting.logfile, reason=reason)


def _active(active: Active) -> JobView:
    return JobView(
        active.name,
        JobState.RUNNING if active.is_running else JobState.HANDED,
        active.command,
        active.logfile,
        active.worker,
        active.since_s,
        attempt=active.attempt,
    )


def _worker(crew: Crew) -> WorkerView:
    said = crew.announcement
    return WorkerView(
        said.id,
        said.host,
        crew.state,
        said.kind,
        said.session,
        said.pid,
        said.cwd,
        said.log,
        crew.running,
        crew.since_s,
        len(crew.pod),
        crew.is_local,
    )
