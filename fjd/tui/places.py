"""Where workers can be hired: this machine, the hosts of ``remote.conf``, the schedulers that are here.

All of it waits for processes or the network, and is called from threads only.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fjd import recruiter
from fjd.errors import HireError
from fjd.hiring import cluster
from fjd.hiring.cluster import Cluster, Wish
from fjd.hiring.remote_conf import RemoteHost
from fjd.recruiter import HireReport, remote, scheduled
from fjd.settings import Timings
from fjd.spool.layout import Layout
from fjd.tui.sights import ToCome

HERE = ""
"""The place that is this machine; each other one has the name of its host or its scheduler."""


@dataclass(frozen=True, slots=True)
class Hiring:
    """How many workers are wanted, and where."""

    count: int
    place: str = HERE
    tags: tuple[str, ...] = ()


def known(layout: Layout) -> tuple[str, ...]:
    """Return where workers can be hired besides here."""
    hosts = [host.name for host in remote.known_hosts(layout)]
    clusters = [kind for kind in cluster.KINDS if not Cluster(kind, layout.clusters).available()]
    return tuple(dict.fromkeys([*hosts, *clusters]))


def pending(layout: Layout) -> Mapping[str, ToCome]:
    """Return whom each scheduler has yet to start, and what it says most often why. Changes nothing."""
    found = scheduled.pending(layout, forgets=False)
    reasons = {kind: Counter(one.reason for one in found if one.kind == kind) for kind in {one.kind for one in found}}
    return {kind: ToCome(sum(said.values()), _commonest(said)) for kind, said in sorted(reasons.items())}


def _commonest(said: Mapping[str, int]) -> str:
    return max(filter(None, said), key=lambda reason: said[reason], default="")


def hire(layout: Layout, wish: Hiring, timings: Timings) -> HireReport:
    """Hire, and wait until the workers are there, or are known to come. Raises `HireError` when nothing was done."""
    if wish.place == HERE:
        return recruiter.hire(layout, wish.count, timings=timings, tags=wish.tags)
    host = next((host for host in remote.known_hosts(layout) if host.name == wish.place), None)
    if host is not None:
        return _hire_on(layout, host, wish, timings)
    if wish.place in cluster.KINDS:
        return _hire_through(layout, wish, timings)
    raise HireError(f"remote.conf does not name {wish.place} any more")


def _hire_on(layout: Layout, host: RemoteHost, wish: Hiring, timings: Timings) -> HireReport:
    tags = tuple(dict.fromkeys([*host.tags, *wish.tags]))
    asked = replace(host, workers=wish.count, tags=tags)
    (report,) = recruiter.hire_on(layout, [asked], cwd=os.getcwd(), timings=timings)
    if report.problem:
        raise HireError(f"{host.name}: {report.problem}")
    return HireReport(report.hired, report.failures, "ssh", "; ".join(report.notes))


def _hire_through(layout: Layout, wish: Hiring, timings: Timings) -> HireReport:
    scheduled.pending(layout)  # forgets the jobs that have ended, which a screen that only looks does not
    options: Sequence[str] = [word for tag in wish.tags for word in ("--tag", tag)]
    report = scheduled.hire(layout, wish.place, wish.count, Wish(), cwd=os.getcwd(), options=options, timings=timings)
    notes = [f"{len(report.pending)} more come when {wish.place} starts them."] if report.pending else []
    return HireReport(report.hired, (), report.kind, " ".join([*notes, report.problem]).strip())
