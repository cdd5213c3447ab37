"""What moves behind an `Executor`: a thread that dispatches, and one that tends the futures and the workers.

Both are ordinary threads, so that the interpreter waits for them at its end as it does for those of the standard
library's executors; the one that tends sees that the main thread is over, and behaves as after `Executor.shutdown`.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, Future
from typing import Any, TypeVar

from fjd.api import calls, places
from fjd.api.crew import Crew
from fjd.api.stories import Endings
from fjd.dispatcher import Dispatcher, Until
from fjd.errors import CallError, FjdError
from fjd.settings import Timings
from fjd.snapshot import JobState
from fjd.spool import create, fsio
from fjd.spool.layout import Layout
from fjd.spool.watch import Hints, Watch

_WAIT_S = 0.1
_LOOK_S = 1.0
_SHARE = 20
"""The timed look at everything takes no more than one part in so many of the time."""

T = TypeVar("T")


class SpoolLost(BrokenExecutor):
    """The spool went away, or nobody dispatches it any more; no call can end."""


class Call(Future[T]):
    """The future of one call. ``name`` is that of its job."""

    def __init__(self, name: str, engine: "Engine", *, keeps: bool, is_made: bool = False) -> None:
        super().__init__()
        self.name = name
        self.keeps = keeps
        """Whether the outcome stays in the spool: it may be asked for again by name."""
        self.is_made = is_made
        """Whether its job has been submitted, and so must be somewhere."""
        self._engine = engine

    def cancel(self) -> bool:
        """Take the job back, if no worker has begun it; return whether that could be."""
        if self.cancelled():
            return True
        if self.done() or not self._engine.withdraw(self):
            return False
        super().cancel()
        self.set_running_or_notify_cancel()
        return True


class Engine:
    """Serves one executor: ``workers`` of its own on the spool at ``layout``."""

    def __init__(self, layout: Layout, workers: int, timings: Timings) -> None:
        self._layout = layout
        self._crew = Crew(layout, workers, timings)
        self._lock = threading.Lock()
        self._calls: dict[str, Call[Any]] = {}
        self._odd: set[str] = set()
        """Calls that have no job any more, or no outcome, as the last look at everything showed."""
        self._is_closed = False
        self._failure = ""
        self._never = threading.Event()
        self._stop = threading.Event()
        self._dispatcher = Dispatcher(layout, timings)
        self._endings = Endings(layout)
        self._drawn = -1
        self._looked_s = time.monotonic()
        self._look_cost_s = 0.0
        name = f"fjd {layout.name}"
        self._dispatching = threading.Thread(target=self._dispatch, name=f"{name} dispatcher")
        self._tending = threading.Thread(target=self._tend, name=f"{name} futures")

    def start(self) -> None:
        """Hire, and begin to dispatch and to tend; raise `HireError` when nobody can be hired."""
        self._crew.hire()
        self._dispatching.start()
        self._tending.start()

    # ---- what the executor asks for

    def check_open(self) -> None:
        """Raise ``RuntimeError`` when no more calls are taken, in the words of the standard library."""
        if self._failure:
            raise SpoolLost(self._failure)
        if self._is_closed:
            raise RuntimeError("cannot schedule new futures after shutdown")

    def attend(self, call: Call[T]) -> Call[Any]:
        """Follow a call, and return it, or the one of its name that is followed already."""
        with self._lock:
            self.check_open()
            known = self._calls.setdefault(call.name, call)
        if call.keeps:  # it may have ended long ago, and nothing will tell of it
            self._looked_s = float("-inf")
        return known

    def dismiss(self, call: Call[Any]) -> None:
        """Forget a call that could not be made."""
        with self._lock:
            self._calls.pop(call.name, None)
        calls.forget(self._layout, call.name)

    def withdraw(self, call: Call[Any]) -> bool:
        """Take the job of a call out of the queue or of a pod: one rename, which a worker wins or we."""
        with self._lock:
            if call.name not in self._calls or call.running() or not self._take_back(call):
                return False
            del self._calls[call.name]
        calls.forget(self._layout, call.name)
        return True

    def close(self, *, cancel: bool) -> None:
        """Take no more calls, and end when those that were made have."""
        with self._lock:
            self._is_closed = True
            waiting = list(self._calls.values()) if cancel else []
        for call in waiting:
            call.cancel()

    def close_soon(self) -> None:
        """Do the same when the executor was dropped without a word."""
        self._is_closed = True

    def join(self) -> None:
        """Wait until it has ended."""
        if threading.current_thread() is not self._tending:  # a callback of a future may shut down
            self._tending.join()

    # ---- dispatching

    def _dispatch(self) -> None:
        try:
            self._dispatcher.run(self._stop, until=Until.STOPPED)
        finally:
            if not self._stop.is_set():
                self._failure = f"nobody dispatches {self._layout.root} any more, or it is gone"

    # ---- tending

    def _tend(self) -> None:
        watch = Watch((self._layout.done_dir, self._layout.failed_dir))
        try:
            while not self._is_over():
                self._step(watch.wait(_WAIT_S, self._never))
        finally:
            watch.close()
            self._crew.send_home()
            self._stop.set()
            self._dispatching.join()

    def _is_over(self) -> bool:
        if self._failure:
            self._break()
            return True
        return not self._calls and (self._is_closed or not threading.main_thread().is_alive())

    def _step(self, hints: Hints) -> None:
        """Settle what has ended, and see to the rest; what the disk refuses is tried again at the next step."""
        try:
            for names in hints.values():
                for name in names & self._calls.keys():
                    self._settle(name)
            self._mark_running()
            self._look_if_due(at_once=any(not names for names in hints.values()))
            if self._calls:
                self._crew.keep()
        except FjdError:
            return

    def _look_if_due(self, *, at_once: bool) -> None:
        """Look at all that is followed, as the truth behind the hints."""
        now_s = time.monotonic()
        if self._calls and (at_once or now_s - self._looked_s >= max(_LOOK_S, _SHARE * self._look_cost_s)):
            self._looked_s = now_s
            for name in self._endings.look(list(self._calls)):
                self._settle(name)
            self._look_for_the_odd()
            self._look_cost_s = time.monotonic() - now_s

    def _mark_running(self) -> None:
        snapshot = self._dispatcher.snapshot()
        if snapshot.version == self._drawn:
            return
        self._drawn = snapshot.version
        for view in snapshot.active:
            if view.state is JobState.RUNNING:
                with self._lock:
                    call = self._calls.get(view.name)
                    if call is not None and not call.running():
                        call.set_running_or_notify_cancel()

    def _settle(self, name: str) -> None:
        """Give the future its outcome, if the job has one."""
        outcome = calls.read(self._layout, name) if self._endings.ended(name) is not None else None
        if outcome is not None:
            self._conclude(name, outcome)

    def _look_for_the_odd(self) -> None:
        """A job that has ended without an outcome, or is nowhere, has failed; when that is seen twice, it is so."""
        there = places.states(self._layout)
        odd = {name for name, call in list(self._calls.items()) if call.is_made and self._is_odd(name, there)}
        if odd and not create.is_there(self._layout):
            return  # they are nowhere because the whole spool is, which is told in other words
        for name in odd & self._odd:
            self._conclude(name, calls.Outcome(error=CallError(self._why(name))))
        self._odd = odd

    def _is_odd(self, name: str, there: Mapping[str, JobState]) -> bool:
        if there.get(name, JobState.FAILED) not in (JobState.DONE, JobState.FAILED):
            return False
        if calls.read(self._layout, name) is not None:
            return False
        return places.where(self._layout, name) is None or self._endings.ended(name) is not None

    def _why(self, name: str) -> str:
        reason = self._endings.reason(name)
        told = f": {reason}" if reason else ""
        return f"the call {name} has ended without a result{told} (see {self._layout.output(name)})"

    def _conclude(self, name: str, outcome: calls.Outcome) -> None:
        with self._lock:
            call = self._calls.pop(name, None)
        if call is None:
            return
        if not call.keeps:
            calls.forget(self._layout, name)
        if outcome.error is not None:
            call.set_exception(outcome.error)
        else:
            call.set_result(outcome.value)

    def _break(self) -> None:
        """No call can end any more; all are told."""
        for name in list(self._calls):
            with self._lock:
                call = self._calls.pop(name)
            call.set_exception(SpoolLost(self._failure))

    def _take_back(self, call: Call[Any]) -> bool:
        """Remove a job that nobody has begun; one with a name goes to ``failed/``, as every job that is cancelled.

        Of the removal and of the rename by which another takes it one is first, and the other finds nothing.
        """
        view = places.where(self._layout, call.name)
        if view is None or view.state not in (JobState.WAITING, JobState.HANDED):
            return False
        handed = self._layout.handed(view.worker, call.name)
        path = handed if view.state is JobState.HANDED else self._layout.queued(call.name)
        if call.keeps:
            return fsio.move(path, self._layout.failed(call.name)) is fsio.Moved.YES
        return fsio.remove(path)
