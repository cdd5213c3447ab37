"""What goes on in a worker whatever job it runs: the heartbeat, the looks into its pod, orders, the wait.

It knows what is to be done next and whether there is a reason to leave; what is done, and how, is not decided here.
"""

from collections.abc import Callable
from enum import Enum

from fjd.errors import DiskError
from fjd.order import in_natural_order
from fjd.settings import Timings
from fjd.spool import announce, create, fsio
from fjd.spool.announce import Announcement
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from fjd.spool.output import Outputs
from fjd.worker.complaints import Complaints
from fjd.worker.defaults import Defaults
from fjd.worker.late import Late
from fjd.worker.orders import Orders
from fjd.worker.outcome import Stopping
from fjd.worker.run import Run
from fjd.worker.talk import Talk
from fjd.worker.waiting import Waiting

_NEVER, _NOT_YET = float("-inf"), float("inf")


class Leaving(Enum):
    """Why a worker leaves; the value is the word that a user reads."""

    FIRED = "fired"
    DRAINED = "drained"
    SIGNALLED = "told to end"
    LOST = "declared lost"
    TIME_IS_UP = "its time is up"
    SPOOL_GONE = "its spool is gone"


class Life:
    """The life of the worker ``me`` on the spool at ``layout``. Signals are heard while its ``waiting`` is entered."""

    def __init__(
        self,
        layout: Layout,
        me: Announcement,
        timings: Timings,
        journal: Journal,
        outputs: Outputs,
        late: Late,
        say: Talk,
        complaints: Complaints,
        *,
        is_network: bool,
        clock: Callable[[], float],
        until_s: float | None,
    ) -> None:
        """``until_s`` is when whoever placed it here ends it, on that clock."""
        self._layout = layout
        self._me = me
        self._timings = timings
        self._journal = journal
        self._outputs = outputs
        self._late = late
        self._say = say
        self._complaints = complaints
        self._clock = clock
        self._until_s = _NOT_YET if until_s is None else until_s - 2 * timings.grace_s
        self._is_network = is_network
        self.waiting = Waiting(self._on_signal)
        self._looked_s, self._beat_s = _NEVER, _NOT_YET
        self.defaults = Defaults(layout, say)
        self.orders = Orders(layout, me.id)
        self.leaving: Leaving | None = None
        """Why it is to leave, once it is."""
        self.cancels = False
        """Whether who leaves gives up what runs, in place of giving it back."""
        self.is_draining = self.is_frozen = False
        self.todo: list[str] = []
        """What lies in the pod, the next one last."""
        self.run: Run | None = None
        """What runs at the moment."""

    def come(self) -> None:
        """Make its directories, hang the bell, announce it."""
        for directory in (self._layout.pod(self._me.id), self._layout.running_dir(self._me.id)):
            fsio.make_dir(directory)
        self.waiting.hang_bell(self._layout.nudge(self._me.id))
        announce.publish(self._layout, self._me)
        self._beat_s = _NEVER
        self._say(f"{self._me.id} waits for jobs in {self._layout.root}")

    def _on_signal(self, _number: int) -> None:
        if self.leaving in (None, Leaving.LOST):  # whoever was lost comes back as another, unless told to end
            self.leaving = Leaving.SIGNALLED

    # ---- looking

    def look_if_due(self) -> None:
        """Beat and look into the pod, each if it is time to."""
        now_s = self._clock()
        if now_s >= self._until_s and self.leaving is None:
            self.leaving = Leaving.TIME_IS_UP
        if now_s - self._beat_s >= self._timings.heartbeat_s:
            self._beat(now_s)
        if now_s - self._looked_s >= self._timings.poll_s:
            self._look(now_s)

    def _beat(self, now_s: float) -> None:
        """Touch the announcement. If it is gone and the pod is not, somebody removed it by hand: it is written anew."""
        self._beat_s = now_s
        if self.run is None:
            self._outputs.drop()
        try:
            if not fsio.touch(self._layout.announcement(self._me.id)):
                if fsio.names(self._layout.pod(self._me.id)) is None:
                    self._say_why_there_is_no_pod()
                else:
                    announce.publish(self._layout, self._me)
            if not self._journal.revive():
                create.mend(self._layout)
        except DiskError as error:
            self._complaints.refused("show that I live", error)
            create.mend(self._layout)
        else:
            self._complaints.over("show that I live")

    def _look(self, now_s: float) -> None:
        """Read the pod: orders are obeyed at once, jobs become what is to do."""
        self._looked_s = now_s
        try:
            self._read_pod()
            self.defaults.look()  # after the pod: who changes them and then submits a job means that job
        except DiskError as error:
            self._complaints.refused("look for jobs and orders", error)
        else:
            self._complaints.over("look for jobs and orders")

    def _read_pod(self) -> None:
        names = fsio.names(self._layout.pod(self._me.id), fresh=self._is_network)
        if names is None:
            self._say_why_there_is_no_pod()
            return
        self.orders.see(names)
        jobs = {name for name in names if not name.startswith(".")} - self._late.jobs
        self.todo = in_natural_order(jobs)[::-1]
        self._obey()

    def _obey(self) -> None:
        orders, running = self.orders, None if self.run is None else self.run.job
        if orders.fire:
            self.leaving = self.leaving or Leaving.FIRED
            self.cancels = orders.cancels()
        if orders.drain:
            self.is_draining = True
        if self.run is not None and orders.kills(self.run.job):
            self.run.stop(Stopping.KILL, self._clock(), self._timings.grace_s)
        self._freeze(orders.freeze)
        orders.drop_late([*self.todo, *self._late.jobs, *([running] if running else [])], running)

    def _freeze(self, frozen: bool) -> None:
        if frozen is not self.is_frozen:
            self.is_frozen = frozen
            self._say("frozen: what runs is stopped, and nothing new begins" if frozen else "thawed, and going on")
        if self.run is not None:
            self.run.freeze(frozen)

    def _say_why_there_is_no_pod(self) -> None:
        """Without a pod we were buried, or the whole spool went away."""
        if self.leaving is None:
            self.leaving = Leaving.LOST if create.is_there(self._layout) else Leaving.SPOOL_GONE

    # ---- waiting

    def rest(self) -> None:
        """There is nothing to do: wait until it is time to look, and look then."""
        self._say.flush()
        self.wait(self._timings.poll_s)
        self._looked_s = _NEVER

    def wait(self, at_most_s: float) -> None:
        """Sleep until a signal or a nudge comes, the heartbeat is due, or the time is over."""
        self._journal.revive()
        until_beat_s = self._beat_s + self._timings.heartbeat_s - self._clock()
        if self.waiting.wait(min(at_most_s, until_beat_s)):
            self._looked_s = _NEVER

    def wait_and_beat(self, at_most_s: float) -> None:
        """Do so, and beat if it is time to; what lies in the pod is not looked at."""
        self.wait(at_most_s)
        if self._clock() - self._beat_s >= self._timings.heartbeat_s:
            self._beat(self._clock())
