"""Many jobs at once, all or none: a directory of files, one rename that commits them, and their way into the queue.

1. All files are written into ``.fjd/tmp/B``. Killed here, the submitter leaves nothing but garbage, which
   `fjd.spool.create.sweep` removes after a day.
2. One rename makes ``.fjd/batches/B`` of it: that is the commit. Before it none of the jobs is submitted, after it all.
3. Each file is moved on by a rename that replaces nothing, to ``jobqueue/``, or to ``held/`` from a batch whose name
   says so; a job whose name was taken meanwhile gets a number (rule 13). The directory, empty, is removed.

Step 3 is done by the submitter. If it dies, the dispatcher goes on with it, or whoever submits next. Any number may be
at it at once: of each file one rename wins, and what is gone is somebody else's answer.
"""

import os
import stat
from collections.abc import Callable, Iterable, Sequence

from fjd import chance
from fjd.errors import DiskError
from fjd.spool import fsio, syscalls
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout, numbered

_PREFIX = "batch-"
_HELD = "-held"
_TRIES = 1000


def commit(layout: Layout, files: Iterable[tuple[str, bytes]], *, held: bool = False) -> str:
    """Write ``files``, pairs of name and text, and commit them; return the name of the batch.

    Whatever ``files`` raises while it is read is raised on, and `DiskError` for what the disk refuses; then nothing is
    submitted. No name may come twice.
    """
    batch = f"{_PREFIX}{chance.token(8)}{_HELD if held else ''}"
    draft = os.path.join(layout.tmp, batch)
    fsio.make_dir(draft)
    try:
        _write_all(draft, files)
        fsio.make_dir(layout.batches)
        _commit(draft, layout.batch(batch))
    except BaseException:
        discard(draft)
        raise
    return batch


def _write_all(directory: str, files: Iterable[tuple[str, bytes]]) -> None:
    mode = fsio.FILE_MODE | (stat.S_IMODE(os.stat(directory).st_mode) & 0o060)  # as open to the group as the spool is
    for name, data in files:
        path = f"{directory}/{name}"
        with fsio.trouble("write", path):
            descriptor = syscalls.open_to_write(path, os.O_CREAT | os.O_EXCL, mode)
            try:
                written = syscalls.write(descriptor, data, path)
                while written < len(data):
                    written += syscalls.write(descriptor, data[written:], path)
            finally:
                syscalls.close(descriptor, path)


def _commit(draft: str, target: str) -> None:
    """Rename; where the answer says that nothing was there, its own may have been lost: nobody else knows the name."""
    if fsio.move(draft, target) is not Moved.YES and fsio.dir_stamp(target) is None:
        raise DiskError(f"cannot commit the jobs: {draft} cannot be moved to {target}")


def is_batch(name: str) -> bool:
    """Tell whether a directory of this name is one of ours."""
    return name.startswith(_PREFIX)


def discard(draft: str) -> None:
    """Remove a batch that was never committed, as far as the disk lets us."""
    try:
        for name in fsio.names(draft) or ():
            fsio.remove(os.path.join(draft, name))
        fsio.remove_dir(draft)
    except DiskError:
        return  # it is garbage, and is swept later


def pending(layout: Layout) -> list[str]:
    """Return the batches that are committed and not wholly in the queue."""
    return fsio.names(layout.batches) or []


def finish(
    layout: Layout, batch: str, names: Sequence[str] | None = None, *, is_enough: Callable[[], bool] = lambda: False
) -> dict[str, str]:
    """Move the jobs of a batch on, in the order of ``names``; return those that got another name, and which.

    ``is_enough`` is asked after each; once it says yes, the rest is left. Raises `DiskError` for what the disk refuses:
    then the rest stands as it did, and this may be called again.
    """
    directory = layout.batch(batch)
    renamed: dict[str, str] = {}
    for name in names if names is not None else fsio.names(directory, fresh=True) or ():
        now = _move_on(layout, f"{directory}/{name}", name, held=batch.endswith(_HELD))
        if now != name:
            renamed[name] = now
        if is_enough():
            return renamed
    fsio.remove_dir(directory)  # where it is not empty, somebody put something there, and the next one sees to it
    return renamed


def finish_all(layout: Layout) -> None:
    """Finish what submitters that died have left."""
    for batch in pending(layout):
        finish(layout, batch)


def _move_on(layout: Layout, source: str, job: str, *, held: bool) -> str:
    """Move one job into the queue; return the name that it has there."""
    name = job
    for number in range(2, _TRIES):
        moved = fsio.move_new(source, layout.held(name) if held else layout.queued(name))
        if moved is Moved.ASTRAY:
            raise DiskError(f"cannot move {job} into the queue: {layout.held_dir if held else layout.jobqueue} is gone")
        if moved is not Moved.TAKEN:
            return name
        name = numbered(job, number)
    raise DiskError(f"cannot move {job} into the queue: {_TRIES} jobs of that name wait already")
