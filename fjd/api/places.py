"""Where jobs are, by listing the directories in the order in which jobs pass through them."""

import os
from collections.abc import Iterator

from fjd.errors import DiskError
from fjd.snapshot import JobState, JobView
from fjd.spool import batches, fsio
from fjd.spool.layout import Layout, is_job_name

_ENDED = (JobState.DONE, JobState.FAILED)


def all_jobs(layout: Layout) -> Iterator[JobView]:
    """Yield each job once, with its state and its worker; one that moves meanwhile is told where it was first seen."""
    seen: set[str] = set()
    for view in _unfinished(layout):
        if view.name not in seen:
            seen.add(view.name)
            yield view
    done, failed = (_jobs(path) for path in (layout.done_dir, layout.failed_dir))
    twice = {name for name in done & failed if name not in seen}
    newer = {name: _newer(layout, name) for name in twice}
    for state, names in zip(_ENDED, (done, failed), strict=True):
        for name in names - seen:
            if newer.get(name, state) is state:
                yield JobView(name, state)


def states(layout: Layout) -> dict[str, JobState]:
    """Return the state of each job."""
    return {view.name: view.state for view in all_jobs(layout)}


def where(layout: Layout, name: str) -> JobView | None:
    """Return the state of one job, without listing the others; None when there is none of that name."""
    if fsio.stamp(layout.queued(name)) or _is_in_a_batch(layout, name):
        return JobView(name, JobState.WAITING)
    if fsio.stamp(layout.held(name)):
        return JobView(name, JobState.HELD)
    for state, parent in ((JobState.HANDED, layout.jobpods), (JobState.RUNNING, layout.runnings)):
        for worker in fsio.names(parent) or ():
            if fsio.stamp(os.path.join(parent, worker, name)):
                return JobView(name, state, worker=worker)
    ended = [state for state in _ENDED if fsio.stamp(_ended_at(layout, state, name))]
    return JobView(name, _newer(layout, name) if len(ended) == len(_ENDED) else ended[0]) if ended else None


def _unfinished(layout: Layout) -> Iterator[JobView]:
    for batch in batches.pending(layout):
        yield from (JobView(name, JobState.WAITING) for name in _jobs(layout.batch(batch)))
    yield from (JobView(name, JobState.WAITING) for name in _jobs(layout.jobqueue))
    yield from (JobView(name, JobState.HELD) for name in _jobs(layout.held_dir))
    for state, parent in ((JobState.HANDED, layout.jobpods), (JobState.RUNNING, layout.runnings)):
        for worker in fsio.names(parent) or ():
            names = _jobs(os.path.join(parent, worker))
            yield from (JobView(name, state, worker=worker) for name in names)


def _jobs(directory: str) -> set[str]:
    return set(filter(is_job_name, fsio.names(directory) or ()))


def _is_in_a_batch(layout: Layout, name: str) -> bool:
    return any(fsio.stamp(os.path.join(layout.batch(batch), name)) for batch in batches.pending(layout))


def _ended_at(layout: Layout, state: JobState, name: str) -> str:
    return layout.done(name) if state is JobState.DONE else layout.failed(name)


def _newer(layout: Layout, name: str) -> JobState:
    """Return how a job ended last that stands in both directories: a rename sets the time of a file's last change."""
    changed = {state: _changed_ns(_ended_at(layout, state, name)) for state in _ENDED}
    return max(_ENDED, key=lambda state: changed[state])


def _changed_ns(path: str) -> int:
    try:
        with fsio.trouble("look at", path):
            return os.lstat(path).st_ctime_ns
    except DiskError:
        return 0  # it was moved away just now
