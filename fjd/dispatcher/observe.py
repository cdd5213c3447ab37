"""Looks at the spool and tells the ledger what is there. It moves nothing.

Hints say where to look at once; each kind of look has its own pace besides, so that what no event told is seen all the
same (rule 9).
"""

import contextlib
import time
from collections.abc import Callable, Iterator

from fjd import capacity
from fjd.dispatcher.admission import Admission
from fjd.dispatcher.ended import EndedJobs
from fjd.dispatcher.holders import Holders
from fjd.dispatcher.listing import Listings
from fjd.dispatcher.pace import SHARE, Pace
from fjd.dispatcher.stories import Stories
from fjd.dispatcher.terms import TermsReader
from fjd.errors import FileRefused, JobFileError, NotAJob, SpoolGone, UnsafeError
from fjd.ledger import Active, Ledger, Readiness
from fjd.snapshot import EventKind
from fjd.spool import announce, fsio, journal
from fjd.spool.layout import Layout, is_job_name
from fjd.spool.watch import Hints

_PAUSE_SHARE = 0.2
"""It is one question to a server, and a person waits for what follows from the answer."""
_STORIES_SHARE = 0.5
"""What ended is what all the rest waits for, and no event tells what a worker of another host has written. Read for a
fiftieth of the time, the journals of sixteen were read every 16 s where the server is 5 ms away, and the workers waited
(simulated)."""

_READING_S = 0.02
_READING_SHARE = 0.2
"""While files of the queue are still to be read nobody waits for events, and a million take a minute: so long the
workers would get something to do once a second (with 100,000 waiting, 44 jobs ended in the first two seconds)."""


class Observer:
    """Keeps the ledger true to the spool at ``layout``."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        admission: Admission,
        terms: TermsReader,
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
        self._listings = Listings(layout)
        self._stories = Stories(layout, ledger, terms)
        self._ended = EndedJobs(layout, ledger, self._listings, self._look_at_job, clock=clock)
        self._holders = Holders(layout, ledger, self._listings, self._stories, terms, find, clock=clock)
        self._queue_pace = Pace(timings.look_s, clock=clock)
        self._workers_pace = Pace(timings.look_s, clock=clock)
        self._alive_pace = Pace(timings.alive_s, clock=clock)
        self._pause_pace = Pace(timings.look_s, share=_PAUSE_SHARE, clock=clock)
        self._stories_pace = Pace(timings.look_s, clock=clock)
        self._reading_pace = Pace(_READING_S, share=_READING_SHARE, clock=clock)
        self._reconcile_pace = Pace(timings.reconcile_s, clock=clock)
        self._held_pace = Pace(timings.look_s, clock=clock)
        self._host_pace = Pace(timings.look_s, clock=clock)
        self._untold: set[str] = set()

    @property
    def unwritten(self) -> int:
        """How many lines of the past had to be read since it was last written down."""
        return self._stories.unwritten

    def begin(self) -> None:
        """Make the first picture: what is told in the journals, then what stands in the directories.

        With 10,000 workers on a far server it is the round trips for each that count, so that nothing is asked twice:
        when it was heard of a worker is asked after this, and its journal not again in the look that follows at once.
        """
        with self._workers_pace:
            self._list_workers()
        self._stories.read_history(set(self._ledger.workers), self._clock())
        self._ended.count(always=True)
        self._look_at_queue(None)
        self.reconcile()
        self._stories_pace.rest()

    def look(self, hints: Hints) -> None:
        """Look where the hints point and where it is time to; ``hints`` as `fjd.spool.watch` gives them."""
        self._look_whether_paused()
        self._look_at_host()
        self._look_at_workers(hints.get(self._layout.workerqueue))
        self._follow_stories(hints.get(self._layout.journals))
        self._look_at_queue(hints.get(self._layout.jobqueue))
        self._ended.count()
        self._look_at_held()
        if self._reconcile_pace.due():
            self.reconcile()

    def _look_whether_paused(self) -> None:
        """Look whether there is the file that says so; on a network it may have been made, or removed, elsewhere."""
        if self._listings.is_network and self._pause_pace.due():
            with self._pause_pace:
                fsio.refresh(self._layout.private)
        self._ledger.is_paused = fsio.stamp(self._layout.paused_file) is not None

    def reconcile(self) -> None:
        """Compare who holds what with the pods and the running directories, and put the ledger right."""
        with self._reconcile_pace:
            self._holders.reconcile()

    def look_at_all(self) -> None:
        """Look at everything now, whatever its pace."""
        paces = (self._queue_pace, self._workers_pace, self._stories_pace, self._reconcile_pace, self._held_pace)
        for pace in paces:
            pace.hurry()
        self._listings.forget()
        self.look({})
        self._ended.count(always=True)

    def take_over(self) -> None:
        """Look at everything, journals of other dispatchers too: what the last one did was not told to us."""
        self.look_at_all()
        self._stories.read_history(set(self._ledger.workers), self._clock())
        self._ended.count(always=True)

    def look_for_jobs(self) -> None:
        """Look at once who waits and who is held, where that has changed: before a glob is said to be over."""
        self._list_queue()
        self._list_held()

    def orphans(self) -> list[str]:
        """Return whose directories have stood without an announcement for longer than the lease."""
        return self._holders.orphans()

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
        known = self._ledger.waiting.get(name)
        try:
            stamp = fsio.stamp(self._layout.queued(name))
        except FileRefused:
            self._ledger.job_appeared(name)  # reading it says why
            return
        if stamp is None:
            self._ledger.job_left_queue(name)
        elif known is None and not self._admission.is_left_alone(name):
            self._ledger.job_appeared(name)
        elif known is not None and known.readiness is Readiness.READY and known.stamp != stamp:
            self._ledger.job_changed(name, Readiness.UNREAD)  # edited: it may have another priority now

    def _list_queue(self) -> None:
        if not self._listings.has_changed(self._layout.jobqueue):
            return
        waiting = self._ledger.waiting
        unknown, known = self._ledger.queue.compare(self._each_in_queue())
        if known < len(waiting):
            for name in set(waiting).difference(self._each_in_queue()):
                self._ledger.job_left_queue(name)
        self._ledger.jobs_appeared(self._admission.reconsider([name for name in unknown if is_job_name(name)]))

    def _each_in_queue(self) -> Iterator[str]:
        """Yield one name after the other: there may be a million, of which most are known."""
        names = self._listings.each_name(self._layout.jobqueue)
        if names is None:
            raise SpoolGone(f"{self._layout.root} is no spool any more: its jobqueue was removed")
        return names

    def _look_at_held(self) -> None:
        if not self._held_pace.due():
            return
        with self._held_pace:
            self._list_held()

    def _list_held(self) -> None:
        if self._listings.has_changed(self._layout.held_dir):
            names = self._listings.names(self._layout.held_dir) or ()
            self._ledger.hold(name for name in names if is_job_name(name))

    # ---- the host

    def _look_at_host(self) -> None:
        """Note how busy this host is, where anybody asks."""
        if self._host_pace.due():
            with self._host_pace:
                self._ledger.load = capacity.load()
                self._ledger.available_bytes = capacity.available_bytes()

    # ---- workers

    def _look_at_workers(self, hinted: set[str] | None) -> None:
        if self._is_news(hinted) or self._workers_pace.due():
            with self._workers_pace:
                self._list_workers()
                self._take_pulses()
        if self._alive_pace.due():
            with self._alive_pace:
                self._ask_processes()

    def _is_news(self, hinted: set[str] | None) -> bool:
        """Tell whether somebody may have come or gone; most that is seen of announcements is that they are touched."""
        if not hinted:
            return hinted is not None
        for name in hinted:
            worker = announce.worker_of(name)
            is_known = worker in self._ledger.workers
            if worker and is_known is not (fsio.stamp(self._layout.announcement(worker)) is not None):
                return True
        return False

    def _list_workers(self) -> None:
        names = self._listings.names(self._layout.workerqueue)
        if names is None:
            return
        present = {worker for name in names if (worker := announce.worker_of(name))}
        for worker in present - self._ledger.workers.keys():
            self._meet(worker)
        for worker in self._ledger.workers.keys() - present:
            self._part_from(worker)
        self._untold &= present
        are_here = all(crew.is_local for crew in self._ledger.workers.values())
        self._stories_pace.share = SHARE if are_here else _STORIES_SHARE

    def _meet(self, worker: str) -> None:
        try:
            announcement = announce.read(self._layout, worker)
        except (FileRefused, JobFileError, NotAJob, UnsafeError) as error:
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
            if crew.is_local:
                continue
            with contextlib.suppress(FileRefused):  # it is the disk that is silent, not the worker
                if (beat_ns := fsio.heartbeat(self._layout.announcement(worker))) is not None:
                    self._ledger.worker_beat(worker, beat_ns, now_s)

    def _ask_processes(self) -> None:
        for worker, crew in self._ledger.workers.items():
            if crew.is_local and not crew.is_dead and not crew.announcement.process_lives():
                self._stories.follow(worker, self._clock())
                self._ledger.worker_died(worker)

    # ---- stories

    def _follow_stories(self, hinted: set[str] | None) -> None:
        is_due = self._stories_pace.due() or (self._admission.has_unread and self._reading_pace.due())
        if (hinted is not None and not hinted) or is_due:
            with self._stories_pace, self._reading_pace:
                self._follow(set(self._ledger.workers))
                self._ended.hear_who_cancelled(self._stories.cancelled())
        elif hinted:
            self._follow({name.removesuffix(journal.SUFFIX) for name in hinted} & self._ledger.workers.keys())

    def _follow(self, workers: set[str]) -> None:
        for worker in workers:
            self._stories.follow(worker, self._clock())
