"""The system calls that change the disk, each passing by one place: nothing else in fjd calls them.

`probe` is told before and after each. It is None but in the tests, where it kills the process at that very point or
lets the call fail; since every change goes through here, no point can be forgotten, and a new one is met by itself.
What each job needs asks for it in its own lines: after a job's process, each function that is called is cold.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

Probe = Callable[[str, str, str], None]
"""Called with "before" or "after", the call's name, and the path."""

probe: Probe | None = None


def change(what: str, path: str, call: Callable[..., T], *arguments: Any) -> T:
    """Call ``call(*arguments)``, which is the system call ``what`` on ``path``."""
    if probe is None:
        return call(*arguments)
    probe("before", what, path)
    result = call(*arguments)
    probe("after", what, path)
    return result


def mkdir(path: str, mode: int) -> None:
    change("mkdir", path, os.mkdir, path, mode)


def makedirs(path: str) -> None:
    change("makedirs", path, lambda: os.makedirs(path, exist_ok=True))


def rmdir(path: str) -> None:
    change("rmdir", path, os.rmdir, path)


def rename(source: str, target: str) -> None:
    if probe is None:
        os.rename(source, target)
    else:
        change("rename", target, os.rename, source, target)


def link(source: str, target: str) -> None:
    change("link", target, os.link, source, target)


def unlink(path: str) -> None:
    change("unlink", path, os.unlink, path)


def utime(path: str) -> None:
    """Touch what stands at ``path``, and where that is a link, the link."""
    change("utime", path, lambda: os.utime(path, follow_symlinks=False))


def mkfifo(path: str, mode: int) -> None:
    change("mkfifo", path, os.mkfifo, path, mode)


def open_to_write(path: str, flags: int, mode: int) -> int:
    """Open or create a file for writing, close-on-exec, never through a link."""
    flags |= os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, mode) if probe is None else change("open", path, os.open, path, flags, mode)


def write(descriptor: int, data: "bytes | memoryview", path: str) -> int:
    return os.write(descriptor, data) if probe is None else change("write", path, os.write, descriptor, data)


def fdatasync(descriptor: int, path: str) -> None:
    change("fdatasync", path, os.fdatasync, descriptor)


def close(descriptor: int, path: str) -> None:
    change("close", path, os.close, descriptor)
