"""From the ledger to the immutable `Snapshot` that the fronts draw, at most so often and never at a high price."""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from fjd import why
from fjd.dispatcher.pace import Pace
from fjd.dispatcher.reasons import Reasons
from fjd.ledger import Active, Crew, Ledger, Waiting
from fjd.ledger.forecast import Runs, forecast
from fjd.snapshot import JobState, JobView, Mode, Snapshot, WaitingJobs, WorkerState, WorkerView

PAINTS_PER_S = 15
REST_S = 5.0
"""While nothing moves there is a new picture so often, for what time alone changes; else every second."""
_SHARE = 0.05
_EVENTS = 500
_LOST_S = 600
"""A worker that was lost is spoken of for so long."""
_MIN_ENDS = 3
"""Before this many jobs have ended, no time left is said: it would be a guess."""


class Painter:
    """Makes snapshots of ``ledger``; the parts that are expensive are made anew only when they changed."""

    def __init__(self, ledger: Ledger, spool: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._pace = Pace(1 / PAINTS_PER_S, share=_SHARE, clock=clock)
        self._reasons = Reasons(ledger, clock=clock)
        self._drawn: tuple[int, int, Mode, str, str] | None = None
        self.latest = Snapshot(spool=spool)

    def paint(self, mode: Mode, *, holder: str = "", trouble: str = "", at_once: bool = False) -> Snapshot:
        """Return the newest snapshot, the same object as before when nothing is new or it is too soon."""
        now_s = self._clock()
        second = int(now_s) if self.latest.is_moving else int(now_s / REST_S)
        state = (self._ledger.version, second, mode, holder, trouble)
        if state != self._drawn and (at_once or self._pace.due()):
            with self._pace:
                self.latest = self._draw(now_s, mode, holder, trouble)
            self._drawn = state
        return self.latest

    def _draw(self, now_s: float, mode: Mode, holder: str, trouble: str) -> Snapshot:
        ledger = self._ledger
        self._reasons.look()
        counts, rate = ledger.counts, ledger.rates.per_s(now_s)
        is_telling = rate > 0 and ledger.ended_here >= _MIN_ENDS
        return Snapshot(
            version=self.latest.version + 1,
            spool=self.latest.spool,
            mode=mode,
            holder=holder,
            trouble=trouble,
            halted=ledger.halted,
            counts=counts,
            active=self._active(),
            waiting=self._waiting(),
            held=WaitingJobs(ledger.held.frozen(), _held_view),
            failed=tuple(reversed(ledger.failed.values())),
            done=tuple(reversed(ledger.done.values())),
            workers=self._workers(now_s),
            crew=ledger.crew,
            lost=tuple(_lost(crew) for crew in ledger.lost if now_s - crew.looked_s < _LOST_S),
            rate_per_s=rate,
            rate_history=ledger.rates.history(now_s),
            eta_s=counts.unfinished / rate if is_telling else None,
            eta_range_s=self._forecast(counts.unfinished, now_s),
            events=tuple(islice(reversed(ledger.events), _EVENTS))[::-1],
        )

    def _forecast(self, unfinished: int, now_s: float) -> tuple[float, float] | None:
        ledger = self._ledger
        mean_s = ledger.mean_run_s
        runs = None if mean_s is None else Runs(mean_s, ledger.run_distance_s, ledger.ended_here)
        return forecast(unfinished, ledger.rates.history(now_s), runs, len(ledger.workers))

    def _workers(self, now_s: float) -> tuple[WorkerView, ...]:
        """By host and number, as people count them."""
        crew = sorted(self._ledger.workers.values(), key=lambda one: (one.announcement.host, one.announcement.number))
        return tuple(_worker(one, now_s) for one in crew)

    def _active(self) -> tuple[JobView, ...]:
        """Running jobs first, the oldest of each kind first."""
        ordered = sorted(self._ledger.active.values(), key=lambda active: (not active.is_running, active.since_s))
        return tuple(_active(active) for active in ordered)

    def _waiting(self) -> WaitingJobs:
        queue = self._ledger.queue
        return WaitingJobs(queue.order.frozen(), self._view, is_natural=not queue.prioritized)

    def _view(self, name: str) -> JobView:
        """Make the row of one waiting job. Called from other threads: it only looks up, and may find nothing."""
        waiting = self._ledger.waiting.get(name)
        if waiting is None:
            return JobView(name, JobState.WAITING)
        ledger, terms = self._ledger, waiting.terms
        return JobView(
            name,
            JobState.WAITING,
            waiting.command,
            waiting.logfile,
            reason=self._reasons.of(waiting),
            attempt=ledger.attempts.get(name, 0) + 1,
            priority=terms.priority,
            tags=terms.tags,
            due_s=self._due_s(waiting),
        )

    def _due_s(self, waiting: Waiting) -> float | None:
        queue = self._ledger.queue
        moment_s, due_s = queue.moments.get(waiting.name), queue.retries.get(waiting.name)
        if moment_s is not None:
            due_s = max(due_s or 0.0, self._clock() + moment_s - self._ledger.wall_s)
        return due_s


def _held_view(name: str) -> JobView:
    return JobView(name, JobState.HELD, reason=why.HELD)


def _active(active: Active) -> JobView:
    return JobView(
        active.name,
        JobState.RUNNING if active.is_running else JobState.HANDED,
        active.command,
        active.logfile,
        active.worker,
        active.since_s,
        reason=why.REFUSED if active.is_passed_by else "",
        attempt=active.attempt,
        priority=active.terms.priority if active.terms else 0,
        tags=active.terms.tags if active.terms else frozenset(),
    )


def _worker(crew: Crew, now_s: float) -> WorkerView:
    """On its own host a worker's process is asked for (rule 5), and so it is seen now as long as it lives."""
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
        now_s if crew.is_local and not crew.is_dead else crew.beat_seen_s,
    )


def _lost(crew: Crew) -> WorkerView:
    return replace(
        _worker(crew, crew.looked_s),
        state=WorkerState.LOST,
        job="",
        handed=0,
        since_s=crew.looked_s,
        reason=crew.lost_why,
    )
