"""Processes of jobs on this host, found by what marks them, wherever they went; and their end.

A job's processes bear the names of their worker and their job in their environment, which they inherit through every
fork, double fork and ``setsid``. One that clears its environment is found by the job's session, where its id is known
and is sure to be that job's still. What does both, and what runs on another host, is not found (rule 6).
"""

import contextlib
import os
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from fjd import identity, told

_PASSES = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """What processes are looked for: those of ``jobs`` as ``worker`` ran them, and those of the session ``session``."""

    worker: str
    jobs: Collection[str]
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A process, told from a later one of the same id by its start time."""

    pid: int
    started: int

    def lives(self) -> bool:
        return identity.is_alive(self.pid, self.started)

    def signal(self, number: signal.Signals) -> bool:
        return identity.send(self.pid, self.started, number)


def ask(mark: Mark, *, but_group: int) -> list[Found]:
    """Send TERM to all that bear the mark but those of the process group ``but_group``; return to whom."""
    found = [process for process in _marked(mark) if _group_of(process) != but_group]
    for process in found:
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGCONT)  # a stopped process would not hear TERM
    return found


def live(processes: Collection[Found]) -> bool:
    """Tell whether any of them lives."""
    return any(process.lives() for process in processes)


def end(mark: Mark, known: Collection[Found] = ()) -> int:
    """Kill all that bear the mark, and those ``known``, but not this process; return how many there were."""
    killed = {process.pid for process in known if process.signal(signal.SIGKILL)}
    for _ in range(
        _PASSES
    ):  # a process may have forked between being listed and being killed, and the killed take time
        found = {process.pid for process in _marked(mark) if process.signal(signal.SIGKILL)}
        if not found:
            break
        killed |= found
    return len(killed)


def _marked(mark: Mark) -> Iterator[Found]:
    for pid in identity.pids():
        started = identity.start_time(pid)
        if pid == os.getpid() or started is None:
            continue
        if _bears(pid, mark) or _is_in_session(pid, mark.session):
            yield Found(pid, started)


def _bears(pid: int, mark: Mark) -> bool:
    environment = identity.environment(pid)
    return environment.get(told.WORKER) == mark.worker and environment.get(told.JOB) in mark.jobs


def _is_in_session(pid: int, session: int | None) -> bool:
    with contextlib.suppress(ProcessLookupError):
        return session is not None and os.getsid(pid) == session
    return False


def _group_of(process: Found) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None
