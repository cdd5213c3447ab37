"""Taking a job from one directory to another, each by one rename, so that whoever else wants it loses or wins whole."""

from fjd.control import diary
from fjd.errors import FjdError, NameTaken
from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout


def hold(layout: Layout, job: str) -> None:
    """Take a waiting job out of the queue to ``held/``, where it stays until it is released.

    Raises `NameTaken` when another job of that name is held, `FjdError` when it waits no more.
    """
    take_out(layout, job)
    diary.tell(layout, "held", job=job)


def release(layout: Layout, job: str) -> None:
    """Put a held job back into the queue; raise `NameTaken` or `FjdError` when that cannot be."""
    put_back(layout, job)
    diary.tell(layout, "released", job=job)


def take_out(layout: Layout, job: str) -> None:
    """Do what `hold` does, for a moment that nobody need be told of."""
    moved = fsio.move_new(layout.queued(job), layout.held(job))
    if moved is Moved.ASTRAY:  # a spool that was made before there were held jobs
        fsio.make_dir(layout.held_dir)
        moved = fsio.move_new(layout.queued(job), layout.held(job))
    if moved is Moved.TAKEN:
        raise NameTaken(f"another job named {job} is held already; release or cancel that one first")
    if moved is not Moved.YES:
        raise FjdError(f"{job} does not wait any more")


def put_back(layout: Layout, job: str) -> None:
    """Do what `release` does, at the end of such a moment."""
    moved = fsio.move_new(layout.held(job), layout.queued(job))
    if moved is Moved.TAKEN:
        raise NameTaken(f"a job named {job} waits already, so that the held one stays held")
    if moved is not Moved.YES:
        raise FjdError(f"{job} is not held any more")


def retry(layout: Layout, job: str) -> None:
    """Put a failed job back into the queue; raise `NameTaken` or `FjdError` when that cannot be."""
    moved = fsio.move_new(layout.failed(job), layout.queued(job))
    if moved is Moved.TAKEN:
        raise NameTaken(f"a job named {job} waits already")
    if moved is not Moved.YES:
        raise FjdError(f"{job} is not among the failed any more")
    diary.tell(layout, "retried", job=job)


def cancel(layout: Layout, job: str) -> None:
    """Take a waiting or a held job to ``failed/``; raise `FjdError` when it is neither."""
    for place in (layout.queued(job), layout.held(job)):
        moved = fsio.move(place, layout.failed(job))
        if moved is Moved.BLOCKED:
            raise FjdError(f"{job} cannot be cancelled while a directory stands at {layout.failed(job)}: move it away")
        if moved is Moved.YES:
            diary.tell(layout, "cancelled", job=job, reason=f"cancelled by {diary.user()}")
            return
    raise FjdError(f"{job} does not wait any more")
