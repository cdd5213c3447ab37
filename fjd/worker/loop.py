"""The life of a worker: take what is in the pod, run it, move it on. It decides nothing (rule 8).

``Worker.run()`` is a loop around ``step()``. Whatever it reacts to (its job ended, a signal came, it was nudged) wakes
one ``poll``; signal handlers only set a flag. Wherever it is killed, ``recovery.bury`` and the dispatcher know how to
go on from what the directories show.
"""

import contextlib
import functools
import os
import time
from collections.abc import Callable

from fjd import identity, recovery, told
from fjd.child import GROUP_POLL_S
from fjd.errors import DiskError, FileRefused, JobFileError, NotAJob, SpoolGone, UnsafeError
from fjd.settings import Timings
from fjd.spool import filesystems
from fjd.spool.announce import Announcement
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from fjd.spool.output import Outputs
from fjd.worker import commit, hook
from fjd.worker.ahead import Ahead
from fjd.worker.complaints import Complaints
from fjd.worker.hook import Hook
from fjd.worker.insistence import FILE_TRIES, Insistence
from fjd.worker.late import Late, Record
from fjd.worker.life import Leaving, Life
from fjd.worker.outcome import Outcome, Stopping, is_tried_again
from fjd.worker.run import Run
from fjd.worker.talk import Talk

_SHOW_AGAIN_S = 5.0
"""So long after the disk refused to show what a job prints it is tried again."""
_ECHO_S = 0.5
"""So long after a signal has ended a job the same signal may still come to its worker, or KILL end it."""
_NOT_YET = float("inf")


class Worker:
    """One worker of the spool at ``layout``. There can be one in a process: it waits by the process's signals."""

    def __init__(
        self,
        layout: Layout,
        announcement: Announcement,
        timings: Timings | None = None,
        *,
        say: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
        until_s: float | None = None,
    ) -> None:
        """``until_s`` is when whoever placed it here ends it, on that clock; it leaves in order before."""
        self._layout = layout
        self._me = announcement
        self._timings = timings or Timings()
        self._say = Talk(say)
        self._complaints = Complaints(self._say)
        self._clock = clock
        self._environment = told.by_worker(os.environ, layout.root, announcement.id, announcement.number)
        self._births = identity.Births()
        self._late = Late(clock=clock)
        is_network = filesystems.is_network(layout.root)
        self._journal = Journal(layout, announcement.id, is_shared=is_network)
        self._outputs = Outputs(layout, spares=not is_network)
        self._ahead = Ahead(None if is_network else functools.partial(layout.handed, announcement.id))
        self._life = Life(
            layout,
            announcement,
            self._timings,
            self._journal,
            self._outputs,
            self._late,
            self._say,
            self._complaints,
            is_network=is_network,
            clock=clock,
            until_s=until_s,
        )
        self._insist = Insistence(
            layout,
            self._complaints,
            pass_time=self._life.wait_and_beat,
            is_leaving=lambda: self._life.leaving is not None,
            grace_s=self._timings.grace_s,
            clock=clock,
        )

    def run(self) -> Leaving:
        """Announce, work until there is a reason to leave, give back what is left, withdraw.

        Raises `DiskError` when the disk refuses that last part for longer than the grace; then it stands as if the
        worker had been killed.
        """
        with self._life.waiting:
            try:
                self._insist("come to", self._layout.root, self._life.come)
                while self._life.leaving is None:
                    self.step()
            except SpoolGone:
                self._life.leaving = Leaving.SPOOL_GONE
            finally:
                self._say.flush()  # whatever it is that ends us
            self._leave(self._life.leaving)
        return self._life.leaving

    def step(self) -> None:
        """One look if it is due, and then one job or one wait."""
        self._life.look_if_due()
        if self._life.leaving is not None:
            return
        if self._life.is_draining:
            self._life.leaving = Leaving.DRAINED
        elif self._late.has_any and self._went_back():
            return
        elif self._life.todo and not self._life.is_frozen:
            self._try(self._run_of(self._life.todo.pop()))
        else:
            self._life.rest()

    def _went_back(self) -> bool:
        """Go back to a job that was passed by, if it is time to."""
        if (record := self._late.next_unrecorded()) is not None:
            self._end(*record, tries=1)
        elif not self._life.is_frozen and (run := self._late.next_unbegun()) is not None:
            self._try(run, tries=1)
        else:
            return False
        return True

    def _leave(self, why: Leaving) -> None:
        self._life.waiting.drop_bell()
        for record in self._late.all_unrecorded():
            self._record(*record, tries=1)
        if why is not Leaving.SPOOL_GONE:  # though lost: a pod removed by hand leaves what runs to nobody but us
            for back in self._insist("leave", self._layout.root, recovery.bury, self._layout, self._me.id):
                self._say(f"{back.name} goes back to the queue" + back.renaming)
        self._journal.close()
        self._outputs.drop()
        self._say(f"{self._me.id} leaves: {why.value}")

    # ---- one job

    def _run_of(self, job: str) -> Run:
        self._ahead.look(job, self._life.todo)
        outputs, ahead, clock = self._outputs, self._ahead, self._clock
        return Run(self._layout, self._me.id, job, cwd=self._me.cwd, outputs=outputs, ahead=ahead, clock=clock)

    def _try(self, run: Run, tries: int = FILE_TRIES) -> None:
        """Claim it by a rename (rule 2), run it, and record what became of it."""
        began_s = self._clock()
        try:
            if not self._insist(
                "take", run.job, commit.claim, self._layout, self._me.id, run.job, self._say, tries=tries
            ):
                self._late.over(run.job)
                return  # taken back, and given to somebody else
            outcome = self._outcome_of(run, tries)
        except FileRefused as error:
            self._pass_by(run, error)
            return
        except (JobFileError, NotAJob, UnsafeError) as error:
            outcome = Outcome("failed", str(error))
        self._end(run, outcome, self._clock() - began_s)

    def _end(self, run: Run, outcome: Outcome, seconds: float, tries: int = FILE_TRIES) -> None:
        if self._record(run, outcome, seconds, tries=tries, at_once=not self._life.todo):
            self._follow_up(run, outcome)

    def _pass_by(self, run: Run, error: FileRefused, record: Record | None = None) -> None:
        """Go on with others, and come back to it later; the dispatcher is told, so that it counts on us for others."""
        self._late.add(run, record)
        self._life.todo = [job for job in self._life.todo if job != run.job]
        self._journal.write("refused", job=run.job, reason=str(error))

    def _outcome_of(self, run: Run, tries: int) -> Outcome:
        if self._life.orders:
            attempt = self._insist("read the attempt of", run.job, self._life.orders.attempt, run.job, tries=tries)
            run.attempt = max(run.attempt, attempt)  # of one that was passed by it was read before
        if self._life.orders.kills(run.job):
            return Outcome("failed", Stopping.KILL.value)
        try:
            self._insist("prepare", run.job, run.prepare, self._life.defaults.options, tries=tries)
            self._late.over(run.job)
            self._begin(run)
            return self._await(run)
        finally:
            self._keep_output(run)

    def _begin(self, run: Run) -> None:
        first = identity.tick()
        pid = run.start(self._environment, run.attempt)
        born = self._births.between(pid, first, identity.tick())
        started: dict[str, int | None] = {"started": born[0] if born else None}
        if born and born[0] != born[1]:
            started["started_by"] = born[1]
        self._journal.note("start", job=run.job, attempt=run.attempt, pid=pid, **started)

    def _await(self, run: Run) -> Outcome:
        """Wait until it has ended, going on with the heartbeat and with orders."""
        self._life.run = run
        now_s = self._clock()
        shows_s = now_s + self._timings.moment_s
        has_told = False
        try:
            while True:
                left_s = min(run.left_s(now_s), shows_s - now_s)
                self._life.wait(min(GROUP_POLL_S if run.is_stopping else left_s, self._timings.poll_s))
                now_s = self._clock()
                if self._life.leaving is not None:  # heard before its end was seen: the same signal may be why
                    run.stop(self._stopping_to_leave(), now_s, self._timings.grace_s)
                if (outcome := run.poll(now_s)) is not None and (run.is_stopping or self._is_its_own(outcome)):
                    return outcome
                if now_s >= shows_s:
                    has_told = has_told or self._tell_start(run)
                    shows_s = _NOT_YET if self._show(run) else now_s + _SHOW_AGAIN_S
                self._life.look_if_due()
                if not run.left_s(now_s):
                    run.stop(Stopping.TIMEOUT, now_s, self._timings.grace_s)
                if self._life.leaving is not None:
                    run.stop(self._stopping_to_leave(), self._clock(), self._timings.grace_s)
        finally:
            self._life.run = None

    def _is_its_own(self, how: Outcome) -> bool:
        """Tell whether a job has ended so for itself; False when the signal that ended it was meant for us as well.

        A scheduler that cancels its job, and a system that goes down, signal one process after the other.
        """
        if how.is_by_signal:
            until_s = self._clock() + _ECHO_S
            while self._life.leaving is None and (left_s := until_s - self._clock()) > 0:
                self._life.wait_and_beat(left_s)
        return self._life.leaving is None

    def _tell_start(self, run: Run) -> bool:
        """Say that it runs; of a job that is shorter than a moment that would be most of the work."""
        self._say(f"{run.job} starts: {run.command}")
        return True

    def _show(self, run: Run) -> bool:
        """Let it be seen what it prints; False when the disk refuses that now, and the job is watched all the same."""
        doing = f"show the output of {run.job}"
        try:
            run.show_output()
        except DiskError as error:
            self._complaints.refused(doing, error)
            return False
        if self._complaints.are_open:
            self._complaints.over(doing)
        return True

    def _keep_output(self, run: Run) -> None:
        """Put it in its place. Where the disk refuses that one file for good, the outcome does not wait for it."""
        if self._complaints.are_open:
            self._complaints.forget(f"show the output of {run.job}")
        try:
            self._insist("keep the output of", run.job, run.close, tries=FILE_TRIES)
        except FileRefused:
            self._complaints.forget(f"keep the output of {run.job}, and will try again")
            self._say(f"the output of {run.job} stays at {run.leave_output()}")

    def _stopping_to_leave(self) -> Stopping:
        if self._life.leaving in (Leaving.LOST, Leaving.SPOOL_GONE):
            return Stopping.DISCARD
        return Stopping.CANCEL if self._life.cancels else Stopping.REQUEUE

    def _record(
        self, run: Run, outcome: Outcome, seconds: float, *, tries: int = FILE_TRIES, at_once: bool = True
    ) -> bool:
        """Commit by the rename, then tell the journal (rule 3). Without a rename the result was superseded: False.

        When another job begins right away, the two are told in one write: not ``at_once``, but before anything is
        waited for.
        """
        try:
            is_recorded = self._insist(
                "record the end of",
                run.job,
                commit.commit,
                self._layout,
                self._me.id,
                run,
                outcome,
                self._say,
                tries=tries,
            )
        except FileRefused as error:
            self._pass_by(run, error, (run, outcome, seconds))
            return False
        self._late.over(run.job)
        result = outcome.result if is_recorded else "superseded"
        line = {
            "job": run.job,
            "attempt": run.attempt,
            "outcome": result,
            "reason": outcome.reason,
            "exit": outcome.exit.code,
            "signal": outcome.exit.signal,
            "seconds": round(seconds, 4),
            "rss_kb": outcome.exit.max_rss_kb,
        }
        if is_recorded and is_tried_again(run.terms, outcome, run.attempt):
            line["again"] = True
        (self._journal.write if at_once else self._journal.note)("end", **line)
        reason = outcome.reason if is_recorded else "its result is discarded, since it was given to another"
        self._say.note(f"{run.job} {result} after {seconds:.2f} s" + (f": {reason}" if reason else ""))
        if self._life.orders.has_kill(run.job):  # seen or not: one that came too late would kill the next of that name
            with contextlib.suppress(FileRefused):
                self._insist("take away the order to kill", run.job, self._life.orders.drop_kill, run.job, tries=tries)
        return is_recorded

    # ---- what is run after it

    def _follow_up(self, run: Run, outcome: Outcome) -> None:
        """Run what the job wants to be run after such an outcome; how that ends is said, and changes nothing."""
        wanted = hook.wanted(run.terms, outcome, run.attempt)
        if wanted is None:
            return
        key, command = wanted
        path = commit.target_of(self._layout, run.job, outcome)
        env = run.aftermath(self._environment, path, outcome)
        try:
            trouble = Hook(self._layout, run.job, self._timings, clock=self._clock).run(
                command, path, cwd=run.cwd, env=env, pass_time=self._pass_time
            )
        except DiskError as error:
            trouble = str(error)
        if trouble:
            self._journal.write("hook", job=run.job, hook=key, reason=trouble)
            self._say(f"{run.job}: its {key} went wrong: {trouble}")

    def _pass_time(self, at_most_s: float) -> bool:
        """Wait, going on with the heartbeat and with orders; tell whether the worker is to leave."""
        self._life.wait(min(at_most_s, self._timings.poll_s))
        self._life.look_if_due()
        return self._life.leaving is not None
