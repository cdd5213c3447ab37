"""Processes that outlive us: started detached, told by pid and start time, ended for good.

It knows nothing of workers or sessions.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fjd import identity
from fjd.errors import HireError
from fjd.spool import fsio

_OUTER_SESSION = ("STY", "WINDOW")
"""By these, screen would take a new session for a window of the one that we run in."""
_POLL_S = 0.01
_KILLED_S = 5.0
"""A killed process has this long to vanish; one that hangs in the kernel (a dead NFS server) does not."""
_ANSWER_S = 5.0
"""A helper program such as ``screen -ls`` has this long; it waits for ever for a server that was stopped."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process, told from a later one of the same pid by its start time."""

    pid: int
    started: int

    def lives(self) -> bool:
        return identity.is_alive(self.pid, self.started)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.lives():
            with fsio.trouble("signal", f"process {self.pid}"), contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def spawn(command: Sequence[str], *, log: str, cwd: str, env: Mapping[str, str]) -> Process:
    """Start ``command`` in a session of its own, stdin from /dev/null, output appended to ``log``.

    It lives on when we end. Until then a thread waits for it, so that it leaves no zombie in a process that runs for
    long. (A second fork would do as well, but a fork in a process with threads is deprecated, and the ``&`` of a shell
    makes the command ignore SIGINT.) Raises `HireError` or `DiskError`.
    """
    program = _program(command[0], env)
    if not os.path.isdir(cwd):
        raise HireError(f"there is no directory {cwd} to work in")
    descriptor = fsio.open_append(log)
    try:
        with fsio.trouble("start", program):
            child = subprocess.Popen(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=cwd,
                env={key: value for key, value in env.items() if key not in _OUTER_SESSION},
                start_new_session=True,
            )
    finally:
        os.close(descriptor)
    started = identity.start_time(child.pid) or 0  # read before anybody reaps it, so the pid is still its own
    threading.Thread(target=child.wait, name=f"fjd-reaper-{child.pid}", daemon=True).start()
    return Process(child.pid, started)


def _program(name: str, env: Mapping[str, str]) -> str:
    found = shutil.which(name, path=env.get("PATH"))
    if found is None:
        raise HireError(f"there is no program {name}")
    return found


def children(pid: int) -> tuple[Process, ...]:
    """Return the living children of the process ``pid``."""
    import psutil  # 21 ms to import, and wanted only when a session is ended by force

    try:
        found = [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return ()
    return tuple(Process(child, started) for child in found if (started := identity.start_time(child)) is not None)


def command_line(pid: int) -> list[str]:
    """Return the command line of the living process ``pid``, [] when there is none or it is not ours to read."""
    import psutil

    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def end(members: Iterable[Process], *, grace_s: float) -> bool:
    """End processes for good: TERM, after ``grace_s`` KILL; True when all are gone.

    A stopped process is continued, or it would never see the TERM.
    """
    members = [process for process in members if process.lives()]
    for process in members:
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGCONT)
    if wait_until(lambda: not any(process.lives() for process in members), grace_s):
        return True
    for process in members:
        process.signal(signal.SIGKILL)
    return wait_until(lambda: not any(process.lives() for process in members), _KILLED_S)


def wait_until(condition: Callable[[], bool], timeout_s: float, *, every_s: float = _POLL_S) -> bool:
    """Wait until ``condition()``, at most ``timeout_s``; return what it was in the end."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(every_s)
    return True


def ask(command: Sequence[str], env: Mapping[str, str]) -> str:
    """Run a short command and return what it printed; "" when it does not answer. Raises `HireError` or `DiskError`."""
    argv = [_program(command[0], env), *command[1:]]
    try:
        with fsio.trouble("start", command[0]):
            answer = subprocess.run(
                argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER_S, check=False
            )
    except subprocess.TimeoutExpired:
        return ""
    return os.fsdecode(answer.stdout + answer.stderr)
