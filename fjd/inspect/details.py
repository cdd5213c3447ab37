"""Everything about one job: its file, its runs, and the facts that say why it is not running."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from fjd import progress
from fjd.errors import FjdError
from fjd.inspect import crew, jobs, listing, runs, why
from fjd.inspect.crew import Worker
from fjd.inspect.jobs import Job
from fjd.inspect.listing import Place
from fjd.inspect.runs import Run
from fjd.inspect.status import is_paused, living_holder
from fjd.inspect.why import Facts
from fjd.jobfile import NO_TERMS, JobSpec, Terms
from fjd.progress import Progress
from fjd.selectors import is_glob
from fjd.settings import Timings
from fjd.snapshot import JobState, WorkerState
from fjd.spool import fsio, wholeness
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Writing

_RUNS_MAX = 1000
_STATES_IN_WORDS = {
    JobState.WAITING: "waits",
    JobState.HELD: "is held",
    JobState.HANDED: "is handed out",
    JobState.RUNNING: "runs",
    JobState.DONE: "is done",
    JobState.FAILED: "has failed",
}


@dataclass(frozen=True, slots=True)
class Details:
    """What ``fjd show`` shows."""

    job: Job
    path: str
    spec: JobSpec | None
    problem: str
    """Why its file is not valid."""
    why: tuple[str, ...]
    progress: Progress | None
    """How far it is, when it runs and says so."""
    runs: tuple[Run, ...]
    output: str
    """The path of its output, empty when it has printed nothing."""
    others: tuple[Place, ...]
    """Other jobs of this name."""


def details(layout: Layout, name: str, timings: Timings) -> Details | None:
    """Return everything about the liveliest job of that name, None when there is none."""
    places = listing.find(layout, name)
    if not places:
        return None
    place = places[0]
    told = tuple(runs.runs_of_job(layout, name))[-_RUNS_MAX:]
    job = jobs.job_at(layout, place, told[-1] if told else None)
    spec, problem = _read(layout, place)
    facts = _facts(layout, job, spec, problem, timings)
    others = replace(facts, name_held_by=_holder(places)) if place.state is JobState.WAITING else facts
    output = layout.output(name)
    return Details(
        job,
        place.path(layout),
        spec,
        problem,
        why.reasons(others),
        progress.of_job(layout, place.worker, name) if place.state is JobState.RUNNING else None,
        told,
        output if fsio.stamp(output) else "",
        places[1:],
    )


def _holder(places: tuple[Place, ...]) -> str:
    return next((place.worker for place in places if place.worker), "")


def _read(layout: Layout, place: Place) -> tuple[JobSpec | None, str]:
    try:
        return jobs.read_spec(layout, place), ""
    except FjdError as error:
        return None, str(error)


def _facts(layout: Layout, job: Job, spec: JobSpec | None, problem: str, timings: Timings) -> Facts:
    terms = spec.terms if spec else NO_TERMS
    members = [one for one in crew.workers(layout, timings, is_dated=False) if _stays(one)]
    fitting = [one for one in members if terms.tags <= set(one.said.tags)]
    mine = next((one for one in members if one.id == job.view.worker), None)
    waits = job.view.state is JobState.WAITING
    retry = runs.last_retry(layout, job.view.name) if waits and terms.retries else None
    return Facts(
        job.view.state,
        job.view.reason,
        bool(job.run and job.run.again),
        terms,
        retry.attempt if retry else 0,
        retry.due_s if retry else None,
        problem,
        waits and wholeness.writing(job.place.path(layout)) is Writing.YES,
        is_paused=is_paused(layout),
        dispatches=not waits or living_holder(layout, timings) is not None,
        is_frozen=mine is not None and mine.is_frozen,
        waits_for=dict(_waits_for(layout, terms)) if waits else {},
        workers=len(members),
        fitting=len(fitting),
        idle=sum(one.state is WorkerState.IDLE for one in fitting),
        most_cpus=max((one.said.cpus for one in fitting), default=0),
        most_memory_bytes=max((one.said.memory_bytes for one in fitting), default=0),
        now_s=time.time(),
    )


def _stays(worker: Worker) -> bool:
    return worker.state in (WorkerState.IDLE, WorkerState.BUSY)


# ---- what it waits for


def _waits_for(layout: Layout, terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield the jobs that it waits for and that have not ended as they should, with their states in words."""
    for wanted, enough in ((terms.after, (JobState.DONE,)), (terms.after_any, (JobState.DONE, JobState.FAILED))):
        for name in wanted:
            if is_glob(name):
                yield from _matching(layout, name, enough)
            elif words := _unmet(layout, name, enough):
                yield name, words


def _unmet(layout: Layout, name: str, enough: tuple[JobState, ...]) -> str:
    places = listing.find(layout, name)
    if not places:
        return "is not there"
    return "" if places[0].state in enough else _STATES_IN_WORDS[places[0].state]


def _matching(layout: Layout, pattern: str, enough: tuple[JobState, ...]) -> Iterator[tuple[str, str]]:
    states = tuple(state for state in JobState if state not in enough)
    for place in listing.listed(layout, states, lambda name, _: fnmatchcase(name, pattern)):
        yield place.name, _STATES_IN_WORDS[place.state]
