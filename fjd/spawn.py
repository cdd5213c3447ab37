"""Starts a program as the leader of a new session, by the quickest way there is for it.

``os.posix_spawn`` takes half of the time of `subprocess.Popen`, which prepares for much that a job does not need. What
it cannot do is left to Popen: to start in another directory than this process's own, or with another search path.
Both start by vfork(2), so that what a start costs does not grow with this process.
"""

import os
import signal
from collections.abc import Mapping
from functools import cache

_FROM_NOTHING = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
_DEFAULTS = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these two, and programs expect that they end them."""
_STREAMS = 3


def spawn(argv: list[str], *, cwd: str, env: Mapping[str, str], output: int, stdin: int | None = None) -> int:
    """Start ``argv`` in ``cwd``, its stdin from ``stdin`` or empty, stdout and stderr to ``output``; return its pid.

    ``argv[0]`` is looked for in the PATH of ``env`` when it has no ``/`` in it. No other open file is inherited.
    Whoever calls this waits for the pid. Raises ``OSError`` when it cannot be started, ``ValueError`` for a NUL.
    """
    is_plain = output >= _STREAMS and (stdin is None or stdin >= _STREAMS)
    is_found = "/" in argv[0] or env.get("PATH") == os.environ.get("PATH")
    if not (is_plain and is_found and _is_own(cwd) and _hide_inherited()):
        return _elsewhere(argv, cwd, env, output, stdin)
    source = _FROM_NOTHING if stdin is None else (os.POSIX_SPAWN_DUP2, stdin, 0)
    return os.posix_spawnp(
        argv[0],
        argv,
        env,
        file_actions=(source, (os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)),
        setsid=True,
        setsigdef=_DEFAULTS,
    )


def _is_own(cwd: str) -> bool:
    """Tell whether ``cwd`` is this process's working directory, which may have been renamed, and another made."""
    there, here = os.stat(cwd), os.stat(".")
    return there.st_ino == here.st_ino and there.st_dev == here.st_dev


@cache
def _hide_inherited() -> bool:
    """Let nothing go further that this process was given by its parent; what Python opens is never inherited.

    False where it cannot be told what is open.
    """
    try:
        descriptors = [int(name) for name in os.listdir("/proc/self/fd")]
    except FileNotFoundError:
        return False
    for descriptor in descriptors:
        if descriptor >= _STREAMS and os.path.exists(f"/proc/self/fd/{descriptor}"):
            os.set_inheritable(descriptor, False)
    return True


def _elsewhere(argv: list[str], cwd: str, env: Mapping[str, str], output: int, stdin: int | None) -> int:
    import subprocess  # most workers never come here

    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    process.returncode = 0  # it is waited for by its pid, and Popen must not do so besides
    return process.pid
