"""Looks at the spool and tells the ledger what is there. It moves nothing.

Hints say where to look at once; each kind of look has its own pace besides, so that what no event told is seen all the
same (rule 9).
"""

import time
from collections.abc import Callable
from itertools import islice

from fjd.dispatcher.admission import Admission
from fjd.dispatcher.pace import Pace
from fjd.dispatcher.stories import Stories
from fjd.errors import JobFileError, NotAJob, SpoolGone, UnsafeError
from fjd.ledger import HISTORY_MAX, Active, Ledger, Readiness
from fjd.order import natural_key
from fjd.snapshot import EventKind, JobState, JobView
from fjd.spool import announce, fsio, journal, wholeness
from fjd.spool.layout import Layout, is_job_name
from fjd.spool.watch import Hints


class Observer:
    """Keeps the ledger true to the spool at ``layout``."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        admission: Admission,
        find: Callable[[Active], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``find`` looks for a job that its worker holds no more and told nothing of."""
        timings = ledger.timings
        self._layout = layout
        self._ledger = ledger
        self._admission = admission
        self._find = find
        self._clock = clock
        self._stories = Stories(layout, ledger)
        self._is_network = wholeness.is_network(layout.root)
        self._queue_pace = Pace(timings.look_s, clock=clock)
        self._workers_pace = Pace(timings.look_s, clock=clock)
        self._alive_pace = Pace(timings.alive_s, clock=clock)
        self._stories_pace = Pace(timings.look_s, clock=clock)
        self._reconcile_pace = Pace(timings.reconcile_s, clock=clock)
        self._ended_paces = {state: Pace(timings.look_s, clock=clock) for state in (JobState.DONE, JobState.FAILED)}
        self._held_pace = Pace(timings.look_s, clock=clock)
        self._stamps: dict[str, int | None] = {}
        self._untold: set[str] = set()
        self._ended_counted: dict[JobState, int] = {}
        self._orphans: dict[str, float] = {}

    def begin(self) -> None:
        """Make the first picture: what is told in the journals, then what stands in the directories."""
        self._look_at_workers(None)
        self._stories.read_history(set(self._ledger.workers), self._clock())
        self._count_ended(always=True)
        self._look_at_queue(None)
        self.reconcile()

    def look(self, hints: Hints) -> None:
        """Look where the hints point and where it is time to; ``hints`` as `fjd.spool.watch` gives them."""
        self._ledger.is_paused = fsio.stamp(self._layout.paused_file) is not None
        self._look_at_workers(hints.get(self._layout.workerqueue))
        self._follow_stories(hints.get(self._layout.journals))
        self._look_at_queue(hints.get(self._layout.jobqueue))
        self._count_ended()
        self._look_at_held()
        if self._reconcile_pace.due():
            self.reconcile()

    def look_at_all(self) -> None:
        """Look at everything now, whatever its pace."""
        paces = (self._queue_pace, self._workers_pace, self._stories_pace, self._reconcile_pace, self._held_pace)
        for pace in paces:
            pace.hurry()
        self._stamps.clear()
        self.look({})
        self._count_ended(always=True)

    def take_over(self) -> None:
        """Look at everything, journals of other dispatchers too: what the last one did was not told to us."""
        self.look_at_all()
        self._stories.read_history(set(self._ledger.workers), self._clock())
        self._count_ended(always=True)

    # ---- the queue

    def _look_at_queue(self, hinted: set[str] | None) -> None:
        if hinted:
            for name in hinted:
                self._look_at_job(name)
        if (hinted is not None and not hinted) or self._queue_pace.due():
            with self._queue_pace:
                self._list_queue()

    def _look_at_job(self, name: str) -> None:
        if not is_job_name(name):
            return
        stamp = fsio.stamp(self._layout.queued(name))
        known = self._ledger.waiting.get(name)
        if stamp is None:
            self._ledger.job_left_queue(name)
        elif known is None and not self._admission.is_left_alone(name):
            self._ledger.job_appeared(name)
        elif known is not None and known.readiness is Readiness.READY and known.stamp != stamp:
            self._ledger.job_changed(name, Readiness.UNREAD)  # edited: it may have another priority now

    def _list_queue(self) -> None:
        if not self._has_changed(self._layout.jobqueue):
            return
        names = fsio.names(self._layout.jobqueue, fresh=self._is_network)
        if names is None:
            raise SpoolGone(f"{self._layout.root} is no spool any more: its jobqueue was removed")
        jobs = self._admission.reconsider({name for name in names if is_job_name(name)})
        for name in self._ledger.waiting.keys() - jobs:
            self._ledger.job_left_queue(name)
        for name in sorted(jobs - self._ledger.waiting.keys(), key=natural_key):
            self._ledger.job_appeared(name)

    def _has_changed(self, directory: str) -> bool:
        """Tell whether a listing can show anything new: on a local disk a directory's mtime grows with each change.

        Within the last tick of the filesystem's clock it may change twice and show once, so a stamp that is so young is
        not remembered.
        """
        stamp = fsio.dir_stamp(directory)
        if self._is_network or stamp is None or stamp != self._stamps.get(directory):
            is_settled = stamp is not None and time.time_ns() - stamp > 100_000_000
            self._stamps[directory] = stamp if is_settled else None
            return True
        return False

    def _look_at_held(self) -> None:
        if not self._held_pace.due():
            return
        with self._held_pace:
            if self._has_changed(self._layout.held_dir):
                names = fsio.names(self._layout.held_dir, fresh=self._is_network) or ()
                self._ledger.hold(name for name in names if is_job_name(name))

    # ---- workers

    def _look_at_workers(self, hinted: set[str] | None) -> None:
        if hinted is not None or self._workers_pace.due():
            with self._workers_pace:
                self._list_workers()
                self._take_pulses()
        if self._alive_pace.due():
            with self._alive_pace:
                self._ask_processes()

    def _list_workers(self) -> None:
        names = fsio.names(self._layout.workerqueue, fresh=self._is_network)
        if names is None:
            return
        present = {worker for name in names if (worker := announce.worker_of(name))}
        for worker in present - self._ledger.workers.keys():
            self._meet(worker)
        for worker in self._ledger.workers.keys() - present:
            self._part_from(worker)
        self._untold &= present

    def _meet(self, worker: str) -> None:
        try:
            announcement = announce.read(self._layout, worker)
        except (JobFileError, NotAJob, UnsafeError) as error:
            if worker not in self._untold:
                self._untold.add(worker)
                self._ledger.note(EventKind.NOTE, f"{worker} in workerqueue/ is passed by: {error}", worker=worker)
            return
        if announcement is not None:
            self._ledger.worker_came(announcement, is_local=announcement.is_here(), now_s=self._clock())

    def _part_from(self, worker: str) -> None:
        """It has withdrawn its announcement, and so has given back what it held."""
        self._stories.follow(worker, self._clock())
        for held in self._ledger.worker_left(worker, EventKind.WORKER_LEFT, f"{worker} left"):
            self._find(held)
        self._stories.let_go(worker)

    def _take_pulses(self) -> None:
        for worker, crew in self._ledger.workers.items():
            now_s = self._clock()  # before the look: however long that takes, it is not the worker that is silent
            if not crew.is_local and (beat_ns := fsio.heartbeat(self._layout.announcement(worker))) is not None:
                self._ledger.worker_beat(worker, beat_ns, now_s)

    def _ask_processes(self) -> None:
        for worker, crew in self._ledger.workers.items():
            if crew.is_local and not crew.is_dead and not crew.announcement.process_lives():
                self._stories.follow(worker, self._clock())
                self._ledger.worker_died(worker)

    # ---- stories

    def _follow_stories(self, hinted: set[str] | None) -> None:
        if (hinted is not None and not hinted) or self._stories_pace.due():
            with self._stories_pace:
                self._follow(set(self._ledger.workers))
        elif hinted:
            self._follow({name.removesuffix(journal.SUFFIX) for name in hinted} & self._ledger.workers.keys())

    def _follow(self, workers: set[str]) -> None:
        for worker in workers:
            self._stories.follow(worker, self._clock())

    # ---- what has ended

    def _count_ended(self, *, always: bool = False) -> None:
        for state, directory in ((JobState.DONE, self._layout.done_dir), (JobState.FAILED, self._layout.failed_dir)):
            pace = self._ended_paces[state]
            if always or pace.due():
                with pace:
                    self._count(state, directory, always=always)

    def _count(self, state: JobState, directory: str, *, always: bool) -> None:
        """List it only when that can show something: it has changed, or we have counted on without looking."""
        counted = self._ledger.done_count if state is JobState.DONE else self._ledger.failed_count
        if not (self._has_changed(directory) or counted != self._ended_counted.get(state) or always):
            return
        names = frozenset(fsio.names(directory, fresh=self._is_network) or ())
        jobs = frozenset(name for name in names if not name.startswith("."))
        back = sum(name in jobs for name in self._ledger.retrying) if state is JobState.FAILED else 0
        self._ended_counted[state] = len(jobs) - back  # those that are tried again have not ended
        self._ledger.count_ended(state, len(jobs) - back, jobs)
        if state is JobState.FAILED:
            self._show_untold(jobs)

    def _show_untold(self, failed: frozenset[str]) -> None:
        """Show what stands in ``failed/`` without a story: it was cancelled, moved there, or its writer died too early.

        One that is with a worker by all we know has a story that is still to come, or to be filled in: it is looked at
        again.
        """
        untold = failed - self._ledger.failed.keys() - self._ledger.retrying.keys()
        if not untold.isdisjoint(self._ledger.active):
            self._stamps.pop(self._layout.failed_dir, None)
        for name in islice(untold - self._ledger.active.keys(), HISTORY_MAX):
            if name in self._ledger.waiting:  # the queue was looked at before it was cancelled
                self._look_at_job(name)
            self._ledger.remember(JobView(name, JobState.FAILED, reason="cancelled, or moved here by hand"))

    # ---- the whole picture against the directories

    def reconcile(self) -> None:
        """Compare who holds what with the pods and the running directories, and put the ledger right."""
        with self._reconcile_pace:
            held: dict[str, str] = {}
            for worker in list(self._ledger.workers):
                held |= dict.fromkeys(self._look_into(worker), worker)
            for active in list(self._ledger.active.values()):
                self._check(active, held.get(active.name))
            self._look_for_orphans()

    def _look_into(self, worker: str) -> list[str]:
        """Return what the worker holds by its directories, having told the ledger what it did not know."""
        pod = fsio.names(self._layout.pod(worker), fresh=self._is_network) or []
        running = fsio.names(self._layout.running_dir(worker), fresh=self._is_network) or []
        self._stories.follow(worker, self._clock())
        if ".order-drain" in pod or ".order-fire" in pod:
            self._ledger.worker_drains(worker)
        handed = [name for name in pod if not name.startswith(".")]
        now_s = self._clock()
        for name in handed:
            known = self._ledger.active.get(name)
            # One that ran and lies in the pod again was moved back by hand, and handed out by another dispatcher.
            is_news = known is None or (known.is_running and known.worker == worker and name not in running)
            if is_news and fsio.stamp(self._layout.handed(worker, name)):
                self._ledger.job_seen_handed(name, worker, now_s)
        for name in running:
            known = self._ledger.active.get(name)
            if (known is None or not known.is_running) and fsio.stamp(self._layout.running(worker, name)):
                self._ledger.job_started(name, worker, now_s, self._ledger.attempts.get(name, 1))
        return [*handed, *running]

    def _check(self, active: Active, holder: str | None) -> None:
        """A job that its worker does not hold has ended, and its story is to come, or somebody moved it by hand."""
        now_s = self._clock()
        if holder == active.worker or active.name not in self._ledger.active:
            active.missing_since_s = None
        elif active.missing_since_s is None:
            active.missing_since_s = now_s
        elif now_s - active.missing_since_s > self._ledger.timings.look_s:
            self._find(active)

    def _look_for_orphans(self) -> None:
        """Pods and running directories of workers that nobody announces: theirs to use while they start, then ours."""
        present = {*(fsio.names(self._layout.jobpods) or ()), *(fsio.names(self._layout.runnings) or ())}
        strangers = {name for name in present if not name.startswith(".")} - self._ledger.workers.keys()
        strangers = {name for name in strangers if self._has_directory(name)}  # a link or a file is nobody's
        now_s = self._clock()
        self._orphans = {name: self._orphans.get(name, now_s) for name in strangers}

    def _has_directory(self, worker: str) -> bool:
        places = (self._layout.pod(worker), self._layout.running_dir(worker))
        return any(fsio.dir_stamp(place) is not None for place in places)

    def has_strays(self) -> bool:
        """Tell whether jobs are with somebody whom nobody announces: they have not ended, whoever that is."""
        directories = [
            path(worker) for worker in self._orphans for path in (self._layout.pod, self._layout.running_dir)
        ]
        return any(not name.startswith(".") for directory in directories for name in fsio.names(directory) or ())

    def orphans(self) -> list[str]:
        """Return whose directories have stood without an announcement for longer than the lease."""
        now_s, lease_s = self._clock(), self._ledger.timings.lease_s
        return [
            worker
            for worker, since_s in self._orphans.items()
            if now_s - since_s > lease_s and not self._is_announced(worker)  # it may have come since the last look
        ]

    def _is_announced(self, worker: str) -> bool:
        return worker in self._ledger.workers or fsio.stamp(self._layout.announcement(worker)) is not None
