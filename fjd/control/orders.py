"""Orders to a worker: files in its pod that it obeys and removes."""

from fjd.control import diary
from fjd.errors import FjdError
from fjd.spool import fsio, wakeup
from fjd.spool.layout import Layout


def kill(layout: Layout, worker: str, job: str) -> None:
    """Order ``worker`` to end ``job``, which it holds, for good; raise `FjdError` when it does not hold it any more."""
    if fsio.dir_stamp(layout.pod(worker)) is None:
        raise FjdError(f"{worker} is gone, and {job} with it")
    order = layout.order_kill(worker, job)
    fsio.publish(layout.tmp, order, b"", replace=True)
    # Looked at after the order was given: the worker removes it after it has moved the job on, so one of us does.
    if fsio.stamp(layout.handed(worker, job)) is None and fsio.stamp(layout.running(worker, job)) is None:
        fsio.remove(order)
        raise FjdError(f"{worker} has {job} no more")
    wakeup.ring(layout.nudge(worker))
    diary.tell(layout, "kill-ordered", job=job, worker=worker)
