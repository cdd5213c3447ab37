"""Who works for a spool: its announcements, and what each worker holds by its directories.

It stands here and not with the recruiter, so that who only looks, as ``fjd status`` does, imports no way to hire.
"""

import os
from dataclasses import dataclass

from fjd.spool import announce, fsio
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout, is_job_name

ORDERS = ("fire", "drain")


@dataclass(frozen=True, slots=True)
class Member:
    """One announced worker, and what it holds."""

    announcement: Announcement
    running: tuple[str, ...]
    handed: tuple[str, ...]
    is_leaving: bool
    """Whether an order to leave stands."""

    @property
    def id(self) -> str:
        return self.announcement.id

    @property
    def short(self) -> str:
        """The id without its random tail: ``nova-3``."""
        return short(self.id)

    @property
    def is_idle(self) -> bool:
        return not self.running and not self.handed


def short(worker: str) -> str:
    """Return a worker's id without its random tail."""
    return worker.rpartition("-")[0] or worker


def members(layout: Layout) -> list[Member]:
    """Return the crew, by host and number."""
    found = announce.read_all(layout).values()
    return [_member(layout, one) for one in sorted(found, key=lambda one: (one.host, one.number, one.id))]


def _member(layout: Layout, one: Announcement) -> Member:
    pod = fsio.names(layout.pod(one.id)) or []
    orders = {os.path.basename(layout.order(one.id, what)) for what in ORDERS}
    return Member(
        one,
        running=tuple(filter(is_job_name, fsio.names(layout.running_dir(one.id)) or [])),
        handed=tuple(filter(is_job_name, pod)),
        is_leaving=not orders.isdisjoint(pod),
    )
