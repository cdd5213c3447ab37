"""What a job wants to be run when its outcome stands: ``on-success``, ``on-failure``.

It changes nothing of the outcome, and is run once at the most: who is killed between the outcome and this has not run
it, and nobody else will.
"""

import contextlib
import os
import time
from collections.abc import Callable, Mapping

from fjd import chance, child
from fjd.child import Child
from fjd.errors import DiskError
from fjd.jobfile import Terms
from fjd.quantity import format_duration
from fjd.settings import Timings
from fjd.spool import fsio
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout
from fjd.worker.outcome import Outcome, is_tried_again

ON_SUCCESS, ON_FAILURE = "on-success", "on-failure"


def wanted(terms: Terms, outcome: Outcome, attempt: int) -> tuple[str, str] | None:
    """Return the key and the command that is to be run after the outcome of that attempt, None when nothing is."""
    if outcome.result == "done" and terms.on_success:
        return ON_SUCCESS, terms.on_success
    if outcome.result != "failed" or not terms.on_failure or is_tried_again(terms, outcome, attempt):
        return None
    return ON_FAILURE, terms.on_failure


class Hook:
    """One such command, for one run of ``job``; what it prints is added to the output of the job."""

    def __init__(
        self, layout: Layout, job: str, timings: Timings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._layout = layout
        self._target = layout.output(job)
        self._timings = timings
        self._clock = clock
        self._spare = ""
        self._output = -1

    def run(
        self, command: str, path: str, *, cwd: str, env: Mapping[str, str], pass_time: Callable[[float], bool]
    ) -> str:
        """Run ``command``, with ``path`` as last argument, to its end; return what was wrong with it, or nothing.

        ``pass_time(s)`` waits for a sign of it, at most so long, and tells whether the worker is to leave; then it has
        a grace left. Raises `DiskError` when there is no place for what it prints.
        """
        self._output = self._opened()
        try:
            return self._see_through(child.start(command, path, cwd=cwd, env=env, output=self._output), pass_time)
        except (OSError, ValueError) as error:
            return f"it cannot be started: {error}"
        finally:
            self._close()

    def _see_through(self, running: Child, pass_time: Callable[[float], bool]) -> str:
        """Wait until it has ended, or end it when its time is over."""
        now_s = self._clock()
        end_at_s, why_ended = now_s + self._timings.hook_s, f"it ran for {format_duration(self._timings.hook_s)}"
        is_hurried = False
        while (ended := running.reap()) is None and now_s < end_at_s:
            if pass_time(end_at_s - now_s) and not is_hurried:
                is_hurried = True
                end_at_s, why_ended = self._clock() + self._timings.grace_s, "its worker was told to leave"
            now_s = self._clock()
        if ended is not None:
            return ended.reason
        running.stop(now_s, 0.0 if is_hurried else self._timings.grace_s)
        while not running.press(self._clock()):
            pass_time(child.GROUP_POLL_S)
        return f"ended: {why_ended}"

    def _opened(self) -> int:
        output = fsio.reopen_output(self._target)
        if output is None:
            self._spare = f"{self._layout.tmp}/{chance.token(8)}"
            output = fsio.open_output(self._spare)
        return output

    def _close(self) -> None:
        """Close the output, and put it in its place where the job itself has printed nothing."""
        is_empty = False
        with contextlib.suppress(OSError):
            is_empty = os.fstat(self._output).st_size == 0
        with contextlib.suppress(OSError):  # EIO, ENOSPC by close: what it printed is its own
            os.close(self._output)
        # Never in the place of another's: a job of that name may have begun meanwhile (rule 13).
        with contextlib.suppress(DiskError):
            if self._spare and (is_empty or fsio.move_new(self._spare, self._target) is not Moved.YES):
                fsio.remove(self._spare)
