"""Runs roles as forked children of the test; in one of them, the victim, a fault strikes at a given point.

A point is the n-th time that `fjd.spool.syscalls` is passed, before or after the call. The victim tells each point it
passes in a file, so that the list of points is the one that was really met.
"""

import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fjd.spool import syscalls

_DEADLINE_S = 30.0


class Fault(Enum):
    """What happens at the point."""

    NONE = "nothing"
    KILL = "the process is killed"
    ENOSPC = "the disk is full, this once"
    EIO = "the disk has an error, this once"
    ESTALE = "the handle is stale, this once"
    LOST_ANSWER = "the rename happens and ENOENT is reported"


@dataclass
class Strike:
    """The probe that strikes at the point numbered ``at``, counted from 1."""

    fault: Fault
    at: int
    record: Path
    passed: int = 0

    def __call__(self, when: str, what: str, path: str) -> None:
        self.passed += 1
        with self.record.open("a") as file:
            file.write(f"{when} {what} {os.path.basename(os.path.dirname(path))}\n")
        if self.passed == self.at:
            self._strike(when, what)

    def _strike(self, when: str, what: str) -> None:
        if self.fault is Fault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.fault is Fault.LOST_ANSWER:
            if (when, what) == ("after", "rename"):
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        elif self.fault is not Fault.NONE and when == "before":
            code = getattr(errno, self.fault.name)
            raise OSError(code, os.strerror(code))


class Child:
    """A forked child that plays ``role``; whatever it says goes to ``log``."""

    def __init__(self, role: Callable[[], object], log: Path, strike: syscalls.Probe | None = None) -> None:
        self.log = log
        self.status: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _play(role, log, strike)

    def has_ended(self) -> bool:
        """Tell whether it is over; does not wait."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self) -> int:
        """Wait until it is over and return the exit status, negative for a signal."""
        wait_for(self.has_ended, self)
        assert self.status is not None
        return self.status

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, if it is there to receive it, and wait."""
        if not self.has_ended():
            os.kill(self.pid, number)
        return self.wait()


def wait_for(condition: Callable[[], object], *children: Child) -> None:
    """Wait for the condition; when it takes too long, fail with what the children have said."""
    deadline_s = time.monotonic() + _DEADLINE_S
    while not condition():
        if time.monotonic() > deadline_s:
            said = "\n".join(child.log.read_text(errors="replace") for child in children if child.log.exists())
            raise AssertionError(f"still not true after {_DEADLINE_S} s; the children said:\n{said}")
        time.sleep(0.002)


def _play(role: Callable[[], object], log: Path, strike: syscalls.Probe | None) -> None:
    """Be the child. Never returns: the test's own clean-up must not run twice."""
    status = 1
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        syscalls.probe = strike
        role()
        status = 0
    except BaseException:  # noqa: BLE001  # it is told in the log, and the exit status tells the test
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)
