"""Who works for a spool: its announcements, never the names of sessions, which other spools share."""

from collections.abc import Sequence

from fjd import hiring
from fjd.errors import HireError
from fjd.hiring import cluster
from fjd.hiring.ssh import Ssh
from fjd.spool import fsio
from fjd.spool.layout import Layout
from fjd.spool.members import Member, members

_NAMED_MAX = 8
"""A message lists no more workers than this."""


def choose(layout: Layout, ids: Sequence[str] | None = None, count: int | None = None) -> list[Member]:
    """Return those members that ``ids`` name, or ``count`` of them, or all.

    Of a count, those come first who are not leaving already, then idle ones, then the newest. An id may be the short
    form where that says who is meant; whole ids of workers that have left are passed over, since they may leave at any
    moment. Raises `HireError` for one that was never there.
    """
    crew = members(layout)
    if ids is not None:
        there = {member.id for member in crew}
        wanted = [one for one in ids if one in there or not _has_left(layout, one)]
        return list({member.id: member for member in (_find(crew, one) for one in wanted)}.values())
    if count is None:
        return crew
    return sorted(crew, key=lambda one: (one.is_leaving, not one.is_idle, -one.announcement.since))[:count]


def attach_argv(layout: Layout, worker: str) -> list[str]:
    """Return the command that shows the worker's session on a terminal; raises `HireError` saying why there is none."""
    member = _find(members(layout), worker)
    one = member.announcement
    backend = hiring.named(one.kind, layout)
    if one.kind in cluster.KINDS:
        raise HireError(f"{member.short} works in job {one.session} of {one.kind}, without a terminal: see {one.log}")
    if backend is None:
        raise HireError(f"{member.short} was started by hand, and has no session to attach to")
    if not one.is_here() and one.via and one.kind == "screen":
        return Ssh().argv(one.via, ["screen", "-x", one.session], terminal=True)
    if not one.is_here():
        raise HireError(f"{member.short} works on {one.host}: attach to it there ({one.kind} session {one.session})")
    return backend.attach_argv(backend.handle_of(one))


def _has_left(layout: Layout, worker: str) -> bool:
    """Tell whether a worker of that id has been here, by what it left behind."""
    traces = (layout.journal(worker), layout.workerlog(worker))
    return "/" not in worker and any(fsio.stamp(path) for path in traces)


def _find(crew: Sequence[Member], wanted: str) -> Member:
    found = [member for member in crew if wanted in (member.id, member.short)]
    if len(found) == 1:
        return found[0]
    if found:
        raise HireError(f"{wanted} may be any of {_listed([member.id for member in found])}: give the whole id")
    raise HireError(f"there is no worker {wanted} here{_nearest(crew, wanted)}")


def _nearest(crew: Sequence[Member], wanted: str) -> str:
    import difflib  # only for this sentence

    shorts = {name: member.short for member in crew for name in (member.short, member.id)}
    near = dict.fromkeys(shorts[name] for name in difflib.get_close_matches(wanted, shorts, n=3))
    if near:
        return f"; did you mean {_listed(list(near), 'or')}?"
    return f"; there are {_listed([member.short for member in crew])}" if crew else ", nor any other"


def _listed(names: Sequence[str], last: str = "and") -> str:
    shown = [*names[:_NAMED_MAX], *([f"{len(names) - _NAMED_MAX} more"] if len(names) > _NAMED_MAX else [])]
    return f" {last} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
