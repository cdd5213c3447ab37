"""One run of one job: from its file to its outcome. It changes nothing of the spool but the job's output."""

import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from fjd import child, jobfile, leftovers
from fjd.child import Child, Exit
from fjd.errors import DiskError, JobFileError
from fjd.jobfile import NO_TERMS
from fjd.leftovers import Found, Mark
from fjd.spool import fsio
from fjd.spool.layout import Layout

NO_EXIT = Exit(None, None, 0)
"""Of a job that was never started."""

Result = Literal["done", "failed", "requeued", "superseded"]


class Stopping(Enum):
    """Why a running job is stopped, and so what becomes of it; the value is the word that a user reads."""

    REQUEUE = "given back"
    KILL = "killed"
    CANCEL = "cancelled"
    DISCARD = "superseded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the job goes, and what the journal says of it."""

    result: Result
    reason: str = ""
    exit: Exit = NO_EXIT


class Run:
    """A run of the job whose file stands at ``path`` (in ``running/W/``), by a worker whose directory is ``cwd``."""

    def __init__(self, layout: Layout, worker: str, job: str, *, cwd: str) -> None:
        self.job = job
        self._worker = worker
        self.path = layout.running(worker, job)
        self.output_path = layout.output(job)
        self.inode: int | None = None
        self.stood = False
        """Whether its file was in its place right before it was to be moved on."""
        self.command = ""
        self.terms = NO_TERMS
        self.attempt = 1
        self._workers_cwd = self._cwd = cwd
        self._logfile = ""
        self._output = -1
        self._child: Child | None = None
        self._stopping: Stopping | None = None
        self._is_frozen = False
        self._kill_at_s = 0.0
        self._strays: list[Found] = []

    def prepare(self) -> None:
        """Read the file, make the logfile's folder and the output file.

        Raises `JobFileError` for what is the job's own fault, `DiskError` for what may be tried again.
        """
        contents = fsio.read_plain(self.path, jobfile.MAX_BYTES)
        if contents is None:
            raise JobFileError("its file went away before it could be read")
        self.inode = contents.stamp.inode
        spec = jobfile.parse(contents.data)
        self.command, self.terms = spec.executable, spec.terms
        self._cwd = os.path.join(self._workers_cwd, os.path.expanduser(spec.workdir))
        if not os.path.isdir(self._cwd):
            raise JobFileError(f"its workdir {self._cwd} is no directory here")
        if spec.logfile:
            self._logfile = os.path.join(self._cwd, os.path.expanduser(spec.logfile))
            fsio.make_user_dirs(os.path.dirname(self._logfile))
        self._output = fsio.open_output(self.output_path)

    def start(self, environment: Mapping[str, str], attempt: int) -> int:
        """Start the process and return its pid, raise `JobFileError` if it cannot be started."""
        told = {
            leftovers.JOB_VARIABLE: self.job,
            "FJD_JOB_FILE": self.path,
            "FJD_LOGFILE": self._logfile,
            "FJD_ATTEMPT": str(attempt),
        }
        try:
            self._child = child.start(
                self.command, self.path, cwd=self._cwd, env={**environment, **told}, output=self._output
            )
        except (OSError, ValueError) as error:
            raise JobFileError(f"it cannot be started: {error}") from error
        return self._child.pid

    @property
    def is_stopping(self) -> bool:
        return self._stopping is not None

    def stop(self, why: Stopping, now_s: float, grace_s: float) -> None:
        """Begin to stop it, and what of it has left its process group; the first reason stands."""
        if self._child is not None and self._stopping is None:
            self._stopping = why
            self._kill_at_s = now_s + grace_s
            self._child.stop(now_s, grace_s)
            self._strays = leftovers.ask(self._mark(session=self._child.pid), but_group=self._child.pid)

    def freeze(self, frozen: bool) -> None:
        """Stop its process group, or let it go on; one that is to end is let be, since it must hear TERM."""
        if self._child is None or self._stopping is not None or frozen is self._is_frozen:
            return
        self._is_frozen = frozen
        if frozen:
            self._child.freeze()
        else:
            self._child.thaw()

    def poll(self, now_s: float) -> Outcome | None:
        """Return the outcome when it has ended, None while it goes on. Does not block."""
        if self._child is None:
            raise RuntimeError(f"{self.job} was not started")
        if self._stopping is None:
            ended = self._child.reap()
            return None if ended is None else _natural_outcome(ended)
        if not self._child.press(now_s) or (now_s < self._kill_at_s and leftovers.live(self._strays)):
            return None
        leftovers.end(self._mark(), self._strays)
        return _forced_outcome(self._stopping, self._child.reap() or Exit(None, signal.SIGKILL, 0))

    def _mark(self, session: int | None = None) -> Mark:
        """Return what its processes are known by. Once its leader is reaped, the session's id may be another's."""
        return Mark(self._worker, (self.job,), session)

    def close(self) -> None:
        """Close the output, and remove it if nothing was printed."""
        if self._output < 0:
            return
        is_empty = False
        with contextlib.suppress(OSError):  # ESTALE on NFS where it was removed; EIO, ENOSPC by close: the job's output
            is_empty = os.fstat(self._output).st_size == 0
        with contextlib.suppress(OSError):
            os.close(self._output)
        if is_empty:
            with contextlib.suppress(DiskError):  # an empty file left behind harms nobody, an outcome lost would
                fsio.remove(self.output_path)


def _natural_outcome(ended: Exit) -> Outcome:
    return Outcome("done" if ended.is_success else "failed", ended.reason, ended)


def _forced_outcome(why: Stopping, ended: Exit) -> Outcome:
    results: dict[Stopping, Result] = {
        Stopping.REQUEUE: "requeued",
        Stopping.DISCARD: "superseded",
        Stopping.KILL: "failed",
        Stopping.CANCEL: "failed",
    }
    return Outcome(results[why], why.value, ended)
