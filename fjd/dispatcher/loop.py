"""The dispatcher: observe, decide, act, again and again. Every front runs this same object."""

import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum

from fjd import policy
from fjd.dispatcher.act import Actor
from fjd.dispatcher.admission import Admission
from fjd.dispatcher.batches import Batches
from fjd.dispatcher.crewing import Crewing
from fjd.dispatcher.finish import Finish
from fjd.dispatcher.history import WritesDown
from fjd.dispatcher.observe import Observer
from fjd.dispatcher.pace import Pace
from fjd.dispatcher.picture import Painter
from fjd.dispatcher.servant import Servant
from fjd.dispatcher.stuck import Stuck
from fjd.dispatcher.terms import TermsReader
from fjd.dispatcher.whereabouts import Whereabouts
from fjd.errors import DiskError, SpoolGone
from fjd.ledger import Ledger
from fjd.settings import Timings
from fjd.snapshot import EventKind, Mode, Snapshot
from fjd.spool import create
from fjd.spool.layout import Layout
from fjd.spool.lease import Lease, NoLease
from fjd.spool.watch import Hints, Stop, Watch

_WAIT_S = 0.25
_BLIND_WAIT_S = 0.05
_BUSY_WAIT_S = 0.02
_BUSY_PER_S = 50
_BUSY_PER_WORKER = 20
"""With so many ends a second, and more to hand out, each look finds news in most journals anyhow; an event for each
would only take time from the workers. With fewer, to look into all journals costs more."""
_WAVE_S = 1.0
_RETRY_FIRST_S, _RETRY_LAST_S = 0.1, 5.0
_SAID_MAX = 8


class Until(Enum):
    """When a dispatcher is finished."""

    EMPTY = "a first job has come, the queue is empty and nothing runs"
    ONCE = "the queue is empty and nothing runs"
    STOPPED = "it is stopped"


class Ended(Enum):
    """Why a dispatcher ended."""

    EMPTY = "no more jobs"
    HALTED = "enough jobs have ended"
    STOPPED = "stopped"
    SPOOL_GONE = "the spool is gone"


class Dispatcher:
    """Hands out the jobs of the spool at ``layout``. One thread runs it; others may call `snapshot`."""

    def __init__(
        self,
        layout: Layout,
        timings: Timings | None = None,
        *,
        only_looks: bool = False,
        crew: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """One that ``only_looks`` never dispatches, and makes and changes no file: it shows what is there.

        ``crew`` is what a command line wants of an elastic crew, in the keys of ``[crew]``.
        """
        self._layout = layout
        self._only_looks = only_looks
        self._clock = clock
        self._wall = time.time
        timings = timings or Timings()
        self.ledger = Ledger(timings)
        terms = TermsReader()
        self._admission = Admission(layout, self.ledger, terms, timings.settle_s, only_looks=only_looks, clock=clock)
        self._actor = Actor(layout, self.ledger, self._admission, terms, only_looks=only_looks, clock=clock)
        self._observer = Observer(layout, self.ledger, self._admission, terms, self._actor.find, clock=clock)
        self._whereabouts = Whereabouts(layout, self.ledger, self._observer.look_for_jobs, clock=clock)
        self._finish = Finish(layout, self.ledger, clock=clock)
        self._crewing = Crewing(layout, self.ledger, clock=clock)
        self._servant = Servant(
            layout, self.ledger, self._admission, terms, self._finish, self._crewing, crew=crew or {}, clock=clock
        )
        self._painter = Painter(self.ledger, layout.root, clock=clock)
        self._stuck = Stuck(self.ledger, clock=clock)
        self._batches = Batches(layout, timings.look_s, timings.settle_s, clock=clock)
        self._writes_down = WritesDown(layout)
        self._lease = (NoLease if only_looks else Lease)(layout, timings.lease_s)
        self._lease_pace = Pace(timings.look_s, clock=clock)
        self._watch = Watch(
            (layout.jobqueue, layout.workerqueue, layout.journals, layout.private),
            clock=clock,
        )
        self._mode = Mode.STARTING
        self._holder = ""
        self._trouble = ""
        self._said: set[str] = set()
        """What was said of the present trouble; it may have several faces, taking turns."""
        self._retry_s = _RETRY_FIRST_S
        self._has_begun = False
        self._has_seen_a_job = False
        self._wave_s = float("-inf")

    @property
    def keeps_crew(self) -> bool:
        """Whether an elastic crew is kept, and not only thought about."""
        return self._crewing.acts

    def finish_crew(self) -> None:
        """To be called after `run`, before whoever was hired is fired: a hiring may be on its way."""
        self._crewing.finish()

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot; the same object as last time when nothing has changed."""
        return self._painter.latest

    def run(
        self,
        stop: Stop | None = None,
        *,
        until: Until = Until.EMPTY,
        on_step: Callable[[Snapshot], None] | None = None,
        paints: bool = True,
        ends_halted: bool = True,
    ) -> Ended:
        """Repeat `step` until it is finished or ``stop`` is set. ``on_step`` is called with the snapshot after each.

        Where nobody looks at snapshots they need not be made: without ``paints`` there is one at the end. Halted by a
        rule, it ends when what runs has ended, or goes on to look if ``ends_halted`` is not set.
        """
        stop = stop or threading.Event()
        tell = on_step or (lambda _snapshot: None)
        hints: Hints = {}
        try:
            while not stop.is_set():
                if self._step_or_trouble(hints) is Ended.SPOOL_GONE:
                    return Ended.SPOOL_GONE
                tell(self._paint() if paints else self.snapshot())
                if self._is_finished(until):
                    return Ended.EMPTY
                if ends_halted and self._has_halted():
                    return Ended.HALTED
                hints = self._rest(stop)
            return Ended.STOPPED
        finally:
            self._close()
            tell(self._paint(at_once=True))

    def step(self, hints: Hints | None = None) -> None:
        """One pass of observe, decide, act. Raises `DiskError` when the disk refuses something."""
        self.ledger.wall_s = self._wall()
        if not self._has_begun:
            self._observer.begin()
            if not self._only_looks:
                create.sweep(self._layout)
            self._has_begun = True
        self._servant.look()
        self._observer.look(hints or {})
        self._admission.admit()
        self.ledger.time_passes(self._clock())
        self._whereabouts.settle()
        self.ledger.halted = self.ledger.halted or policy.reached(self.ledger)
        is_ours = self._dispatches()
        if is_ours:
            self._act()
        self._crewing.look(is_ours=is_ours)
        counts = self.ledger.counts
        self._has_seen_a_job = self._has_seen_a_job or bool(counts.unfinished or self.ledger.ended_here)

    # ---- acting

    def _dispatches(self) -> bool:
        """Tell whether it is ours to dispatch (rule 7), and set the mode that says so."""
        if self._lease_pace.due():
            with self._lease_pace:
                is_ours = self._lease.is_ours()
                if not self._actor.journal.revive():
                    create.mend(self._layout)
                self._say_who_dispatches(is_ours)
                self._holder = "" if is_ours else self._lease.holder()
        if self._mode in (Mode.DISPATCHING, Mode.PAUSED, Mode.HALTED):
            self._mode = self._mode_of_ours()
        return self._mode is not Mode.WATCHING

    def _mode_of_ours(self) -> Mode:
        if self.ledger.halted and self._mode is not Mode.HALTED:
            self.ledger.note(EventKind.NOTE, self.ledger.halted)
        if self.ledger.halted:
            return Mode.HALTED
        return Mode.PAUSED if self.ledger.is_paused else Mode.DISPATCHING

    def _say_who_dispatches(self, is_ours: bool) -> None:
        before = self._mode
        if not is_ours or before in (Mode.STARTING, Mode.WATCHING):
            self._mode = Mode.DISPATCHING if is_ours else Mode.WATCHING
        self._actor.tells = is_ours
        if before is Mode.WATCHING and is_ours:
            self._observer.take_over()
            self.ledger.note(EventKind.NOTE, "the other dispatcher is gone, and this one takes over")
        elif before is not Mode.WATCHING and not is_ours and not self._only_looks:
            holder = self._lease.holder()
            self.ledger.note(EventKind.NOTE, f"{holder} dispatches this spool already; watching until it is gone")

    def _act(self) -> None:
        self._batches.go_on()
        now_s = self._clock()
        for refused in self._admission.to_give_up():
            self._actor.give_up(refused, now_s)
        for worker in self._observer.orphans():
            self._actor.bury_orphan(worker)
        handed = self._actor.act(policy.plan(self.ledger, now_s), now_s)
        if handed and now_s - self._wave_s >= _WAVE_S:
            self._wave_s = now_s
            self.ledger.note(EventKind.HANDED_OUT, "Found some jobs to dispatch")
        self._stuck.look()
        self._writes_down.look(self.ledger.ended_here + self._observer.unwritten // 2)

    # ---- trouble

    def _step_or_trouble(self, hints: Hints) -> Ended | None:
        """Step; what the disk refuses is said once and tried again, at growing distances."""
        try:
            self.step(hints)
            self._actor.journal.flush()
        except SpoolGone as error:
            self.ledger.note(EventKind.TROUBLE, str(error))
            return Ended.SPOOL_GONE
        except DiskError as error:
            self._say_trouble(str(error))
            if not self._only_looks:
                create.mend(self._layout)
            return None
        if self._trouble:
            self.ledger.note(EventKind.NOTE, "the disk does as asked again; going on")
            self._trouble, self._retry_s = "", _RETRY_FIRST_S
            self._said.clear()
        return None

    def _say_trouble(self, text: str) -> None:
        self._trouble = text
        if text not in self._said and len(self._said) < _SAID_MAX:
            self._said.add(text)
            self.ledger.note(EventKind.TROUBLE, text)
        self._retry_s = min(2 * self._retry_s, _RETRY_LAST_S)

    # ---- between two steps

    def _rest(self, stop: Stop) -> Hints:
        """Wait for something to happen, but not at all while files are to be read, and longer when there is trouble."""
        if self._trouble:
            stop.wait(self._retry_s)
            return {}
        if self._admission.has_unread or self.ledger.bonds.has_news:
            return self._watch.wait(0.0, stop)
        if self._is_busy():
            self._watch.close()
            stop.wait(_BUSY_WAIT_S)
            return {self._layout.journals: set()}
        if self._watch.is_blind:
            stop.wait(_BLIND_WAIT_S)
            return {directory: set() for directory in (self._layout.jobqueue, self._layout.journals)}
        return self._watch.wait(_WAIT_S, stop)

    def _is_busy(self) -> bool:
        least_per_s = max(_BUSY_PER_S, _BUSY_PER_WORKER * len(self.ledger.workers))
        return bool(self.ledger.waiting) and self.ledger.rates.per_s(self._clock()) >= least_per_s

    def _is_finished(self, until: Until) -> bool:
        """Tell whether there is nothing left to do; looked at twice, the second time at everything."""
        self._finish.look()
        if not self._is_idle(until) or (until is Until.STOPPED and not self._finish.is_due):
            return False
        if (
            not self._sees_all()
            or not self._is_idle(until)
            or self._finish.goes_on(is_ours=self._mode is not Mode.WATCHING)
        ):
            return False
        return until is not Until.STOPPED

    def _sees_all(self) -> bool:
        """Look at everything; False when that cannot be, or when more jobs may come."""
        try:
            self._observer.look_at_all()
            return not self.ledger.strays and not self._batches.are_pending()
        except (DiskError, SpoolGone):
            return False  # the next step says what is wrong

    def _has_halted(self) -> bool:
        """Tell whether nothing more is handed out and nothing runs any more."""
        self._finish.look()
        if not self.ledger.halted or self.ledger.active or self._trouble or self._mode is not Mode.HALTED:
            return False
        return self._sees_all() and not self.ledger.active and not self._finish.goes_on(is_ours=True)

    def _is_idle(self, until: Until) -> bool:
        if self._trouble or self._mode is Mode.STARTING:
            return False
        is_over = not self.ledger.counts.unfinished
        return is_over and (until is Until.ONCE or self._has_seen_a_job)

    def _paint(self, *, at_once: bool = False) -> Snapshot:
        mode = Mode.TROUBLED if self._trouble else self._mode
        return self._painter.paint(mode, holder=self._holder, trouble=self._trouble, at_once=at_once)

    def _close(self) -> None:
        self._mode = Mode.STOPPED
        self._crewing.close()
        self._finish.close()
        self._watch.close()
        self._actor.journal.close()
        try:
            self._lease.release()
        except DiskError as error:
            self.ledger.note(EventKind.TROUBLE, str(error))
