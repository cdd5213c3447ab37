"""Admission: from a file in ``jobqueue/`` to a job that may be handed out, or a reason why it is none (rule 4)."""

import os
import time
from collections.abc import Callable

from fjd import jobfile
from fjd.errors import DiskError, JobFileError, NotAJob, UnsafeError
from fjd.jobfile import JobSpec
from fjd.ledger import Ledger, Readiness
from fjd.policy import GiveUp
from fjd.snapshot import EventKind
from fjd.spool import fsio
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Wholeness

_BUDGET_S = 0.02
"""Reading a million files takes a minute; no step of the dispatcher is to wait for it."""
_RECHECK_S = 0.25


class Admission:
    """Reads what waits, a bounded part at each step."""

    def __init__(
        self, layout: Layout, ledger: Ledger, settle_s: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._layout = layout
        self._ledger = ledger
        self._clock = clock
        self._wholeness = Wholeness(layout, settle_s)
        self._being_written: dict[str, float] = {}
        self.refused: list[GiveUp] = []
        self.left_alone: dict[str, fsio.Stamp | None] = {}
        """What is in the queue's directory and is no plain file, as it was when that was told."""

    def admit(self) -> None:
        """Read the next unread files. Those that are to be given up are in `refused` until somebody may act on it."""
        until_s = self._clock() + _BUDGET_S
        self._recheck(self._clock())
        while self._ledger.unread and (now_s := self._clock()) < until_s:
            name = self._ledger.unread.popleft()
            if name in self._ledger.waiting and (why := self._admit(name, now_s)):
                self.refused.append(GiveUp(name, why))

    @property
    def has_unread(self) -> bool:
        """Whether a step right away would read more."""
        return bool(self._ledger.unread)

    def is_still_good(self, name: str, now_s: float) -> bool:
        """Tell whether the file is as it was when it was read, and nobody writes it now."""
        path = self._layout.queued(name)
        waiting = self._ledger.waiting.get(name)
        if waiting is None:
            return False
        if not self._wholeness.is_whole(path, now_s):
            self._wait_for_writer(name, now_s)
            return False
        if fsio.stamp(path) != waiting.stamp:
            self._ledger.job_changed(name, Readiness.UNREAD)
            return False
        self._wholeness.forget(path)
        return True

    def _admit(self, name: str, now_s: float) -> str:
        """Read one file; return why it is to be given up, or nothing."""
        path = self._layout.queued(name)
        try:
            if not self._wholeness.is_whole(path, now_s):
                self._wait_for_writer(name, now_s)
                return ""
            contents = fsio.read_plain(path, jobfile.MAX_BYTES)
            if contents is None:
                self._ledger.job_left_queue(name)
                return ""
            spec = jobfile.parse(contents.data)
        except NotAJob as error:
            self._leave_alone(name, str(error))
            return ""
        except (JobFileError, UnsafeError) as error:
            return str(error)
        except DiskError:
            self._ledger.unread.appendleft(name)
            raise
        self._ledger.job_read(name, contents.stamp, spec.executable, _logfile(spec))
        return ""

    def _wait_for_writer(self, name: str, now_s: float) -> None:
        self._ledger.job_changed(name, Readiness.WRITTEN)
        self._being_written[name] = now_s + _RECHECK_S

    def _recheck(self, now_s: float) -> None:
        due = [name for name, at_s in self._being_written.items() if at_s <= now_s]
        for name in due:
            del self._being_written[name]
            self._ledger.job_changed(name, Readiness.UNREAD)

    def _leave_alone(self, name: str, kind: str) -> None:
        """What is no plain file stays where it is, and is told once."""
        self._ledger.job_left_queue(name)
        self.left_alone[name] = fsio.stamp(self._layout.queued(name))
        text = f"{name} in jobqueue/ is {kind} and no job file: it is left where it is"
        self._ledger.note(EventKind.NOT_A_JOB, text, job=name)

    def reconsider(self, names: set[str]) -> set[str]:
        """Return those of ``names`` that are not known to be no plain files, looking again at what has changed."""
        for name in [name for name in self.left_alone if name not in names]:
            del self.left_alone[name]
        for name, stamp in list(self.left_alone.items()):
            if fsio.stamp(self._layout.queued(name)) != stamp:
                del self.left_alone[name]
        return names - self.left_alone.keys()


def _logfile(spec: JobSpec) -> str:
    """Return the logfile as far as it can be told here: the rest depends on the worker's own directory."""
    return os.path.join(spec.workdir, spec.logfile) if spec.logfile else ""
