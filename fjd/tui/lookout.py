"""The one thread that looks at what no snapshot holds: last words, progress, use of the machine, room on the disk.

It is told which jobs are on the screen, and looks at these alone. The screen takes the newest `Sights` when it paints.
No look is hurried: each kind rests for many times as long as it took.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fjd.errors import FjdError
from fjd.progress import Progress
from fjd.snapshot import JobState, JobView, WorkerView
from fjd.tui.backend import Backend, Stop
from fjd.tui.sights import Sights

_POLL_S = 0.5
_METER_S, _PROGRESS_S, _ROOM_S, _PENDING_S = 2.0, 1.0, 10.0, 15.0
_REST = 30
"""After a look it rests so many times as long as that took."""
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is on the screen, and the crew."""

    jobs: Sequence[JobView] = ()
    workers: Sequence[WorkerView] = ()


class Lookout:
    """`want` may be called from any thread, `run` is the thread; `latest` is an immutable value."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._wake = threading.Event()
        self._wish = Wish()
        self._closed = False
        self._due_s: dict[str, float] = {}
        self._said: OrderedDict[tuple[str, float | None], str] = OrderedDict()
        self.latest = Sights()

    def want(self, jobs: Sequence[JobView], workers: Sequence[WorkerView]) -> None:
        """Look at these from now on."""
        self._wish = Wish(jobs, workers)
        if any(job.state is JobState.FAILED and (job.name, job.since_s) not in self._said for job in jobs):
            self._wake.set()

    def close(self) -> None:
        """Let `run` return at once."""
        self._closed = True
        self._wake.set()

    def run(self, stop: Stop) -> None:
        """Look until closed."""
        while not (self._closed or stop.is_set()):
            self.look()
            self._wake.wait(_POLL_S)
            self._wake.clear()

    def look(self) -> None:
        """Look once at what is due."""
        wish = self._wish
        failed = [job for job in wish.jobs if job.state is JobState.FAILED]
        running = [job for job in wish.jobs if job.state is JobState.RUNNING]
        self._hear(failed)
        self._every(_PROGRESS_S, "progress", lambda: self._read_progress(running))
        self._every(_METER_S, "use", lambda: self._measure(wish.workers))
        self._every(_ROOM_S, "room", self._look_at_room)
        self._every(_PENDING_S, "pending", self._ask_schedulers)

    def _every(self, period_s: float, kind: str, look: Callable[[], None]) -> None:
        began_s = time.monotonic()
        if began_s >= self._due_s.get(kind, 0.0):
            look()
            now_s = time.monotonic()
            self._due_s[kind] = now_s + max(period_s, _REST * (now_s - began_s))

    def _hear(self, failed: Iterable[JobView]) -> None:
        """Read the last words of those that were not heard yet. A job that fails again has others."""
        said = {}
        for job in failed:
            key = job.name, job.since_s
            if key not in self._said:
                self._said[key] = self._backend.last_line(job)
            said[job.name] = self._said[key]
        while len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        if said != self.latest.said:
            self.latest = replace(self.latest, said=said)

    def _read_progress(self, running: Iterable[JobView]) -> None:
        reports: dict[str, Progress] = {}
        for job in running:
            if report := self._backend.progress(job):
                reports[job.name] = report
        if reports != self.latest.progress:
            self.latest = replace(self.latest, progress=reports)

    def _measure(self, workers: Sequence[WorkerView]) -> None:
        busy = [worker for worker in workers if worker.local and worker.job]
        if busy or self.latest.use:
            self.latest = replace(self.latest, use=self._backend.use(busy) if busy else {})

    def _look_at_room(self) -> None:
        try:
            self.latest = replace(self.latest, room=self._backend.room())
        except FjdError:  # the dispatcher says what is wrong with the disk
            self.latest = replace(self.latest, room=None)

    def _ask_schedulers(self) -> None:
        """Count the workers that are to come. Where none was asked for, no scheduler is either."""
        try:
            pending = self._backend.pending()
        except FjdError:
            return
        if pending != self.latest.pending:
            self.latest = replace(self.latest, pending=pending)
