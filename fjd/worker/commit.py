"""A job's way through a worker's hands: claimed by one rename, moved on to its outcome by another (rules 2 and 3)."""

import os
from collections.abc import Callable

from fjd import recovery
from fjd.errors import DiskError
from fjd.spool import fsio, obstacles
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout
from fjd.worker.outcome import Outcome
from fjd.worker.run import Run


def claim(layout: Layout, me: str, job: str, say: Callable[[str], None]) -> bool:
    """Move it from the pod to ``running/``, where only we put anything: what is there we moved.

    False when somebody has taken it back. Raises `DiskError`.
    """
    source, target = layout.handed(me, job), layout.running(me, job)
    moved = obstacles.move(source, target, say)
    if moved is Moved.ASTRAY:  # whoever buries us empties the pod first: so it was removed by hand
        fsio.make_dir(layout.runnings)
        fsio.make_dir(layout.running_dir(me))
        moved = fsio.move(source, target)
    return moved is Moved.YES or fsio.stamp(target) is not None


def commit(layout: Layout, me: str, run: Run, outcome: Outcome, say: Callable[[str], None]) -> bool:
    """Move it on to where it belongs after such an outcome; False when it was superseded. Raises `DiskError`."""
    if outcome.result == "superseded":
        return False
    if outcome.result == "requeued":
        return recovery.give_back(layout, run.path, run.job, was_running=True) is not None
    target = target_of(layout, run.job, outcome)
    run.stood = run.stood or fsio.seems_there(run.path)
    moved = obstacles.move(run.path, target, say)
    if moved is Moved.ASTRAY:
        raise DiskError(f"{os.path.dirname(target)} is not there")
    return moved is Moved.YES or (run.stood and _moved_after_all(layout, me, target, run.inode))


def target_of(layout: Layout, job: str, outcome: Outcome) -> str:
    """Return where a job that has ended belongs."""
    return layout.done(job) if outcome.result == "done" else layout.failed(job)


def _moved_after_all(layout: Layout, me: str, target: str, inode: int | None) -> bool:
    """Tell whether a rename that found nothing was ours, and only its answer was lost (NFS).

    The file at the target alone does not prove it: a second run of the same file may have put it there. But whoever
    buries us removes the pod before anything that runs is moved, so while the pod stands no dispatcher has moved
    it; and what a person moved away did not stand in its place before the rename.
    """
    return fsio.stands_at(target, inode) and fsio.names(layout.pod(me), fresh=True) is not None
