"""Hiring through a cluster's scheduler: jobs of it that run workers. They come when the scheduler starts them.

A worker that is not there yet is *pending* as long as the scheduler says so of its job, and not lost. Firing one
cancels that job; firing one that works is an order as to any other, after which its job has nothing more to do.
"""

import os
import shlex
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

from fjd import hiring, told
from fjd.errors import FjdError, UsageError
from fjd.hiring import command
from fjd.hiring.cluster import Cluster, State, Wish
from fjd.hiring.processes import wait_until
from fjd.recruiter import placements
from fjd.recruiter.placements import Placement
from fjd.settings import TIMINGS_VARIABLE, Timings
from fjd.spool import announce, fsio
from fjd.spool.layout import Layout

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class ScheduledReport:
    """What came of asking a scheduler."""

    kind: str
    hired: tuple[str, ...]
    """Ids of the workers that have announced themselves."""
    pending: tuple[str, ...]
    """Ids of those that will when the scheduler starts them."""
    jobs: tuple[str, ...]
    """The scheduler's ids of its jobs."""
    problem: str = ""
    """Why not all were asked for."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A worker that was asked of a scheduler and is not there yet."""

    id: str
    kind: str
    job: str
    state: State
    asked_s: float
    reason: str = ""
    """Why the scheduler has not started it, in its words, where it says so; foreign text."""


def hire(
    layout: Layout,
    kind: str,
    count: int,
    wish: Wish,
    *,
    cwd: str,
    per_job: int = 1,
    options: Sequence[str] = (),
    timings: Timings | None = None,
    cluster: Cluster | None = None,
    by: str = "",
    waits: bool = True,
) -> ScheduledReport:
    """Ask the scheduler ``kind`` for ``count`` workers, ``per_job`` in each of its jobs, and wait a little for them.

    ``options`` are more words for the command line of each; ``by`` is ``crew`` for an elastic crew, which has no time
    to wait (``waits``). Raises `UsageError` for numbers that are none and
    `HireError` when the scheduler takes not even the first job.
    """
    if count < 1 or per_job < 1:
        raise UsageError("the number of workers, and of those in a job, must be from 1 on")
    cluster = cluster or Cluster(kind, layout.clusters)
    fsio.make_dir(layout.clusters)
    asking = _Asking(layout, cluster, wish, cwd, [*options, *(["--by", by] if by else [])], by)
    placed, problem = asking.place(_groups(layout, kind, count, per_job))
    asked = [worker for placement in placed for worker in placement.workers]
    if waits:
        wait_until(lambda: not set(asked) - announce.present(layout, fresh=True), (timings or Timings()).answer_s)
    there = announce.present(layout, fresh=True)
    return ScheduledReport(
        kind,
        tuple(worker for worker in asked if worker in there),
        tuple(worker for worker in asked if worker not in there),
        tuple(placement.job for placement in placed),
        problem,
    )


def pending(layout: Layout, make: Callable[[str], Cluster] | None = None, *, forgets: bool = True) -> list[Pending]:
    """Return the workers that schedulers have yet to start; forget the jobs that have ended, unless told not to.

    What a scheduler does not say (it is down, it is not on this host) is `State.UNKNOWN`, and is not forgotten. Who is
    not to forget changes nothing at all, and a network filesystem may so tell of what was a moment ago.
    """
    make = make or _maker(layout)
    states = _settled(layout, make)[0] if forgets else _going_on(layout, make)
    there = announce.present(layout, fresh=forgets)
    found = []
    for placement, state in states:
        # One that its scheduler had started, and has in its queue again since its node failed, is pending once more.
        absent = tuple(worker for worker in placement.workers if worker not in there)
        workers = absent if state is State.PENDING else _missing(layout, placement, there)
        found += [Pending(worker, placement.kind, placement.job, state, placement.asked_s) for worker in workers]
    return _with_reasons(found, make)


def _with_reasons(found: Sequence[Pending], make: Callable[[str], Cluster]) -> list[Pending]:
    reasons: dict[tuple[str, str], str] = {}
    for kind in {one.kind for one in found}:
        jobs = list(dict.fromkeys(one.job for one in found if one.kind == kind and one.state is State.PENDING))
        reasons |= {(kind, job): words for job, words in make(kind).reasons(jobs).items()}
    return [replace(one, reason=reasons.get((one.kind, one.job), "")) for one in found]


def _going_on(layout: Layout, make: Callable[[str], Cluster]) -> list[tuple[Placement, State]]:
    return [(placement, state) for placement, state in _states(layout, make) if state is not State.ENDED]


def awaited(layout: Layout) -> list[tuple[Placement, tuple[str, ...]]]:
    """Return who was asked of schedulers and has not come, by the files alone: no scheduler is asked."""
    there = announce.present(layout, fresh=True)
    return [(placement, _missing(layout, placement, there)) for placement in placements.read_all(layout)]


def _missing(layout: Layout, placement: Placement, there: Collection[str]) -> tuple[str, ...]:
    """Return who of a placement has not come, where ``there`` have announced themselves.

    A worker whose journal is there has come, and perhaps left; one whose id was used before has taken another.
    """
    return tuple(
        worker for worker in placement.workers if worker not in there and fsio.stamp(layout.journal(worker)) is None
    )


def stillborn(layout: Layout, make: Callable[[str], Cluster] | None = None) -> list[Placement]:
    """Ask the schedulers, forget the jobs that have ended, and return those of which no worker has come."""
    return _settled(layout, make)[1]


def _settled(
    layout: Layout, make: Callable[[str], Cluster] | None
) -> tuple[list[tuple[Placement, State]], list[Placement]]:
    """Return the jobs that go on, and those that have ended before any worker of theirs came; forget these."""
    goes_on: list[tuple[Placement, State]] = []
    ended: list[Placement] = []
    for placement, state in _states(layout, make or _maker(layout)):
        if state is State.ENDED:
            ended.append(placement)
        else:
            goes_on.append((placement, state))
    missing = {placement.key: workers for placement, workers in awaited(layout)} if ended else {}
    for placement in ended:
        placements.forget(layout, placement)
    if ended:
        _sweep(layout)
    return goes_on, [one for one in ended if missing.get(one.key) == one.workers]


def _sweep(layout: Layout) -> None:
    """Remove the scripts of jobs, and what their shells printed, when no job of a scheduler is left."""
    names = fsio.names(layout.clusters) or ()
    if not any(name.endswith(placements.SUFFIX) for name in names):
        for name in names:
            fsio.remove(os.path.join(layout.clusters, name))


def cancel(
    layout: Layout, workers: Sequence[str], make: Callable[[str], Cluster] | None = None
) -> list[tuple[str, str]]:
    """Cancel the scheduler's jobs of all whose workers are among ``workers``; return whose could not be, and why."""
    make = make or _maker(layout)
    failures = []
    for placement in placements.read_all(layout):
        if not set(placement.workers) <= set(workers):
            continue
        try:
            if placement.job:
                make(placement.kind).cancel([placement.job])
            placements.forget(layout, placement)
        except FjdError as error:
            failures += [(worker, str(error)) for worker in placement.workers]
    return failures


def _states(layout: Layout, make: Callable[[str], Cluster]) -> list[tuple[Placement, State]]:
    placed = placements.read_all(layout)
    found: dict[tuple[str, str], State] = {}
    for kind in {placement.kind for placement in placed}:
        jobs = [placement.job for placement in placed if placement.kind == kind and placement.job]
        try:
            states = make(kind).states(jobs)
        except FjdError:
            states = dict.fromkeys(jobs, State.UNKNOWN)
        found |= {(kind, job): state for job, state in states.items()}
    return [(placement, found.get((placement.kind, placement.job), State.UNKNOWN)) for placement in placed]


def _maker(layout: Layout) -> Callable[[str], Cluster]:
    return cache(lambda kind: Cluster(kind, layout.clusters))


@dataclass(frozen=True, slots=True)
class _Asking:
    """One call of `hire`."""

    layout: Layout
    cluster: Cluster
    wish: Wish
    cwd: str
    options: Sequence[str]
    by: str

    def place(self, groups: Sequence[Sequence[int]]) -> tuple[list[Placement], str]:
        """Submit a job for each group of worker numbers; the first that is refused speaks for those after it."""
        placed: list[Placement] = []
        for numbers in groups:
            try:
                placed.append(self._place_one(numbers))
            except FjdError as error:
                if not placed:
                    raise
                return placed, str(error)
        return placed, ""

    def _place_one(self, numbers: Sequence[int]) -> Placement:
        """Note who is asked for, then ask. What was refused, or came to nothing known, must start nobody later on."""
        workers = tuple(announce.new_id(self.cluster.kind, number) for number in numbers)
        asked = Placement(self.cluster.kind, "", workers, time.time(), self.by)
        placements.note(self.layout, asked)
        script = self._script(asked, list(zip(workers, numbers, strict=True)))
        try:
            job = self.cluster.submit(script, hiring.session_name(self.layout.name, numbers[0]), self.wish)
        except FjdError:
            placements.forget(self.layout, asked)
            raise
        asked = replace(asked, job=job)
        placements.note(self.layout, asked)
        return asked

    def _script(self, asked: Placement, workers: Sequence[tuple[str, int]]) -> str:
        """Return text for bash that runs the workers. What is ours in it is quoted; the id of its job is a variable's.

        A signal of the scheduler's reaches them by itself; their shell waits until they have given back what they hold.
        A scheduler may hand on the environment of whoever submits, who may be a job.
        """
        lines = [
            f"[ -e {_quoted(self.layout.placement(asked.key))} ] || exit 0  # it was called off meanwhile",
            f"unset {' '.join(told.OF_A_JOB)}",
            f"cd -- {_quoted(self.cwd)} || exit 1",
        ]
        if timings := os.environ.get(TIMINGS_VARIABLE):
            lines.append(f"export {TIMINGS_VARIABLE}={_quoted(timings)}")
        for worker, number in workers:
            own = self._line(worker, number)
            lines.append(f"exec {own}" if len(workers) == 1 else f"{own} &")
        if len(workers) > 1:
            lines += ["trap : TERM INT USR1 USR2", "until wait; do :; done"]
        return "\n".join(lines)

    def _line(self, worker: str, number: int) -> str:
        log = self.layout.workerlog(worker)
        words = [*command.worker_command(), "--dir", self.layout.root, "--id", worker, "--number", str(number)]
        words += ["--kind", self.cluster.kind, "--log", log, *self.options, "--time-limit", f"{self.wish.time_s:g}"]
        own = " ".join(map(_quoted, words))
        return f'{own} --session "${self.cluster.job_variable}" >>{_quoted(log)} 2>&1 </dev/null'


def _quoted(word: str) -> str:
    """Return ``word`` for bash, in ASCII on one line: what is no UTF-8 could not be written into a script as text."""
    if word.isascii() and word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(f"\\x{byte:02x}" for byte in os.fsencode(word)) + "'"


def _groups(layout: Layout, kind: str, count: int, per_job: int) -> list[list[int]]:
    """Return the lowest numbers that no worker of that kind has, in groups for one job each."""
    taken = {worker.rpartition("-")[0] for worker in announce.present(layout, fresh=True)}
    taken |= {worker.rpartition("-")[0] for one in placements.read_all(layout) for worker in one.workers}
    free = (number for number in range(1, count + len(taken) + 1) if f"{kind}-{number}" not in taken)
    numbers = [number for number, _ in zip(free, range(count), strict=False)]
    return [numbers[start : start + per_job] for start in range(0, count, per_job)]
