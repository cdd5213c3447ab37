"""Carries out what the policy decided: moves files, writes the dispatcher's own journal, tells the ledger the result.

Every action may find that somebody else was there first, and then says so to the ledger and nothing more.
"""

import contextlib
import os
import time
from collections.abc import Callable

from fjd import identity, recovery, why
from fjd.dispatcher.admission import Admission
from fjd.dispatcher.terms import TermsReader
from fjd.errors import DiskError, FileRefused
from fjd.ledger import Active, Ledger
from fjd.policy import Action, Bury, GiveUp, HandOut, Kill, PassOver, Recall, TakeBack, TryAgain
from fjd.quantity import counted
from fjd.recovery import GivenBack, PartlyBuried
from fjd.setbacks import Setbacks
from fjd.snapshot import EventKind, JobState, JobView
from fjd.spool import announce, filesystems, fsio, journal, obstacles, wakeup
from fjd.spool.fsio import Moved
from fjd.spool.journal import Journal, NoJournal
from fjd.spool.layout import Layout

_LAST_WORDS = 1 << 16
"""So much of a journal's end is asked for what a worker last said of a job: some hundred lines."""
_UNKNOWN_STATUS = -1
"""Of a job that ran and failed, nobody knows how: it is tried again unless only certain exit statuses are."""


class Actor:
    """Acts on the spool at ``layout`` for the policy."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        admission: Admission,
        terms: TermsReader,
        *,
        only_looks: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terms = terms
        self._layout = layout
        self._ledger = ledger
        self._admission = admission
        self._clock = clock
        self._setbacks = Setbacks(clock=clock)
        self.tells = not only_looks
        """Whether stories that nobody told are ours to fill in."""
        is_network = filesystems.is_network(layout.root)
        self._touches = is_network or not only_looks
        self.name = announce.new_id(f"dispatcher-{identity.this_host().name}", os.getpid())
        kind = NoJournal if only_looks else Journal
        self.journal = kind(layout, self.name, is_shared=is_network)

    def act(self, actions: list[Action], now_s: float) -> int:
        """Do it all, in this order; return how many jobs were handed out."""
        woken: set[str] = set()
        handed = 0
        try:
            for action in actions:
                try:
                    if self._act(action, now_s, woken):
                        handed += 1
                except FileRefused as error:
                    self._pass_by(action, error)
        finally:
            for worker in woken:
                wakeup.ring(self._layout.nudge(worker))
        return handed

    def _act(self, action: Action, now_s: float, woken: set[str]) -> bool:
        """Do it, and tell whether it handed out a job; who is to be woken is added to ``woken``."""
        if isinstance(action, HandOut):
            if self._hand_out(action, now_s):
                woken.add(action.worker)
                return True
        elif isinstance(action, TakeBack):
            if self._take_back(action, now_s):
                woken.add(action.target)
        elif isinstance(action, Bury):
            self._bury(action)
        elif isinstance(action, Kill):
            self._kill(action)
            woken.add(action.worker)
        else:
            self._act_on_job(action, now_s)
        return False

    def _act_on_job(self, action: TryAgain | PassOver | Recall | GiveUp, now_s: float) -> None:
        if isinstance(action, TryAgain):
            self._try_again(action, now_s)
        elif isinstance(action, PassOver):
            self._ledger.job_passed_over(action.job, now_s)
        elif isinstance(action, Recall):
            self._recall(action)
        elif self._admission.is_still_good(action.job, now_s):
            self._give_up(action, now_s)

    def _pass_by(self, action: Action, error: FileRefused) -> None:
        """One file is refused, and all others go on."""
        if isinstance(action, TakeBack):
            self._ledger.job_passed_by(action.job, action.source)  # its worker will find the same, and tell
        elif isinstance(action, Recall):
            self._ledger.job_passed_by(action.job, action.worker)
        elif isinstance(action, Bury):
            self._burial_refused(action.worker, error)
        elif isinstance(action, TryAgain):
            if self._setbacks.add(_failed(action.job)):
                self._ledger.note(EventKind.TROUBLE, f"{action.job} cannot be tried again for now: {error}")
        elif isinstance(action, Kill):
            raise error
        else:
            self._admission.pass_by(action.job, error)

    # ---- handing out

    def _hand_out(self, action: HandOut, now_s: float) -> bool:
        source = self._layout.queued(action.job)
        if not self._admission.is_still_good(action.job, now_s):
            return False
        self._note_attempt(action.worker, action.job, action.attempt)
        target = self._layout.handed(action.worker, action.job)
        moved = fsio.move_new(source, target)
        if moved is Moved.TAKEN:  # another dispatcher gave it one of that name, which must not be lost (rule 13)
            self._ledger.job_seen_handed(action.job, action.worker, now_s)
            return False
        if moved is not Moved.YES:
            if fsio.stamp(source) is not None:
                return False  # it is the pod that is gone, and the next look at the workers shows it
            if fsio.stamp(target) is None:
                self._ledger.job_left_queue(action.job)  # a user took it away
                return False
        self._ledger.job_handed(action.job, action.worker, now_s)
        return True

    def _note_attempt(self, worker: str, job: str, attempt: int) -> None:
        """Tell the worker which attempt it will be; nothing need be told of a first one."""
        if attempt > 1 and fsio.dir_stamp(self._layout.pod(worker)) is not None:
            fsio.publish(self._layout.tmp, self._layout.attempt(worker, job), b"%d" % attempt, replace=True)

    def _take_back(self, action: TakeBack, now_s: float) -> bool:
        source, target = (self._layout.handed(worker, action.job) for worker in (action.source, action.target))
        attempt = self._ledger.active[action.job].attempt
        self._note_attempt(action.target, action.job, attempt)
        moved = fsio.move_new(source, target)
        if moved is Moved.TAKEN or (moved is not Moved.YES and fsio.stamp(target) is None):
            return False  # its worker has begun it, or the other one has left, or holds another of that name
        orders = [self._layout.order_kill(worker, action.job) for worker in (action.source, action.target)]
        fsio.move(*orders)  # who is to kill it is now the other
        if attempt > 1:  # it would be read for the next job of that name
            fsio.remove(self._layout.attempt(action.source, action.job))
        self._ledger.job_taken_back(action.job, action.target, now_s)
        return True

    def _recall(self, action: Recall) -> None:
        """Take a job that is not begun back into the queue; where its worker was first, it runs."""
        path = self._layout.handed(action.worker, action.job)
        back = recovery.give_back(self._layout, path, action.job, was_running=False)
        if back is None:
            return
        fsio.remove(self._layout.attempt(action.worker, action.job))  # it would be read for the next of that name
        self._ledger.job_lost_track(action.job)
        self._ledger.job_renamed(back.name, back.new_name)
        self._ledger.job_appeared(back.new_name)

    def _kill(self, action: Kill) -> None:
        """Order a worker to kill what it runs. It removes the order when it has; one that comes too late it drops."""
        if fsio.dir_stamp(self._layout.pod(action.worker)) is not None:
            order = self._layout.order_kill(action.worker, action.job)
            fsio.publish(self._layout.tmp, order, b"", replace=True)
            self._ledger.active[action.job].is_ending = True

    # ---- giving up

    def give_up(self, action: GiveUp, now_s: float) -> None:
        """Move a waiting job to ``failed/``, with the reason in the journal, if the disk lets us."""
        try:
            self._give_up(action, now_s)
        except FileRefused as error:
            self._admission.pass_by(action.job, error)

    def _give_up(self, action: GiveUp, now_s: float) -> None:
        moved = obstacles.move(self._layout.queued(action.job), self._layout.failed(action.job), self._note)
        if moved is Moved.ASTRAY:
            raise DiskError(f"{self._layout.failed_dir} is not there")
        self._admission.given_up(action.job)
        if moved is Moved.GONE:
            self._ledger.job_left_queue(action.job)
            return
        self.journal.write("rejected", job=action.job, reason=action.why)
        waiting = self._ledger.job_left_queue(action.job)
        command, logfile = (waiting.command, waiting.logfile) if waiting else ("", "")
        view = JobView(action.job, JobState.FAILED, command, logfile, reason=action.why)
        self._ledger.job_ended(view, now_s)

    def _try_again(self, action: TryAgain, now_s: float) -> None:
        """Move a failed job back into the queue: the rename is the commit, and the journal tells until when it waits.

        A crash between the two costs the delay and nothing else: the worker's journal says which attempt has failed.
        """
        if not self._setbacks.is_due(_failed(action.job)):
            return
        failed = self._ledger.retrying[action.job]
        back = recovery.give_back(self._layout, self._layout.failed(action.job), action.job, was_running=False)
        self._setbacks.forget(_failed(action.job))
        if back is None:
            self._ledger.job_left_failed(action.job)
            return
        view, retries = failed.view, failed.terms.retries
        until = round(time.time() + action.delay_s, 3)
        self.journal.write("retry", job=back.name, name=back.new_name, attempt=view.attempt, not_before=until)
        text = why.failed_for_now(action.job, view.reason, view.attempt, retries, action.delay_s) + back.renaming
        self._ledger.job_tried_again(back.name, back.new_name, now_s + action.delay_s, text)

    def _note(self, text: str) -> None:
        self._ledger.note(EventKind.NOTE, text)

    # ---- burying

    def _bury(self, action: Bury) -> None:
        """End what a dead worker of this host left running, and give its jobs back (rule 6)."""
        if not self._setbacks.is_due(action.worker):
            return
        crew = self._ledger.workers[action.worker]
        killed = recovery.end_leftovers(self._layout, action.worker) if crew.is_local else 0
        returned = recovery.bury(self._layout, action.worker)
        self._setbacks.forget(action.worker)
        self.journal.write("lost", worker=action.worker, reason=action.why, jobs=[back.name for back in returned])
        held = self._ledger.worker_left(
            action.worker, EventKind.WORKER_LOST, f"{action.worker} is lost: {action.why}{_killed(killed)}"
        )
        self._requeued(action.worker, returned)
        came_back = {back.name for back in returned}
        for active in held:
            if active.name not in came_back:
                self.find(active)

    def _burial_refused(self, worker: str, error: FileRefused) -> None:
        """Of what it held one file cannot be moved; the rest went back, and it is tried again later."""
        if self._setbacks.add(worker):
            self._ledger.note(EventKind.TROUBLE, f"what {worker} held cannot all be given back: {error}", worker=worker)
        if isinstance(error, PartlyBuried):
            self._requeued(worker, error.returned)

    def bury_orphan(self, worker: str) -> None:
        """Give back what stands under the name of a worker that has long not been announced."""
        if not self._setbacks.is_due(worker):
            return
        recovery.end_leftovers(self._layout, worker, is_here=False)  # it may have lived here; nobody can tell
        try:
            returned = recovery.bury(self._layout, worker)
        except FileRefused as error:
            self._burial_refused(worker, error)
            return
        self._setbacks.forget(worker)
        if returned:
            self._ledger.note(EventKind.WORKER_LOST, f"{worker} is lost: nobody announces it", worker=worker)
        self._requeued(worker, returned)

    def find(self, active: Active) -> None:
        """Look where a job went that its worker holds no more and told nothing of, and fill in the story (rule 3).

        The queue and the pods come first: what stands in ``done/`` or ``failed/`` besides is the outcome of an earlier
        job. Who only watches tells nothing: the dispatcher may have moved it, and it tells its own story. So does the
        worker while it lives, and then nothing is done here: its line may come late, over a slow disk or server.
        """
        outcome = None
        with contextlib.suppress(FileRefused):  # then nobody can tell, and what stands in the queue is seen there
            outcome = self._outcome_of(active)
        if outcome in (JobState.DONE, JobState.FAILED) and self._may_tell_itself(active):
            return
        self._ledger.job_lost_track(active.name)
        if outcome is JobState.WAITING:
            self._ledger.job_appeared(active.name)
        elif outcome is not None and not self._has_told(active):
            self._tell_found(active, outcome)

    def _outcome_of(self, active: Active) -> JobState | None:
        """Return where the job stands by now, as far as that is ours to tell."""
        for directory in (self._layout.jobqueue, self._layout.done_dir, self._layout.failed_dir):
            if self._touches:
                fsio.refresh(directory)
        if fsio.stamp(self._layout.queued(active.name)) is not None:
            return JobState.WAITING
        if not self.tells or self._is_held(active.name):
            return None
        if fsio.is_plain(self._layout.done(active.name)):
            return JobState.DONE
        return JobState.FAILED if fsio.is_plain(self._layout.failed(active.name)) else None

    def _may_tell_itself(self, active: Active) -> bool:
        """Tell whether its worker lives and has not been silent about it for longer than the lease."""
        crew, since_s = self._ledger.workers.get(active.worker), active.missing_since_s
        if crew is None or crew.is_dead or since_s is None:
            return False
        return self._clock() - since_s <= self._ledger.timings.lease_s

    def _has_told(self, active: Active) -> bool:
        """Tell whether its worker's last word of it is that it has ended.

        That was heard, and then a listing from before it (NFS 3) had it running still: it would be told twice.
        """
        lines = journal.last_lines(self._layout.journal(active.worker), _LAST_WORDS)
        told = (record for line in reversed(lines) if (record := journal.parse(line)))
        last = next((record for record in told if record.get("job") == active.name), {})
        return last.get("event") == "end" and last.get("outcome") in (JobState.DONE.value, JobState.FAILED.value)

    def _is_held(self, job: str) -> bool:
        """Tell whether some worker has it, by the directories."""
        return any(
            fsio.stamp(os.path.join(parent, worker, job)) is not None
            for parent in (self._layout.jobpods, self._layout.runnings)
            for worker in fsio.names(parent) or ()
        )

    def _tell_found(self, active: Active, state: JobState) -> None:
        reason = "" if state is JobState.DONE else "its worker was lost before it could tell why"
        view = JobView(
            active.name, state, active.command, active.logfile, active.worker, reason=reason, attempt=active.attempt
        )
        known = active.terms or (self._terms.at_path(self._layout.failed(active.name)) if reason else None)
        self._ledger.job_ended(view, self._clock(), status=_UNKNOWN_STATUS, terms=known)
        again = {"attempt": active.attempt, "again": True} if active.name in self._ledger.retrying else {}
        self.journal.write("found", job=active.name, outcome=state.value, worker=active.worker, reason=reason, **again)

    def _requeued(self, worker: str, returned: tuple[GivenBack, ...]) -> None:
        """Tell journal and ledger of jobs that came back from ``worker``, which is gone."""
        for back in returned:
            active = self._ledger.active.get(back.name)
            if active is not None and active.worker == worker:  # else another of that name is handed out
                self._ledger.job_lost_track(back.name)
            self._ledger.job_renamed(back.name, back.new_name)
            crashes = self._ledger.job_crashed_worker(back.new_name) if back.was_running else 0
            self.journal.write("requeued", job=back.name, name=back.new_name, crashes=crashes)
            self._ledger.note(EventKind.REQUEUED, f"{back.name} goes back to the queue{back.renaming}", job=back.name)
            self._ledger.job_appeared(back.new_name)


def _killed(count: int) -> str:
    return f" ({counted(count, 'process')} of its job ended)" if count else ""


def _failed(job: str) -> str:
    """Return the key of a job's setback that is to be tried again, which no worker's id is."""
    return f"failed/{job}"
