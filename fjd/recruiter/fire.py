"""Firing: orders first, then one wait for all; who does not answer is ended, and what it held is given back."""

import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

from fjd import hiring, recovery
from fjd.errors import DiskError, FjdError
from fjd.hiring import Backend
from fjd.hiring.processes import Process, end, wait_until
from fjd.recovery import PartlyBuried
from fjd.recruiter import crew, force, remote
from fjd.settings import Timings
from fjd.spool import announce, fsio, wakeup
from fjd.spool.layout import Layout
from fjd.spool.members import Member

_POLL_FIRST_S, _POLL_LAST_S = 0.02, 0.2
"""Between two looks; a job that is waited for may take days."""
_EMPTY_S = 1.0
"""A session ends this soon after its worker, unless a person has opened another window in it."""
_ENDERS = 16
"""So many silent workers are ended at a time."""


class How(Enum):
    """What becomes of the job that a worker runs; the value is the worker's order file and what it says."""

    DRAIN = ("drain", b"")
    """It is finished first."""
    NOW = ("fire", b"")
    """It is ended and goes back to the queue."""
    CANCEL = ("fire", b"cancel")
    """It is ended and fails."""


@dataclass(frozen=True, slots=True)
class FireReport:
    """What came of firing. Workers are told by their whole ids."""

    fired: tuple[str, ...]
    """They are gone."""
    failures: tuple[tuple[str, str], ...]
    """They are not, and why."""
    requeued: tuple[str, ...]
    """The jobs that went back to the queue because their worker was dead or had to be ended."""
    leaving: tuple[str, ...]
    """They have their orders, and were not waited for."""


def fire(
    layout: Layout,
    ids: Sequence[str] | None = None,
    *,
    count: int | None = None,
    how: How = How.NOW,
    wait: bool = True,
    timings: Timings | None = None,
    progress: Callable[[int], None] | None = None,
) -> FireReport:
    """Fire the workers that ``ids`` name, or ``count`` of them, or all of this spool; see `crew.choose`.

    Who has not left ``grace_s + answer_s`` after the last that did is ended by its session, if it lives on this host;
    `How.DRAIN` waits for ever. Without ``wait`` it returns when the orders are given. ``progress`` is told how many
    have left. Interrupted, the orders stand. Raises `HireError` for a worker that is not there.
    """
    firing = _Firing(layout, crew.choose(layout, ids, count), timings or Timings(), progress or (lambda _: None))
    firing.order(how)
    if wait:
        firing.wait(None if how is How.DRAIN else firing.patience_s)
        firing.end_the_silent()
    return firing.report()


def end_silent(layout: Layout, ids: Sequence[str], *, timings: Timings | None = None) -> FireReport:
    """End those workers of this host by force at once: their orders had no answer elsewhere."""
    firing = _Firing(layout, crew.choose(layout, ids, None), timings or Timings(), lambda _: None)
    firing.end_the_silent()
    return firing.report()


class _Firing:
    """One call of `fire`."""

    def __init__(
        self, layout: Layout, chosen: Sequence[Member], timings: Timings, progress: Callable[[int], None]
    ) -> None:
        self.patience_s = timings.grace_s + timings.answer_s
        self._layout = layout
        self._timings = timings
        self._progress = progress
        self._pending = {member.id: member for member in chosen}
        self._fired: list[str] = []
        self._failures: list[tuple[str, str]] = []
        self._requeued: list[str] = []
        self._backends: dict[str, Backend | None] = {}

    def report(self) -> FireReport:
        return FireReport(tuple(self._fired), tuple(self._failures), tuple(self._requeued), tuple(self._pending))

    def order(self, how: How) -> None:
        """Give all their order before anybody is waited for."""
        for member in list(self._pending.values()):
            try:
                self._order_one(member, how)
            except DiskError as error:
                self._order_without_disk(member, how, error)

    def wait(self, patience_s: float | None) -> None:
        """Wait until all have left, or nobody has for ``patience_s``."""
        news_s, poll_s = time.monotonic(), _POLL_FIRST_S
        while self._pending and (patience_s is None or time.monotonic() - news_s < patience_s):
            if self._see_who_left():
                news_s, poll_s = time.monotonic(), _POLL_FIRST_S
                self._progress(len(self._fired))
            time.sleep(poll_s if self._pending else 0)
            poll_s = min(1.05 * poll_s, _POLL_LAST_S)

    def end_the_silent(self) -> None:
        """End those of this host; over ssh those that were hired so; and by cancelling, those of a scheduler's jobs."""
        silent = list(self._pending.values())
        self._pending.clear()
        here = [member for member in silent if member.announcement.is_here()]
        away = [member for member in silent if not member.announcement.is_here()]
        by_way: dict[str, list[Member]] = {}
        for member in away:
            by_way.setdefault(member.announcement.via or member.id, []).append(member)
        with ThreadPoolExecutor(_ENDERS) as pool:
            ended, dismissed = pool.map(self._end, here), pool.map(self._dismiss, by_way.values())
            for member, failure in zip(here, ended, strict=True):
                self._leaves(member, failure)
            for member, failure in (pair for pairs in dismissed for pair in pairs):
                self._leaves(member, failure)
        if silent:
            self._progress(len(self._fired))

    # ---- orders

    def _order_one(self, member: Member, how: How) -> None:
        order, says = how.value
        if fsio.names(self._layout.pod(member.id)) is not None:  # without one it is leaving, or dead
            fsio.publish(self._layout.tmp, self._layout.order(member.id, order), says, replace=True)
            wakeup.ring(self._layout.nudge(member.id))

    def _order_without_disk(self, member: Member, how: How, error: DiskError) -> None:
        """A full disk takes no order, but TERM says the same as one to be fired now."""
        if how is How.NOW and member.announcement.is_here():
            _process(member).signal(signal.SIGTERM)
        else:
            del self._pending[member.id]
            self._failures.append((member.id, str(error)))

    # ---- who left

    def _see_who_left(self) -> bool:
        is_remote = any(not member.announcement.is_here() for member in self._pending.values())
        announced = announce.present(self._layout, fresh=is_remote)
        left = [member for member in self._pending.values() if _has_left(member, member.id in announced)]
        for member in left:
            del self._pending[member.id]
            self._leaves(member, self._bury(member) if member.id in announced else "")
        wait_until(lambda: not any(self._session_stands(member) for member in left), _EMPTY_S)
        return bool(left)

    def _session_stands(self, member: Member) -> bool:
        backend = self._backend(member)
        is_here = member.announcement.is_here()
        return is_here and backend is not None and backend.is_running(backend.handle_of(member.announcement))

    def _leaves(self, member: Member, failure: str) -> None:
        if failure:
            self._failures.append((member.id, failure))
        else:
            self._fired.append(member.id)

    # ---- by force

    def _end(self, member: Member) -> str:
        """End a worker of this host that does not answer and give back what it held; return what went wrong."""
        try:
            backend = self._backend(member)
            if backend is not None:
                backend.end(backend.handle_of(member.announcement), grace_s=self._timings.grace_s)
            is_gone = end([_process(member)], grace_s=self._timings.grace_s)
        except FjdError as error:
            return str(error)
        return self._bury(member) if is_gone else f"its process {member.announcement.pid} cannot be ended"

    def _dismiss(self, members: Sequence[Member]) -> list[tuple[Member, str]]:
        """End those that do not answer and are reached in the same way; return for each what went wrong.

        It is done by the recruiter of their host, or by a scheduler.
        """
        via = members[0].announcement.via
        if not via:
            return [(member, self._end_elsewhere(member)) for member in members]
        report = remote.dismiss(self._layout, via, [member.id for member in members], timings=self._timings)
        self._requeued += report.requeued
        failures = dict(report.failures)
        problem = report.problem and f"{self._silence(members[0])} ({report.problem})"
        return [(member, problem or failures.get(member.id, "")) for member in members]

    def _end_elsewhere(self, member: Member) -> str:
        """End a worker of a scheduler's job; of others of another host, all that can be done is to say so."""
        try:
            is_gone = force.by_scheduler(self._layout, member)
        except FjdError as error:
            return f"{self._silence(member)} ({error})"
        return self._bury(member) if is_gone else self._silence(member)

    def _bury(self, member: Member) -> str:
        """Give back what a worker held whose process is known to be dead; return what went wrong."""
        try:
            recovery.end_leftovers(self._layout, member.id, is_here=member.announcement.is_here())
            self._requeued += [back.name for back in recovery.bury(self._layout, member.id)]
        except PartlyBuried as error:
            self._requeued += [back.name for back in error.returned]
            return str(error)
        except DiskError as error:
            return str(error)
        return ""

    def _backend(self, member: Member) -> Backend | None:
        kind = member.announcement.kind
        if kind not in self._backends:
            self._backends[kind] = hiring.named(kind, self._layout)
        return self._backends[kind]

    def _silence(self, member: Member) -> str:
        return (
            f"it works on {member.announcement.host} and has not answered within {self.patience_s:g} s; "
            f"if it is lost, a dispatcher gives its jobs back after {self._timings.lease_s:g} s"
        )


def _has_left(member: Member, is_announced: bool) -> bool:
    """Of this host the process must be gone, and then the announcement tells only whether it went in order."""
    return not _process(member).lives() if member.announcement.is_here() else not is_announced


def _process(member: Member) -> Process:
    return Process(member.announcement.pid, member.announcement.started)
