"""One run of one job: from its file to its outcome. It changes nothing of the spool but the job's output."""

import os
import time
from collections.abc import Callable, Mapping

from fjd import child, jobfile, leftovers, retry, told
from fjd.child import Child
from fjd.errors import JobFileError
from fjd.jobfile import NO_TERMS, Terms
from fjd.leftovers import Found, Mark
from fjd.spool import fsio
from fjd.spool.layout import Layout
from fjd.spool.output import Outputs
from fjd.worker import outcome
from fjd.worker.ahead import Ahead
from fjd.worker.outcome import Outcome, Stopping

_NEVER = float("inf")


class Run:
    """A run of the job whose file stands at ``path`` (in ``running/W/``), by a worker whose directory is ``cwd``."""

    def __init__(
        self,
        layout: Layout,
        worker: str,
        job: str,
        *,
        cwd: str,
        outputs: Outputs | None = None,
        ahead: Ahead | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job = job
        self.attempt = 1
        self.terms: Terms = NO_TERMS
        self._clock = clock
        self._worker = worker
        self.path = layout.running(worker, job)
        self.output_path = layout.output(job)
        self._status_path = layout.status(worker, job)
        self.inode: int | None = None
        self.stood = False
        """Whether its file was in its place right before it was to be moved on."""
        self.command = ""
        self._workers_cwd = self._cwd = cwd
        self._logfile = ""
        self._env: dict[str, str] = {}
        self._stdin: int | None = None
        self._outputs = outputs or Outputs(layout, spares=False)
        self._ahead = ahead or Ahead(None)
        self._output = -1
        self._child: Child | None = None
        self._stopping: Stopping | None = None
        self._frozen_s: float | None = None
        """Since when it is frozen."""
        self._deadline_s = _NEVER
        self._kill_at_s = 0.0
        self._strays: list[Found] = []

    def prepare(self, defaults: tuple[tuple[str, str], ...] = ()) -> None:
        """Read the file, whose options come before ``defaults``; make the logfile's folder and the output file.

        Raises `JobFileError` for what is the job's own fault, `DiskError` for what may be tried again.
        """
        found = self._ahead.take(self.job, self.path)
        if found is None:
            raise JobFileError("its file went away before it could be read")
        self.inode, spec = found.stamp.inode, found.spec
        self.command = spec.executable
        self.terms = jobfile.terms_of((*defaults, *spec.options)) if defaults else spec.terms
        self._env = dict(spec.env)
        if spec.workdir:
            workdir = os.path.join(self._workers_cwd, os.path.expanduser(spec.workdir))
            if not os.path.isdir(workdir):
                raise JobFileError(f"its workdir {workdir} is no directory here")
            self._cwd = workdir
        if spec.logfile:
            self._logfile = os.path.join(self._cwd, os.path.expanduser(spec.logfile))
            fsio.make_user_dirs(os.path.dirname(self._logfile))
        if self.terms.stdin and self._stdin is None:
            self._stdin = fsio.open_input(os.path.join(self._cwd, os.path.expanduser(self.terms.stdin)))
        self._output = self._outputs.begin(self.output_path)

    def start(self, environment: Mapping[str, str], attempt: int) -> int:
        """Start the process and return its pid, raise `JobFileError` if it cannot be started."""
        self.attempt = attempt
        try:
            self._child = child.start(
                self.command,
                self.path,
                cwd=self._cwd,
                env=self._environment(environment),
                output=self._output,
                stdin=self._stdin,
                limit_bytes=self.terms.memory_bytes if self.terms.limits_memory else 0,
            )
        except (OSError, ValueError) as error:
            raise JobFileError(f"it cannot be started: {error}") from error
        if self.terms.nice:
            self._child.renice(self.terms.nice)
        if self.terms.timeout_s:
            self._deadline_s = self._clock() + self.terms.timeout_s
        return self._child.pid

    def _environment(self, base: Mapping[str, str]) -> dict[str, str]:
        said = {
            told.JOB: self.job,
            told.JOB_FILE: self.path,
            told.LOGFILE: self._logfile,
            told.ATTEMPT: str(self.attempt),
            told.STATUS: self._status_path,
        }
        if self.terms.timeout_s:
            said[told.DEADLINE] = str(int(time.time() + self.terms.timeout_s))
        return {**told.with_own(base, self._env), **said} if self._env else {**base, **said}

    def aftermath(self, base: Mapping[str, str], path: str, how: Outcome) -> dict[str, str]:
        """Return the environment of what is run when it has ended so, and its file stands at ``path``."""
        status = retry.status_of(how.exit.code, how.exit.signal)
        said = {told.JOB_FILE: path, told.OUTCOME: how.result, told.EXIT: "" if status is None else str(status)}
        return {**self._environment(base), **said}

    @property
    def cwd(self) -> str:
        """Where it runs; where the worker does when there is no such directory."""
        return self._cwd

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
        """Stop its process group, or let it go on; one that is to end is let be, since it must hear TERM.

        The time in which it is frozen is not counted against its timeout.
        """
        if self._child is None or self._stopping is not None or frozen is (self._frozen_s is not None):
            return
        if self._frozen_s is None:
            self._frozen_s = self._clock()
            self._child.freeze()
        else:
            self._deadline_s += self._clock() - self._frozen_s
            self._frozen_s = None
            self._child.thaw()

    def left_s(self, now_s: float) -> float:
        """Return how long it may still run, as far as can be told now."""
        return max(0.0, self._deadline_s - now_s) if self._frozen_s is None else _NEVER

    def poll(self, now_s: float) -> Outcome | None:
        """Return the outcome when it has ended, None while it goes on. Does not block."""
        if self._child is None:
            raise RuntimeError(f"{self.job} was not started")
        if self._stopping is None:
            ended = self._child.reap()
            return None if ended is None else outcome.natural(ended, self.terms)
        if not self._child.press(now_s) or (now_s < self._kill_at_s and leftovers.live(self._strays)):
            return None
        leftovers.end(self._mark(), self._strays)
        return outcome.forced(self._stopping, self._child.reap(), self.terms)

    def _mark(self, session: int | None = None) -> Mark:
        """Return what its processes are known by. Once its leader is reaped, the session's id may be another's."""
        return Mark(self._worker, (self.job,), session)

    def close(self) -> None:
        """Close the output, and see to it that it is in its place, or nowhere if nothing was printed."""
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None
        self._outputs.end()

    def leave_output(self) -> str:
        """Leave the output where it is, which is told, since it cannot be put in its place."""
        return self._outputs.leave()

    def show_output(self) -> None:
        """Let the output be seen in its place while the job runs."""
        self._outputs.show()
