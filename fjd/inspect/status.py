"""The spool at a glance: counts by listings, the rate by the ends of journals, the crew by its announcements."""

from collections import Counter
from dataclasses import dataclass

from fjd.inspect import listing, runs
from fjd.inspect.crew import Worker, workers
from fjd.settings import Timings
from fjd.snapshot import Counts, WorkerState
from fjd.spool import crewstate, fsio, lease
from fjd.spool.crewstate import CrewState
from fjd.spool.layout import Layout
from fjd.spool.lease import Holder

WINDOW_S = 60.0
"""The rate is that of the last minute."""
_SILENT_LEASES = 1.25
"""A dispatcher of another host that has shown no sign of life for so many leases is gone."""


@dataclass(frozen=True, slots=True)
class Status:
    """What ``fjd status`` shows."""

    spool: str
    counts: Counts
    crew: tuple[Worker, ...]
    holder: Holder | None
    """Who dispatches; None when nobody does, or nobody who lives."""
    is_paused: bool
    rate_per_s: float
    """Jobs ended a second, over the last minute."""
    eta_s: float | None
    """Seconds until the queue is empty at this rate; None when that cannot be said."""

    elastic: CrewState | None = None
    """The elastic crew, where somebody keeps one."""

    def workers_in(self, state: WorkerState) -> int:
        """Return how many workers are in ``state``."""
        return Counter(worker.state for worker in self.crew)[state]


def status(layout: Layout, timings: Timings | None = None) -> Status:
    """Look at everything once."""
    timings = timings or Timings()
    counts = listing.count(layout)
    crew = workers(layout, timings, is_dated=False)
    rate = _rate(layout, crew)
    left = counts.unfinished
    holder = living_holder(layout, timings)
    return Status(
        layout.root,
        counts,
        tuple(crew),
        holder,
        is_paused(layout),
        rate,
        left / rate if rate and left else None,
        crewstate.read(layout) if holder else None,
    )


def is_paused(layout: Layout) -> bool:
    """Tell whether nothing is handed out."""
    return fsio.stamp(layout.paused_file) is not None


def living_holder(layout: Layout, timings: Timings) -> Holder | None:
    """Return who dispatches, None when that is nobody of whom there is a sign of life."""
    holder = lease.holder(layout)
    if holder is None or holder.lives is False:
        return None
    if holder.lives is None:
        silent_s = (_newest_ns(layout) - holder.beat_ns) / 1e9
        return holder if silent_s <= _SILENT_LEASES * timings.lease_s else None
    return holder


def _newest_ns(layout: Layout) -> int:
    """Return the newest heartbeat of a worker, which stands for the disk's clock; 0 when there is none."""
    beats = (fsio.heartbeat(f"{layout.workerqueue}/{name}") for name in fsio.names(layout.workerqueue) or ())
    return max((beat for beat in beats if beat is not None), default=0)


def _rate(layout: Layout, crew: list[Worker]) -> float:
    """Return how many jobs the crew ends a second.

    Each worker's lines are timed by its own clock, and how long ago the last one was written by the disk's.
    """
    now_ns = _newest_ns(layout)
    rate = 0.0
    for worker in crew:
        written = fsio.stamp(layout.journal(worker.id))
        if written is None or worker.state is WorkerState.LOST:
            continue
        silent_s = max(0.0, (now_ns - written.mtime_ns) / 1e9)
        if silent_s < WINDOW_S:
            pace = runs.pace_of(layout, worker.id, worker.said.since, WINDOW_S, silent_s)
            rate += pace.ends / pace.over_s
    return rate
