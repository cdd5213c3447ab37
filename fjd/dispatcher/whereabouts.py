"""Looks in the directories for jobs that others wait for: those that ended before we came, or were moved by hand.

Names are looked up one by one. Globs need listings of all that has ended, which may be a million names: these are made
for all globs at once, and for no more than a part of the time.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from fjd.dispatcher.listing import Listings
from fjd.dispatcher.pace import Pace
from fjd.ledger import Ledger, Target
from fjd.spool import batches, fsio
from fjd.spool.layout import Layout

_SHARE = 0.1


class _Place(Enum):
    DONE = auto()
    FAILED = auto()
    ELSEWHERE = auto()
    """It waits or is held, and the ledger is about to see it."""
    NOWHERE = auto()


class Whereabouts:
    """Settles who waits for whom. ``look_for_jobs`` shows the ledger who waits and who is held at this moment."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        look_for_jobs: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._ledger = ledger
        self._look_for_jobs = look_for_jobs
        self._clock = clock
        self._listings = Listings(layout)
        self._globs_pace = Pace(0.0, share=_SHARE, clock=clock)
        self._lost_s: dict[str, float] = {}

    def settle(self) -> None:
        """Let the ledger settle, and look up what it does not know."""
        self._ledger.settle()
        bonds = self._ledger.bonds
        if not bonds.wants:
            return
        self._look_for_batches()
        self._look_for_lost()
        questions = bonds.questions()
        for target in questions:
            if not target.is_glob:
                self._look_up(target)
        if any(target.is_glob for target in questions) and self._globs_pace.due():
            with self._globs_pace:
                self._look_up_globs()
        self._ledger.settle()

    def _look_for_batches(self) -> None:
        """While batches are on their way, no glob is over; when they are through, see all that they brought first."""
        are_coming = bool(batches.pending(self._layout))
        if self._ledger.bonds.are_more_coming and not are_coming:
            self._look_for_jobs()
            self._ledger.settle()
        self._ledger.bonds.expect_more(are_coming=are_coming)

    # ---- names

    def _look_up(self, target: Target) -> None:
        place = self._place(target.pattern)
        if place is not _Place.ELSEWHERE:
            failed = [target.pattern] if place is _Place.FAILED else []
            self._ledger.bonds.answer(target, has_done=place is _Place.DONE, failed=failed)

    def _look_for_lost(self) -> None:
        """Look for jobs that have left for where we did not see. Who is nowhere for a while has been removed."""
        bonds, now_s = self._ledger.bonds, self._clock()
        self._lost_s = {job: self._lost_s.get(job, now_s) for job in bonds.lost}
        for job, since_s in self._lost_s.items():
            place = self._place(job)
            if place in (_Place.DONE, _Place.FAILED):
                bonds.ended(job, is_done=place is _Place.DONE)
            elif place is _Place.NOWHERE and now_s - since_s > self._ledger.timings.reconcile_s:
                bonds.vanished(job)

    def _place(self, job: str) -> _Place:
        """Return where it stands. Of an older and a newer one of that name, who was moved there last counts."""
        if fsio.stamp(self._layout.queued(job)) is not None or fsio.stamp(self._layout.held(job)) is not None:
            return _Place.ELSEWHERE
        done_ns, failed_ns = (fsio.changed_ns(path) for path in (self._layout.done(job), self._layout.failed(job)))
        if done_ns is None and failed_ns is None:
            return _Place.NOWHERE
        return _Place.DONE if (done_ns or 0) >= (failed_ns or 0) else _Place.FAILED

    # ---- globs

    def _look_up_globs(self) -> None:
        """Look again who waits, now that the globs are known, and then what has ended."""
        self._look_for_jobs()
        self._ledger.settle()
        globs = [target for target in self._ledger.bonds.questions() if target.is_glob]
        if not globs:
            return
        done, failed = (self._sorted(path) for path in (self._layout.done_dir, self._layout.failed_dir))
        for target in globs:
            self._ledger.bonds.answer(
                target,
                has_done=next(_matching(target, done), None) is not None,
                failed=(job for job in _matching(target, failed) if self._place(job) is _Place.FAILED),
            )

    def _sorted(self, directory: str) -> list[str]:
        return sorted(name for name in self._listings.names(directory) or () if not name.startswith("."))


def _matching(target: Target, names: Sequence[str]) -> Iterator[str]:
    """Yield those of the sorted ``names`` that the glob matches; only those with its prefix are looked at."""
    for number in range(bisect_left(names, target.prefix), len(names)):
        if not names[number].startswith(target.prefix):
            return
        if target.matches(names[number]):
            yield names[number]
