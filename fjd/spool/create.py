"""Makes a spool, or makes sure that a directory is one that this version of fjd may use."""

import contextlib
import os

from fjd.errors import DiskError, NotAJob, SpoolError, SpoolGone, UnsafeError
from fjd.spool import batches, fsio, wholeness
from fjd.spool.layout import PROTOCOL_VERSION, Layout

_LEFTOVER_AGE_NS = 24 * 3600 * 10**9
"""No writer takes as long between the making of a temporary file and its rename."""


def open_spool(root: str, *, create: bool = True) -> Layout:
    """Return the layout of the spool at ``root``, making what is missing of its directories when ``create``.

    Raises `SpoolGone` when ``root`` is no directory (it is never made: a mistyped name must not become a spool),
    `UnsafeError` when somebody else owns or everybody can write it or a directory in it, `SpoolError` for a newer
    protocol.
    """
    layout = Layout(os.path.realpath(root))
    if not os.path.isdir(layout.root):
        raise SpoolGone(f"there is no directory {layout.root}: make it first, or name another with --dir")
    fsio.check_ours(layout.root)
    _check_directories(layout)
    if create:
        _make_directories(layout)
        fsio.publish(layout.tmp, layout.version_file, f"{PROTOCOL_VERSION}\n".encode())
    elif not is_there(layout):
        raise SpoolGone(f"{layout.root} is not a spool: it has no jobqueue")
    _check_version(layout)
    return layout


def spool_above(start: str) -> str:
    """Return the nearest spool of this user's, ``start`` or a directory above it; empty when there is none.

    In ``start`` itself a ``jobqueue`` is enough, since a script may have made it. Above, only what fjd has made counts.
    """
    directory = os.path.realpath(start)
    while not _is_ours(directory, is_start=directory == os.path.realpath(start)):
        above = os.path.dirname(directory)
        if above == directory:
            return ""
        directory = above
    return directory


def _is_ours(directory: str, *, is_start: bool) -> bool:
    layout = Layout(directory)
    try:
        if fsio.dir_stamp(layout.jobqueue) is None or not (is_start or fsio.dir_stamp(layout.private) is not None):
            return False
        fsio.check_ours(directory)
    except (DiskError, UnsafeError):  # whoever named it would be told; nobody has
        return False
    return True


def _check_directories(layout: Layout) -> None:
    """Look before anything is made: what is made in a directory that is a link would be made outside of the spool."""
    for directory in layout.directories:
        if fsio.stamp(directory) is not None:
            fsio.check_ours(directory)


def mend(layout: Layout) -> None:
    """Make anew what somebody removed of a spool's directories under a running crew, as far as the disk lets us."""
    with contextlib.suppress(DiskError, UnsafeError):  # of the latter whoever opens the spool next is told
        _make_directories(layout)


def sweep(layout: Layout) -> None:
    """Remove what writers that were killed have left in ``.fjd/tmp``: files and batches of a day ago.

    By the disk's own clock. What the disk refuses is left for the next time.
    """
    with contextlib.suppress(DiskError):
        until_ns = wholeness.disk_now_ns(layout) - _LEFTOVER_AGE_NS
        for name in fsio.names(layout.tmp) or ():
            path = os.path.join(layout.tmp, name)
            stamp = fsio.stamp(path)
            if stamp is not None and stamp.mtime_ns < until_ns and fsio.is_plain(path):
                fsio.remove(path)
            elif batches.is_batch(name) and (written_ns := fsio.dir_stamp(path)) and written_ns < until_ns:
                batches.discard(path)


def _make_directories(layout: Layout) -> None:
    for directory in layout.directories:
        fsio.make_dir(directory)


def is_there(layout: Layout) -> bool:
    """Tell whether the spool still exists; while the disk does not say, it does."""
    try:
        return fsio.dir_stamp(layout.jobqueue) is not None and fsio.dir_stamp(layout.private) is not None
    except DiskError:
        return True


def _check_version(layout: Layout) -> None:
    try:
        contents = fsio.read_plain(layout.version_file, 100)
    except (NotAJob, UnsafeError) as error:
        raise UnsafeError(f"{layout.version_file} cannot be trusted: {error}") from error
    text = contents.data.decode("ascii", "replace").strip() if contents else str(PROTOCOL_VERSION)
    if text != str(PROTOCOL_VERSION):
        raise SpoolError(
            f"{layout.root} has spool protocol {text}, and this fjd speaks {PROTOCOL_VERSION}: "
            "use the version of fjd that made it, or another directory"
        )
