"""The end by force of a worker that lives in a job of a scheduler and does not answer: its job is cancelled.

Whoever is stopped is let go on by the scheduler to get its signal, and then leaves in order; whoever is deaf is killed
a while later. Other workers that live in the same job would be ended with it, and are not.
"""

from collections.abc import Callable

from fjd.errors import HireError
from fjd.hiring import cluster, processes
from fjd.hiring.cluster import Cluster, State
from fjd.spool import announce
from fjd.spool.layout import Layout
from fjd.spool.members import Member, members

_ENDED_S = 90.0
"""Slurm waits 30 s between TERM and KILL unless its KillWait says otherwise."""
_ASK_S = 0.5


def by_scheduler(layout: Layout, member: Member, make: Callable[[str], Cluster] | None = None) -> bool:
    """Cancel the job that ``member`` lives in, and tell whether it has ended; False where it lives in none.

    Raises `HireError` where it lives there with others, or the scheduler does not do it.
    """
    one = member.announcement
    if one.kind not in cluster.KINDS or not cluster.is_job(one.session):
        return False
    others = [other.short for other in members(layout) if _live_together(other, member)]
    if others:
        raise HireError(f"job {one.session} of {one.kind} is not cancelled, since {', '.join(others)} live in it, too")
    scheduler = make(one.kind) if make else Cluster(one.kind, layout.clusters)
    scheduler.cancel([one.session])
    return processes.wait_until(lambda: _has_ended(layout, member, scheduler), _ENDED_S, every_s=_ASK_S)


def _live_together(other: Member, member: Member) -> bool:
    job, its = (member.announcement.kind, member.announcement.session), other.announcement
    return other.id != member.id and (its.kind, its.session) == job


def _has_ended(layout: Layout, member: Member, scheduler: Cluster) -> bool:
    job = member.announcement.session
    return member.id not in announce.present(layout, fresh=True) or scheduler.states([job])[job] is State.ENDED
