"""Names of jobs, and the text of one wherever it is."""

import os

from fjd import jobfile
from fjd.errors import FjdError
from fjd.snapshot import JobState, JobView
from fjd.spool import batches, fsio
from fjd.spool.layout import NAME_MAX_BYTES, Layout, is_job_name


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
    taken = taken_names(layout)
    number = 1
    while f"{stem}{number}.conf" in taken:
        number += 1
    return f"{stem}{number}.conf"


def taken_names(layout: Layout) -> set[str]:
    """Return the names of all jobs of this spool, in whatever state."""
    ended = (*_names(layout.done_dir), *_names(layout.failed_dir))
    return {*waiting_names(layout), *ended, *_with_workers(layout)}


def waiting_names(layout: Layout) -> set[str]:
    """Return the names of all jobs that wait, are held, or are on their way into the queue."""
    coming = (name for batch in batches.pending(layout) for name in _names(layout.batch(batch)))
    return {*_names(layout.jobqueue), *_names(layout.held_dir), *coming}


def read_job(layout: Layout, view: JobView) -> str:
    """Return the text of a job's file, wherever the job is by now; raise `FjdError` when it is nowhere."""
    return find_job(layout, view)[1].decode("utf-8", "replace")


def find_job(layout: Layout, view: JobView) -> tuple[str, bytes]:
    """Return where a job's file is by now, and what it says; raise `FjdError` when it is nowhere."""
    places = [layout.queued(view.name), layout.held(view.name), layout.done(view.name), layout.failed(view.name)]
    if view.worker:
        places = [layout.running(view.worker, view.name), layout.handed(view.worker, view.name), *places]
    if view.state is JobState.FAILED:
        places.insert(0, layout.failed(view.name))
    for path in places:
        if contents := fsio.read_plain(path, jobfile.MAX_BYTES):
            return path, contents.data
    raise FjdError(f"{view.name} is neither waiting nor running nor ended any more")


def read_template(path: str) -> bytes:
    """Return the text of a file that is to be a template; raise `FjdError` when it is none that can be read."""
    contents = fsio.read_plain(os.path.realpath(path), jobfile.MAX_BYTES)
    if contents is None:
        raise FjdError("there is no such file")
    return contents.data


def _names(directory: str) -> list[str]:
    return fsio.names(directory) or []


def _with_workers(layout: Layout) -> list[str]:
    """Return the names of all jobs in pods and running."""
    return [
        name
        for parent in (layout.jobpods, layout.runnings)
        for worker in _names(parent)
        for name in _names(os.path.join(parent, worker))
    ]
