"""Where jobs are, by the directories alone: names of a million jobs, and no file read."""

import os
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from fjd.order import natural_key
from fjd.snapshot import Counts, JobState
from fjd.spool import fsio
from fjd.spool.layout import Layout, are_job_names, is_job_name

SHOWN: tuple[JobState, ...] = (
    JobState.RUNNING,
    JobState.HANDED,
    JobState.WAITING,
    JobState.HELD,
    JobState.FAILED,
    JobState.DONE,
)
"""The order in which states are shown: what happens now, what will, what has."""

_TRAVELLED = (
    JobState.WAITING,
    JobState.HELD,
    JobState.HANDED,
    JobState.RUNNING,
    JobState.FAILED,
    JobState.DONE,
)
"""The order in which they are listed: jobs move on meanwhile, so that one may be seen twice and none is missed."""

_WITH_WORKERS = (JobState.RUNNING, JobState.HANDED)

_AT_ONCE = 4000
"""So many names are counted at a time: what they are joined to stays in the processor's cache."""

Sieve = Callable[[str, JobState], bool]
"""Tells by name and state whether a job can be meant."""


class Place(NamedTuple):
    """A job, and the directory that it stands in. A tuple, since a million are made while somebody waits for them."""

    name: str
    state: JobState
    worker: str = ""

    def path(self, layout: Layout) -> str:
        """Return the path of the job's file."""
        return os.path.join(directory(layout, self.state, self.worker), self.name)


def directory(layout: Layout, state: JobState, worker: str = "") -> str:
    """Return where jobs in that state stand."""
    if state is JobState.RUNNING:
        return layout.running_dir(worker)
    if state is JobState.HANDED:
        return layout.pod(worker)
    return {
        JobState.WAITING: layout.jobqueue,
        JobState.HELD: layout.held_dir,
        JobState.DONE: layout.done_dir,
        JobState.FAILED: layout.failed_dir,
    }[state]


def names(layout: Layout, state: JobState) -> list[str]:
    """Return the names of the jobs in ``state``, in no order; those that are with workers as ``WORKER/NAME``."""
    if state in (JobState.RUNNING, JobState.HANDED):
        parent = layout.runnings if state is JobState.RUNNING else layout.jobpods
        workers = (worker for worker in fsio.names(parent) or () if not worker.startswith("."))
        return [f"{worker}/{name}" for worker in workers for name in _jobs(directory(layout, state, worker))]
    return _jobs(directory(layout, state))


def _jobs(path: str) -> list[str]:
    return [name for name in fsio.names(path) or () if is_job_name(name)]


def listed(layout: Layout, states: Collection[JobState], sieve: Sieve | None = None) -> Iterator[Place]:
    """Yield the jobs in ``states``, in the order in which they are shown, by the natural order of their names."""
    found = {state: names(layout, state) for state in _TRAVELLED if state in states}
    _drop_seen_twice(layout, found)
    for state in SHOWN:
        if state in found:
            yield from _in_order(found.pop(state), state, sieve)


def _in_order(names: list[str], state: JobState, sieve: Sieve | None) -> Iterator[Place]:
    if state in _WITH_WORKERS:
        places = [Place(job, state, worker) for worker, _, job in (name.partition("/") for name in names)]
        chosen = [place for place in places if sieve is None or sieve(place.name, state)]
        yield from sorted(chosen, key=lambda place: natural_key(place.name))
        return
    plain = names if sieve is None else [name for name in names if sieve(name, state)]
    plain.sort(key=natural_key)
    for name in plain:
        yield Place(name, state)


def _drop_seen_twice(layout: Layout, found: dict[JobState, list[str]]) -> None:
    """Drop from the waiting what has gone on to a worker meanwhile; another job of its name may wait (rule 13)."""
    active = {name.partition("/")[2] for state in _WITH_WORKERS for name in found.get(state, ())}
    for state in (JobState.WAITING, JobState.HELD):
        if active and state in found:
            found[state] = [
                name
                for name in found[state]
                if name not in active or fsio.stamp(os.path.join(directory(layout, state), name)) is not None
            ]


def find(layout: Layout, job: str) -> tuple[Place, ...]:
    """Return where jobs of that name are, the liveliest first; a name may be that of several, one in each state."""
    found = [
        Place(job, state, worker)
        for state in _TRAVELLED
        for worker in _holders(layout, state)
        if fsio.stamp(os.path.join(directory(layout, state, worker), job)) is not None
    ]
    return tuple(sorted(found, key=lambda place: SHOWN.index(place.state)))


def _holders(layout: Layout, state: JobState) -> list[str]:
    if state not in _WITH_WORKERS:
        return [""]
    parent = layout.runnings if state is JobState.RUNNING else layout.jobpods
    return [worker for worker in fsio.names(parent) or () if not worker.startswith(".")]


def count(layout: Layout) -> Counts:
    """Return how many jobs are in each state."""
    numbers = {
        state: len(names(layout, state)) if state in _WITH_WORKERS else _number(directory(layout, state))
        for state in _TRAVELLED
    }
    return Counts(
        waiting=numbers[JobState.WAITING],
        handed=numbers[JobState.HANDED],
        running=numbers[JobState.RUNNING],
        done=numbers[JobState.DONE],
        failed=numbers[JobState.FAILED],
        held=numbers[JobState.HELD],
    )


def _number(path: str) -> int:
    names = fsio.raw_names(path)
    return sum(_number_of(names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE))


def _number_of(names: list[bytes]) -> int:
    return len(names) if are_job_names(names) else sum(is_job_name(os.fsdecode(name)) for name in names)
