"""Who acts in the spool machine: the real worker cut into single moves, and a lease that is passed on."""

import itertools
import os
from dataclasses import replace

from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.spool import announce
from fjd.spool.layout import Layout
from fjd.worker import Leaving, Worker, commit
from fjd.worker.outcome import Outcome, Stopping
from fjd.worker.run import Run
from tests.unit.made import Clock, announcement

SECONDS = 0.01
"""How long each run is said to have taken: so short that pods get deep."""

_beats = itertools.count(1)


def _silent(_text: str) -> None:
    """Nobody listens."""


class Living:
    """Stands in for the process table of this host, for the pids that only the machine knows."""

    FIRST_PID = 1 << 30  # beyond what the kernel gives to a process

    def __init__(self) -> None:
        self.pids: set[int] = set()

    def is_alive(self, pid: int, _started: int) -> bool:
        return pid in self.pids


class SteppedWorker:
    """The real worker, of which one move at a time is made. What it runs is no process, and ends when it is told to."""

    def __init__(self, layout: Layout, number: int, living: Living, clock: Clock, *, is_remote: bool) -> None:
        self.id = f"w{number}"
        self.is_remote = is_remote
        self.is_frozen = False
        """Of a remote one: it shows no sign of life, but may go on at any time."""
        self.run: Run | None = None
        self._has_begun = False
        self._refusal: Outcome | None = None
        self._pid = living.FIRST_PID + number
        self._living = living
        self._clock = clock
        self._layout = layout
        said = announcement(self.id, pid=self._pid, started=1, host="elsewhere" if is_remote else "")
        self._announcement = replace(said, cwd=layout.root)
        self.real = Worker(layout, self._announcement, say=_silent, clock=clock)
        self._come()

    def announce(self) -> None:
        """From now on it may be handed jobs."""
        announce.publish(self._layout, self._announcement)

    def _come(self) -> None:
        """As `Life.come`, but without what belongs to a process (signals, FIFO); it announces itself later."""
        self._living.pids.add(self._pid)
        for directory in (self._layout.pod(self.id), self._layout.running_dir(self.id)):
            os.mkdir(directory)

    @property
    def may_claim(self) -> bool:
        return self.run is None and self.real._life.leaving is None and bool(self.real._life.todo)

    @property
    def may_begin(self) -> bool:
        return self.run is not None and not self._has_begun

    @property
    def may_leave(self) -> bool:
        return self.run is None and (self.real._life.leaving is not None or self.real._life.is_draining)

    def beat(self) -> None:
        """Show that it lives, by an mtime that no other beat has."""
        self.real._life._beat(self._clock())
        path = self._layout.announcement(self.id)
        if os.path.exists(path):
            beat = next(_beats)
            os.utime(path, ns=(beat, beat))

    def look(self) -> None:
        """Read the pod: jobs and orders. Between a claim and its begin no worker looks."""
        if self.may_begin:
            self.begin()
        self.real._life._look(self._clock())

    def claim(self) -> None:
        """Take the next job that was seen in the pod, unless it was taken back."""
        job = self.real._life.todo.pop()
        if commit.claim(self._layout, self.id, job, _silent):
            self.run, self._has_begun, self._refusal = (
                Run(self._layout, self.id, job, cwd=self._layout.root),
                False,
                None,
            )

    def begin(self) -> None:
        """Read the claimed job and tell that it starts, as `Worker._outcome_of` does."""
        assert self.run
        self._has_begun = True
        if self.real._life.orders.kills(self.run.job):
            self._refusal = Outcome("failed", Stopping.KILL.value)
            return
        try:
            self.run.prepare()
            attempt = self.real._life.orders.attempt(self.run.job)
            self.real._journal.write("start", job=self.run.job, attempt=attempt, pid=1)
        except (JobFileError, NotAJob, UnsafeError) as error:
            self._refusal = Outcome("failed", str(error))
        else:
            self.real._life.run = self.run
        finally:
            self.run.close()

    def outcome(self, *, succeeds: bool) -> Outcome:
        """Return how the run ends: by itself, unless it was refused, killed, or has to be stopped."""
        assert self.run
        self.real._life.run = None
        if self.may_begin:
            self.begin()
        if self._refusal:
            return self._refusal
        if self.real._life.orders.kills(self.run.job):
            return Outcome("failed", Stopping.KILL.value)
        if self.real._life.leaving is None:
            return Outcome("done") if succeeds else Outcome("failed", "exit 1")
        stopped: dict[Stopping, Outcome] = {
            Stopping.DISCARD: Outcome("superseded", "superseded"),
            Stopping.CANCEL: Outcome("failed", "cancelled"),
            Stopping.REQUEUE: Outcome("requeued", "given back"),
        }
        return stopped[self.real._stopping_to_leave()]

    def commit(self, outcome: Outcome) -> bool:
        """Make the rename and no more, as if killed right after it."""
        assert self.run
        return commit.commit(self._layout, self.id, self.run, outcome, _silent)

    def record(self, outcome: Outcome) -> None:
        """Make the rename and tell of it."""
        assert self.run
        self.real._record(self.run, outcome, SECONDS)
        self.run = None

    def leave(self) -> None:
        """Give back what is left, and withdraw."""
        self.real._leave(self.real._life.leaving or Leaving.DRAINED)
        self.die()

    def die(self) -> None:
        """Be dead from now on; whatever it held stays as it is."""
        self._living.pids.discard(self._pid)
        self.real._journal.close()


class Table:
    """Where the lease lies. Whoever asks first has it, until it is passed on; who had it finds out at the next look."""

    def __init__(self) -> None:
        self.holder: PassedLease | None = None


class PassedLease:
    """Answers as `fjd.spool.lease.Lease` does, without its clock and its thread."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def is_ours(self) -> bool:
        self._table.holder = self._table.holder or self
        return self._table.holder is self

    def holder(self) -> str:
        return "" if self._table.holder is None else "nova:1"

    def release(self) -> None:
        if self._table.holder is self:
            self._table.holder = None
