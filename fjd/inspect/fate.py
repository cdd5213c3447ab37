"""Whether a job has ended for good: it stands in ``done/`` or ``failed/``, and is not tried again."""

import time
from collections.abc import Callable
from enum import Enum

from fjd.errors import FjdError
from fjd.inspect import jobs, listing, runs
from fjd.inspect.listing import Place
from fjd.inspect.runs import Run
from fjd.snapshot import JobState
from fjd.spool.layout import Layout

_STORY_S = 3.0
"""So long after a job with retries was seen to have failed its worker may take to tell whether that was the last."""


class Ended(Enum):
    """What became of a job; the value is the word that a user reads."""

    NOT_YET = "not yet"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


class Fate:
    """Asks for the jobs of one spool, again and again."""

    def __init__(self, layout: Layout, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._layout = layout
        self._clock = clock
        self._failed_s: dict[str, float] = {}
        """When a job that may be tried again was first seen among the failed."""
        self._missed: set[str] = set()
        """Jobs that were nowhere at the last look; one that was moved back meanwhile is not seen either."""

    def has_ended(self, job: str) -> bool:
        """Tell whether it has ended, or is nowhere."""
        return self.of(job) is not Ended.NOT_YET

    def of(self, job: str) -> Ended:
        """Return what became of the job: the liveliest of its name counts."""
        places = listing.find(self._layout, job)
        if not places:
            was_missed = job in self._missed
            self._missed.add(job)
            return Ended.GONE if was_missed else Ended.NOT_YET
        self._missed.discard(job)
        if places[0].state is JobState.DONE:
            return Ended.DONE
        if places[0].state is JobState.FAILED and not self._is_tried_again(places[0]):
            return Ended.FAILED
        if places[0].state is not JobState.FAILED:
            self._failed_s.pop(job, None)
        return Ended.NOT_YET

    def _is_tried_again(self, place: Place) -> bool:
        """Tell whether a failed job is on its way back to the queue; its story comes a little after its move."""
        if not self._has_retries(place):
            return False
        told = list(runs.runs_of_job(self._layout, place.name))
        last: Run | None = told[-1] if told else None
        if last is not None and runs.STATES.get(last.end) is JobState.FAILED:
            return last.again
        since_s = self._failed_s.setdefault(place.name, self._clock())
        return self._clock() - since_s < _STORY_S

    def _has_retries(self, place: Place) -> bool:
        try:
            spec = jobs.read_spec(self._layout, place)
        except FjdError:
            return False
        return spec is not None and bool(spec.terms.retries)
