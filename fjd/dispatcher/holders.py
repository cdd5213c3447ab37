"""Looks into the pods and the running directories: who holds what by the disk, whatever the stories say."""

import time
from collections.abc import Callable, Iterator

from fjd.dispatcher.listing import Listings
from fjd.dispatcher.stories import Stories
from fjd.dispatcher.terms import TermsReader
from fjd.errors import FileRefused
from fjd.ledger import Active, Ledger
from fjd.spool import fsio
from fjd.spool.layout import Layout


class Holders:
    """Puts the ledger right. ``find`` looks for a job that its worker holds no more and told nothing of."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        listings: Listings,
        stories: Stories,
        terms: TermsReader,
        find: Callable[[Active], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._ledger = ledger
        self._listings = listings
        self._stories = stories
        self._terms = terms
        self._find = find
        self._clock = clock
        self._orphans: dict[str, float] = {}

    def reconcile(self) -> None:
        """Compare who holds what with the pods and the running directories, and put the ledger right."""
        held: dict[str, str] = {}
        for worker in list(self._ledger.workers):
            held |= dict.fromkeys(self._look_into(worker), worker)
        for active in list(self._ledger.active.values()):
            self._check(active, held.get(active.name))
        self._look_for_orphans()

    def _look_into(self, worker: str) -> list[str]:
        """Return what the worker holds by its directories, having told the ledger what it did not know."""
        pod = self._listings.names(self._layout.pod(worker)) or []
        running = self._listings.names(self._layout.running_dir(worker)) or []
        self._stories.follow(worker, self._clock())
        if ".order-drain" in pod or ".order-fire" in pod:
            self._ledger.worker_drains(worker)
        handed = [name for name in pod if not name.startswith(".")]
        now_s = self._clock()
        for name in handed:
            known = self._ledger.active.get(name)
            # One that ran and lies in the pod again was moved back by hand, and handed out by another dispatcher.
            is_news = known is None or (known.is_running and known.worker == worker and name not in running)
            if is_news and _stands(path := self._layout.handed(worker, name)):
                self._ledger.job_seen_handed(name, worker, now_s, self._terms.at_path(path))
        for name in running:
            known = self._ledger.active.get(name)
            is_news = known is None or not (known.is_running or known.is_passed_by)
            if is_news and _stands(path := self._layout.running(worker, name)):
                self._ledger.job_started(name, worker, now_s, self._ledger.attempts.get(name, 1))
                if self._ledger.active[name].terms is None:
                    self._ledger.active[name].terms = self._terms.at_path(path)
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
        self._ledger.stray(self._strays())

    def _has_directory(self, worker: str) -> bool:
        places = (self._layout.pod(worker), self._layout.running_dir(worker))
        return any(fsio.dir_stamp(place) is not None for place in places)

    def _strays(self) -> Iterator[str]:
        """Yield the jobs that are with somebody whom nobody announces: they have not ended, whoever that is."""
        for worker in self._orphans:
            for directory in (self._layout.pod(worker), self._layout.running_dir(worker)):
                yield from (name for name in fsio.names(directory) or () if not name.startswith("."))

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


def _stands(path: str) -> bool:
    """Tell whether a file stands there; one that the disk refuses to show was listed, and so does."""
    try:
        return fsio.stamp(path) is not None
    except FileRefused:
        return True
