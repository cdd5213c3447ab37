"""Moving: the one rename that each change of a job's state is (rules 2 and 13), and what came of it."""

import errno
import os
from collections.abc import Callable
from enum import Enum

from fjd.spool import noreplace, syscalls
from fjd.spool.fsio.looking import refresh, stamp
from fjd.spool.fsio.refusals import GONE, refusal

_UNLIKE = (errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY)
"""A file and a directory do not replace one another, nor is a directory replaced that has something in it."""


class Moved(Enum):
    """What came of a move."""

    YES = "moved"
    GONE = "somebody else moved it"
    TAKEN = "the target's name is taken"
    ASTRAY = "the directory that it was to be moved to is not there"
    BLOCKED = "what stands at the target is a directory, or the source is one, and is not replaced"


def move(source: str, target: str) -> Moved:
    """Rename ``source`` to ``target``: one winner (rule 2).

    A rename over the network may report ENOENT though its first try was carried out (the answer was lost and the client
    asked again). Whoever needs to know looks with `stands_at` whether it was, and must then have a way to tell its own
    rename from somebody else's, who moves the very same file.
    """
    try:  # as `_persist` does, in its own lines: each job is moved twice by its worker
        syscalls.rename(source, target)
    except OSError as error:
        return _again(error, _replacing, source, target)
    return Moved.YES


def _replacing(source: str, target: str) -> Moved:
    syscalls.rename(source, target)
    return Moved.YES


def _persist(rename: Callable[[str, str], Moved], source: str, target: str) -> Moved:
    """Rename, and look what it means when that says that something is not there."""
    try:
        return rename(source, target)
    except OSError as error:
        return _again(error, rename, source, target)


def _again(error: OSError, rename: Callable[[str, str], Moved], source: str, target: str) -> Moved:
    """After a first try came to ``error``, rename once more where that may help, and tell what it means.

    An ESTALE while the source stands goes away when the name is looked up again; a missing directory does not.
    """
    if (moved := _meaning(error, source, target)) is not None:
        return moved
    try:
        return rename(source, target)
    except OSError as again:
        if (moved := _meaning(again, source, target)) is not None:
            return moved
        if again.errno == errno.ESTALE:  # the server's trouble, which is not to be taken for a missing directory
            raise refusal(f"move {source} to {target}", again) from again
    return Moved.ASTRAY


def _meaning(error: OSError, source: str, target: str) -> Moved | None:
    """Tell what it means that a rename came to ``error``; None while the source stands and the target has no place."""
    if error.errno in _UNLIKE or (error.errno == errno.ENOTDIR and stamp(target) is not None):
        return Moved.BLOCKED
    if error.errno not in GONE:
        raise refusal(f"move {source} to {target}", error) from error
    return Moved.GONE if stamp(source) is None else None


def stands_at(path: str, inode: int | None) -> bool:
    """Tell whether the file with this inode is the one at ``path``, as the server has it."""
    refresh(os.path.dirname(path))
    found = stamp(path)
    return found is not None and found.inode == inode


def move_new(source: str, target: str) -> Moved:
    """Rename ``source`` to ``target`` unless something stands there (rule 13)."""
    return _persist(_not_replacing, source, target)


def _not_replacing(source: str, target: str) -> Moved:
    try:
        return Moved.YES if noreplace.rename(source, target) else look_then_move(source, target)
    except FileExistsError:
        return Moved.TAKEN


def look_then_move(source: str, target: str) -> Moved:
    """Where the kernel or the filesystem (NFS, sshfs) has no exclusive rename: a look, and then the rename.

    Between the two a user may drop a file of that very name; that window of microseconds is the price, since a link
    and an unlink in place of one rename would let a crash leave the job in two states.
    """
    return Moved.TAKEN if os.path.lexists(target) else move(source, target)


def exchange(source: str, target: str) -> Moved | None:
    """Exchange the names of two files at once; `Moved.YES` only if both are there, None where that cannot be done."""
    can = True

    def swap(_source: str, _target: str) -> Moved:
        nonlocal can
        can = noreplace.exchange(source, target)
        return Moved.YES

    moved = _persist(swap, source, target)
    return moved if can else None
