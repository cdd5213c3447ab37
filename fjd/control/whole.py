"""What is asked of the spool as a whole: pause and resume, freeze and thaw."""

from fjd.control import diary
from fjd.errors import DiskError
from fjd.spool import announce, crewstate, fsio, wakeup
from fjd.spool.layout import Layout


def pause(layout: Layout) -> None:
    """Hand out nothing more; what runs goes on."""
    fsio.publish(layout.tmp, layout.paused_file, b"", replace=True)
    diary.tell(layout, "paused")


def resume(layout: Layout) -> None:
    """Hand out again."""
    if fsio.remove(layout.paused_file):
        diary.tell(layout, "resumed")


def resume_crew(layout: Layout) -> None:
    """Let an elastic crew hire again at once, whatever failed before."""
    crewstate.ask_to_resume(layout)
    diary.tell(layout, "crew-resumed")


def is_paused(layout: Layout) -> bool:
    """Tell whether nothing is handed out."""
    return fsio.stamp(layout.paused_file) is not None


def freeze(layout: Layout) -> tuple[str, ...]:
    """Order every worker to stop what it runs (SIGSTOP) and to begin nothing, until it is thawed; return whom.

    A frozen job keeps its memory and its place, and loses no work. Whoever is hired later is not frozen: `pause`
    before, so that it gets nothing.
    """
    ordered = []
    for worker in _workers(layout):
        try:
            fsio.publish(layout.tmp, layout.order(worker, "freeze"), b"", replace=True)
        except DiskError:
            if fsio.dir_stamp(layout.pod(worker)) is not None:
                raise
            continue  # it has left meanwhile
        wakeup.ring(layout.nudge(worker))
        ordered.append(worker)
    return tuple(ordered)


def thaw(layout: Layout) -> tuple[str, ...]:
    """Let every frozen worker go on (SIGCONT); return whom."""
    thawed = []
    for worker in fsio.names(layout.jobpods) or ():
        if fsio.remove(layout.order(worker, "freeze")):
            wakeup.ring(layout.nudge(worker))
            thawed.append(worker)
    return tuple(sorted(thawed))


def _workers(layout: Layout) -> list[str]:
    """Return the workers that are announced and have a pod."""
    return sorted(worker for worker in announce.present(layout) if fsio.dir_stamp(layout.pod(worker)) is not None)
