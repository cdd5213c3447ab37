"""What a user asks of a spool, besides hiring: submit, pause, kill, retry, cancel. Each is one file made or moved."""

import os

from fjd import jobfile
from fjd.errors import FjdError, JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.snapshot import JobState, JobView
from fjd.spool import create, fsio, wakeup
from fjd.spool.fsio import Moved
from fjd.spool.layout import NAME_MAX_BYTES, Layout, is_job_name

open_spool = create.open_spool


def name_problem(name: str) -> str:
    """Return what is wrong with ``name`` as a job's name, nothing when it will do."""
    if not name:
        return "a job needs a name"
    if "/" in name or "\0" in name:
        return "a name cannot have a / in it"
    if not is_job_name(name):
        return "a name cannot start with . or end in ~ .tmp .swp .part"
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        return "a name cannot have half a character in it"
    if size > NAME_MAX_BYTES:
        return f"a name has at most {NAME_MAX_BYTES} bytes"
    return ""


def free_name(layout: Layout, stem: str = "job") -> str:
    """Return the first of ``job1.conf``, ``job2.conf``, … that no job of this spool has, in whatever state."""
    taken = {*_names(layout.jobqueue), *_names(layout.done_dir), *_names(layout.failed_dir), *_held(layout)}
    number = 1
    while f"{stem}{number}.conf" in taken:
        number += 1
    return f"{stem}{number}.conf"


def submit(layout: Layout, name: str, spec: JobSpec, *, replace: bool = False) -> None:
    """Put a job into the queue, whole or not at all.

    Raises `JobFileError` when name or spec cannot be written, `NameTaken` when a job of that name waits and ``replace``
    is not set, `DiskError` when the disk refuses.
    """
    if problem := name_problem(name):
        raise JobFileError(problem)
    data = jobfile.render(spec).encode()
    if not fsio.publish(layout.tmp, layout.queued(name), data, replace=replace):
        raise NameTaken(f"a job named {name} waits already")


def read_job(layout: Layout, view: JobView) -> str:
    """Return the text of a job's file, wherever the job is by now; raise `FjdError` when it is nowhere."""
    places = [layout.queued(view.name), layout.done(view.name), layout.failed(view.name)]
    if view.worker:
        places = [layout.running(view.worker, view.name), layout.handed(view.worker, view.name), *places]
    if view.state is JobState.FAILED:
        places.insert(0, layout.failed(view.name))
    for path in places:
        if contents := fsio.read_plain(path, jobfile.MAX_BYTES):
            return contents.data.decode("utf-8", "replace")
    raise FjdError(f"{view.name} is neither waiting nor running nor ended any more")


def pause(layout: Layout) -> None:
    """Hand out nothing more; what runs goes on."""
    fsio.publish(layout.tmp, layout.paused_file, b"", replace=True)


def resume(layout: Layout) -> None:
    """Hand out again."""
    fsio.remove(layout.paused_file)


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


def retry(layout: Layout, job: str) -> None:
    """Put a failed job back into the queue; raise `NameTaken` or `FjdError` when that cannot be."""
    moved = fsio.move_new(layout.failed(job), layout.queued(job))
    if moved is Moved.TAKEN:
        raise NameTaken(f"a job named {job} waits already")
    if moved is not Moved.YES:
        raise FjdError(f"{job} is not among the failed any more")


def cancel(layout: Layout, job: str) -> None:
    """Take a waiting job out of the queue, to ``failed/``; raise `FjdError` when it waits no more."""
    if fsio.move(layout.queued(job), layout.failed(job)) is not Moved.YES:
        raise FjdError(f"{job} does not wait any more")


def _names(directory: str) -> list[str]:
    return fsio.names(directory) or []


def _held(layout: Layout) -> list[str]:
    """Return the names of all jobs in pods and running."""
    return [
        name
        for parent in (layout.jobpods, layout.runnings)
        for worker in _names(parent)
        for name in _names(os.path.join(parent, worker))
    ]
