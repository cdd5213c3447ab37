"""Hires and fires for an elastic crew, by the recruiter. Every call may wait, for processes, hosts, a scheduler."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fjd import hiring, recruiter
from fjd.elastic.wish import Means
from fjd.errors import FjdError
from fjd.policy.elastic import BY, Way
from fjd.recruiter import FireReport, How, placements, scheduled
from fjd.recruiter.placements import Placement
from fjd.settings import Timings
from fjd.spool import announce
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of hiring at one place."""

    place: str
    hired: int
    """They are there, or asked for."""
    problem: str = ""
    """Why not all are; foreign text."""
    ids: tuple[str, ...] = ()
    """Of those that were asked for and are to come."""


class Hands:
    """They act on the spool at ``layout``; workers work in ``cwd``."""

    def __init__(self, layout: Layout, timings: Timings, cwd: str) -> None:
        self._layout = layout
        self._timings = timings
        self._cwd = cwd

    def hire(self, wanted: Sequence[tuple[Means, int]]) -> list[Outcome]:
        """Hire so many at each place; hosts are asked all at once."""
        hosts = [(means, count) for means, count in wanted if means.place.way is Way.SSH]
        others = [(means, count) for means, count in wanted if means.place.way is not Way.SSH]
        return [*(self._one(means, count) for means, count in others), *(self._over_ssh(hosts) if hosts else ())]

    def _one(self, means: Means, count: int) -> Outcome:
        name = means.place.name
        try:
            return self._asked(means, count) if means.scheduler else self._here(means, count)
        except FjdError as error:
            return Outcome(name, 0, str(error))

    def _here(self, means: Means, count: int) -> Outcome:
        backend = hiring.named(means.backend, self._layout)
        if backend is not None and (why_not := backend.available()):
            return Outcome(means.place.name, 0, why_not)
        report = recruiter.hire(
            self._layout, count, timings=self._timings, backend=backend, cwd=self._cwd, tags=means.tags, by=BY
        )
        return Outcome(means.place.name, len(report.hired), _first(report.failures))

    def _asked(self, means: Means, count: int) -> Outcome:
        if means.scheduler is None:
            raise ValueError(f"{means.place.name} is no scheduler")
        report = scheduled.hire(
            self._layout,
            means.place.name,
            count,
            means.scheduler,
            cwd=self._cwd,
            per_job=means.place.step,
            options=[word for tag in means.tags for word in ("--tag", tag)],
            by=BY,
            waits=False,
        )
        asked = (*report.hired, *report.pending)
        return Outcome(means.place.name, len(asked), report.problem, asked)

    def _over_ssh(self, wanted: Sequence[tuple[Means, int]]) -> list[Outcome]:
        hosts = [replace(means.host, workers=count) for means, count in wanted if means.host]
        try:
            reports = recruiter.hire_on(self._layout, hosts, cwd=self._cwd, timings=self._timings, by=BY)
        except FjdError as error:
            return [Outcome(host.name, 0, str(error)) for host in hosts]
        return [Outcome(one.host.name, len(one.hired), one.problem or _first(one.failures)) for one in reports]

    def fire(self, workers: Sequence[str]) -> FireReport:
        """Order these to leave when they have finished what they may have been given meanwhile."""
        return recruiter.fire(self._layout, workers, how=How.DRAIN, wait=False, timings=self._timings)

    def let_go(self) -> "Dismissed":
        """Let everybody whom an elastic crew has hired leave when they have done what they run; call off the others."""
        return dismiss(self._layout, self._timings, drains=True)

    def call_off(self, workers: Sequence[str]) -> list[tuple[str, str]]:
        """Cancel what was asked of schedulers for these; return whose could not be, and why."""
        return scheduled.cancel(self._layout, workers)

    def stillborn(self) -> list[Placement]:
        """Ask the schedulers, and return the jobs of which no worker has come."""
        return scheduled.stillborn(self._layout)


@dataclass(frozen=True, slots=True)
class Dismissed:
    """What came of letting everybody go."""

    report: FireReport
    called_off: Mapping[str, int]
    """By scheduler, how many that had not come."""
    failures: Sequence[tuple[str, str]]
    """Who could not be called off, and why."""


def hired_by_crew(layout: Layout) -> list[str]:
    """Return the ids of the workers that an elastic crew has hired."""
    return [one.id for one in announce.read_all(layout).values() if one.by == BY]


def dismiss(layout: Layout, timings: Timings, *, drains: bool = False) -> Dismissed:
    """Fire everybody whom an elastic crew has hired, and call off who has not come.

    Who ``drains`` finishes what it runs, and is not waited for.
    """
    awaited = [(one, missing) for one, missing in scheduled.awaited(layout) if one.by == BY and missing == one.workers]
    failures = scheduled.cancel(layout, [worker for _, missing in awaited for worker in missing])
    failed = {worker for worker, _ in failures}
    called_off: dict[str, int] = {}
    for one, missing in awaited:
        if not failed.intersection(missing):
            called_off[one.kind] = called_off.get(one.kind, 0) + len(missing)
    ids = hired_by_crew(layout)
    how = How.DRAIN if drains else How.NOW
    report = FireReport((), (), (), ())
    if ids:
        report = recruiter.fire(layout, ids, how=how, wait=not drains, timings=timings)
    return Dismissed(report, called_off, failures)


def forget_unsubmitted(layout: Layout, placement: Placement) -> None:
    """Whoever asked was cut short before the scheduler answered: should its job come, it starts nobody."""
    placements.forget(layout, placement)


def _first(failures: Sequence[tuple[str, str]]) -> str:
    return failures[0][1] if failures else ""
