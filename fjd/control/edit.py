"""Changing the text of a job that has not begun, so that no change can bring back one that was handed out meanwhile.

A waiting job is taken out by a rename to ``held/``, changed there, and put back by a rename that does not replace.
Whoever else moves it meanwhile wins or loses whole, and a crash in between leaves it held, and not lost.
"""

from collections.abc import Callable

from fjd import jobfile
from fjd.control import diary, moves
from fjd.errors import FjdError, NotAJob, UnsafeError
from fjd.spool import fsio, swap, wholeness
from fjd.spool.fsio import Contents
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Writing

Change = Callable[[bytes], bytes]
"""From the text of a job to its new text; what it raises leaves the job as it is."""


def edit(layout: Layout, job: str, change: Change) -> None:
    """Change the text of a job that waits or is held.

    Raises `JobFileError` for a new text that says nothing to run, `FjdError` when the job is neither waiting nor held,
    or somebody else writes or moves it, and `NameTaken` when its name was taken in the meantime; then it stays held.
    """
    is_held = fsio.stamp(layout.queued(job)) is None and fsio.stamp(layout.held(job)) is not None
    if is_held:
        _change(layout, job, change)
        return
    moves.take_out(layout, job)
    try:
        _change(layout, job, change)
    finally:
        moves.put_back(layout, job)


def set_priority(layout: Layout, job: str, priority: int) -> None:
    """Give a waiting or held job another priority; nothing else of its text changes."""
    set_value(layout, job, "priority", str(priority))


def set_value(layout: Layout, job: str, key: str, value: str) -> None:
    """Give one key in ``[control]`` of a waiting or held job another value; nothing else of its text changes."""
    edit(layout, job, lambda data: jobfile.with_value(data, key, value))


def _change(layout: Layout, job: str, change: Change) -> None:
    contents = _read(layout, job)
    data = change(contents.data)
    jobfile.parse(data)
    if data == contents.data:
        return
    if not swap.replace(layout.tmp, layout.held(job), data, contents.stamp):
        raise FjdError(f"somebody else has changed or moved {job} meanwhile, and so it is left as it is")
    diary.tell(layout, "changed", job=job)


def _read(layout: Layout, job: str) -> Contents:
    path = layout.held(job)
    try:
        contents = fsio.read_plain(path, jobfile.MAX_BYTES)
    except (NotAJob, UnsafeError) as error:
        raise FjdError(f"{job} cannot be changed: {error}") from error
    if contents is None:
        raise FjdError(f"{job} is not held any more")
    if wholeness.writing(path) is Writing.YES:
        raise FjdError(f"somebody is writing {job}; try again when it is whole")
    return contents
