"""Looks at ``done/`` and ``failed/``: how many stand there, and what stands there without a story."""

import time
from collections.abc import Callable, Container, Iterable
from itertools import islice

from fjd.dispatcher.listing import Listings
from fjd.dispatcher.pace import Pace
from fjd.ledger import HISTORY_MAX, Ledger
from fjd.snapshot import JobState, JobView
from fjd.spool.layout import Layout

_DONE_SHARE = 0.01
"""Most of what comes into ``done/`` was told in the journals before; there may be a million, and nobody waits
for them."""
_UNTOLD = "cancelled, or moved here by hand"


class EndedJobs:
    """Tells the ledger. ``look_at_job`` looks where a job is that is thought to wait."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        listings: Listings,
        look_at_job: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._ledger = ledger
        self._listings = listings
        self._look_at_job = look_at_job
        look_s = ledger.timings.look_s
        self._paces = {
            JobState.DONE: Pace(look_s, share=_DONE_SHARE, clock=clock),
            JobState.FAILED: Pace(look_s, clock=clock),
        }
        self._counted: dict[JobState, int] = {}
        self._cancelled: dict[str, JobView] = {}
        """What users have told of jobs that were not seen among the failed yet."""

    def count(self, *, always: bool = False) -> None:
        """Count them where it is time to, or ``always``."""
        for state, directory in ((JobState.DONE, self._layout.done_dir), (JobState.FAILED, self._layout.failed_dir)):
            pace = self._paces[state]
            if always or pace.due():
                with pace:
                    self._count(state, directory, always=always)

    def _count(self, state: JobState, directory: str, *, always: bool) -> None:
        """List it only when that can show something: it has changed, or we have counted on without looking."""
        counted = self._ledger.done_count if state is JobState.DONE else self._ledger.failed_count
        if not (self._listings.has_changed(directory) or counted != self._counted.get(state) or always):
            return
        names = self._listings.each_name(directory) or iter(())
        jobs = (name for name in names if not name.startswith("."))
        if state is JobState.DONE and not self._ledger.bonds.wants:
            self._note(state, *_tally(jobs, self._ledger.done))
            return
        all_jobs = frozenset(jobs)
        back = sum(name in all_jobs for name in self._ledger.retrying) if state is JobState.FAILED else 0
        self._note(state, len(all_jobs) - back, all_jobs)  # those that are tried again have not ended
        self._ledger.bonds.notice(all_jobs)
        if state is JobState.FAILED:
            self._show_untold(all_jobs)

    def _note(self, state: JobState, count: int, standing: frozenset[str]) -> None:
        self._counted[state] = count
        self._ledger.count_ended(state, count, standing)

    def _show_untold(self, failed: frozenset[str]) -> None:
        """Show what stands in ``failed/`` without a story: it was cancelled, moved there, or its writer died too early.

        One that is with a worker by all we know has a story that is still to come, or to be filled in: it is looked at
        again.
        """
        untold = failed - self._ledger.failed.keys() - self._ledger.retrying.keys()
        if not untold.isdisjoint(self._ledger.active):
            self._listings.forget(self._layout.failed_dir)
        for name in islice(untold - self._ledger.active.keys(), HISTORY_MAX):
            if name in self._ledger.waiting:  # the queue was looked at before it was cancelled
                self._look_at_job(name)
            self._ledger.remember(self._cancelled.pop(name, JobView(name, JobState.FAILED, reason=_UNTOLD)))

    def hear_who_cancelled(self, views: Iterable[JobView]) -> None:
        """Note what users have told of jobs that they cancelled.

        They move first and tell then, so that such a job may have been shown without a reason, or not at all.
        """
        for view in views:
            known = self._ledger.failed.get(view.name)
            if known is None and len(self._cancelled) < HISTORY_MAX:
                self._cancelled[view.name] = view
            elif known is not None and known.reason == _UNTOLD:
                self._ledger.remember(view)
                self._ledger.version += 1


def _tally(jobs: Iterable[str], known: Container[str]) -> tuple[int, frozenset[str]]:
    """Return how many there are, and which of them are ``known``: there may be a million others."""
    count, standing = 0, set()
    for job in jobs:
        count += 1
        if job in known:
            standing.add(job)
    return count, frozenset(standing)
