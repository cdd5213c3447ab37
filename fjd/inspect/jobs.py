"""Jobs as a front shows them: where they are, joined with what journals and, where it is asked for, their files say."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from fjd import jobfile
from fjd.errors import FjdError, JobFileError
from fjd.inspect import listing, runs
from fjd.inspect.listing import Place
from fjd.inspect.runs import STATES, End, Run
from fjd.jobfile import JobSpec
from fjd.selectors import Need, Selector
from fjd.snapshot import JobState, JobView
from fjd.spool import fsio
from fjd.spool.layout import Layout

_TOLD: Final = frozenset({JobState.RUNNING, JobState.FAILED, JobState.DONE})
"""States of which journals tell; of the others the directories say all."""
UNTOLD: Final = "moved here by hand"
"""Why a job has failed of which no journal says so."""


class Job(NamedTuple):
    """One job."""

    place: Place
    run: Run | None = None
    """Its last run, or what ended it without one."""
    seen: JobView | None = None
    """What a look at its file has added to these."""

    @property
    def view(self) -> JobView:
        """The job as all fronts know it; its ``since_s`` is wall clock here, seconds since the epoch.

        It is made when it is asked for: a listing of a million may do without.
        """
        return self.seen or _view(self.place, self.run)


def jobs(layout: Layout, selector: Selector, *, is_long: bool = False) -> Iterator[Job]:
    """Yield the jobs that ``selector`` means, by state and natural order of names.

    What costs a look at each file (when a job that waits came, its command) is found out for ``is_long``, or where the
    selector asks for it.
    """
    states, needs, now_s = selector.states, selector.needs, time.time()
    told = runs.last_runs(layout) if states & _TOLD else {}
    is_dated, is_read = is_long or Need.STORY in needs, is_long or Need.FILE in needs
    is_decided = needs <= {Need.NAME, Need.STATE}  # by the sieve
    for place in listing.listed(layout, states, selector.sieve() if Need.NAME in needs else None):
        job = job_at(layout, place, told.get(place.name), is_dated=is_dated, is_read=is_read)
        if is_decided or selector.matches(job.view, now_s):
            yield job


def job_at(layout: Layout, place: Place, run: Run | None, *, is_dated: bool = True, is_read: bool = True) -> Job:
    """Return the job at ``place``, whose last run was ``run``."""
    known = run if run is not None and _is_of(place, run) else None
    if not (is_dated or is_read):
        return Job(place, known)
    view = _view(place, known)
    if is_dated and view.since_s is None:
        changed_ns = fsio.changed_ns(place.path(layout))
        view = replace(view, since_s=None if changed_ns is None else changed_ns / 1e9)
    if is_read and (spec := _spec(layout, place)):
        view = replace(view, command=spec.executable, logfile=spec.logfile, priority=spec.terms.priority)
    return Job(place, known, view)


def since_s(run: Run) -> float | None:
    """Return since when a job is in the state to which that run has brought it."""
    return run.began_s if run.end is End.RUNNING else run.ended_s


def read_spec(layout: Layout, place: Place) -> JobSpec | None:
    """Return what the job's file says, None when it is gone from there; raise `FjdError` for one that says nothing."""
    contents = fsio.read_plain(place.path(layout), jobfile.MAX_BYTES)
    return None if contents is None else jobfile.parse(contents.data)


def _spec(layout: Layout, place: Place) -> JobSpec | None:
    try:
        return read_spec(layout, place)
    except (JobFileError, FjdError):
        return None


def _is_of(place: Place, run: Run) -> bool:
    """Tell whether the run is the one that took the job to where it is."""
    if STATES.get(run.end) is not place.state:
        return False
    return place.state is not JobState.RUNNING or run.worker == place.worker


def _view(place: Place, run: Run | None) -> JobView:
    if run is None:
        reason = UNTOLD if place.state is JobState.FAILED else ""
        return JobView(place.name, place.state, worker=place.worker, reason=reason)
    return JobView(
        place.name,
        place.state,
        worker=run.worker,
        since_s=since_s(run),
        seconds=run.seconds,
        reason=run.reason,
        attempt=run.attempt,
        exit=run.exit,
    )
