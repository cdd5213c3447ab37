"""Putting a job into the queue."""

from fjd import jobfile
from fjd.control.find import name_problem
from fjd.errors import JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.spool import fsio
from fjd.spool.layout import Layout


def submit(layout: Layout, name: str, spec: JobSpec, *, replace: bool = False, held: bool = False) -> None:
    """Put a job into the queue, or with ``held`` beside it, whole or not at all.

    Raises `JobFileError` when name or spec cannot be written, `NameTaken` when a job of that name waits and ``replace``
    is not set, `DiskError` when the disk refuses.
    """
    if problem := name_problem(name):
        raise JobFileError(problem)
    data = jobfile.render(spec).encode()
    target = layout.held(name) if held else layout.queued(name)
    if not fsio.publish(layout.tmp, target, data, replace=replace):
        raise NameTaken(f"a job named {name} waits already")
