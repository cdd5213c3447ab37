"""Admission: from a file in ``jobqueue/`` to a job that may be handed out, or a reason why it is none (rule 4)."""

import os
import time
from collections.abc import Callable
from functools import partial

from fjd import jobfile
from fjd.dispatcher.terms import TermsReader
from fjd.errors import BeingWritten, DiskError, FileRefused, JobFileError, NotAJob, UnsafeError
from fjd.jobfile import JobSpec
from fjd.ledger import Ledger, Readiness, Waiting
from fjd.policy import GiveUp
from fjd.setbacks import Setbacks
from fjd.snapshot import EventKind
from fjd.spool import fsio
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Wholeness

_BUDGET_S = 0.02
"""Reading a million files takes a minute; no step of the dispatcher is to wait for it."""
_RECHECK_S = 0.25
_SLIPS_MAX = 10_000
_SLIPS_EACH = 5


class Admission:
    """Reads what waits, a bounded part at each step."""

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        terms: TermsReader,
        settle_s: float,
        *,
        only_looks: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terms = terms
        self._layout = layout
        self._ledger = ledger
        self._clock = clock
        self._wholeness = Wholeness(layout, settle_s, only_looks=only_looks)
        self._being_written: dict[str, float] = {}
        self._setbacks = Setbacks(clock=clock)
        self._refused: dict[str, tuple[str, fsio.Stamp | None]] = {}
        """Why a job is to be given up, and the file as it was when that was found."""
        self._slips: dict[str, tuple[str, ...]] = {}
        """The unknown keys of jobs that they were told of."""
        self._left_alone: set[str] = set()
        """What is in the queue's directory and is no plain file, which has been told."""

    def admit(self) -> None:
        """Read the next unread files. Those to be given up are kept until somebody who may act has done so."""
        until_s = self._clock() + _BUDGET_S
        self._recheck(self._clock())
        while self._ledger.unread and (now_s := self._clock()) < until_s:
            name = self._ledger.unread.popleft()
            if name in self._ledger.waiting:
                self._admit(name, now_s)

    @property
    def has_unread(self) -> bool:
        """Whether a step right away would read more."""
        return bool(self._ledger.unread)

    def to_give_up(self) -> list[GiveUp]:
        """Return what is to be given up and is as it was when that was found; what has changed is read again.

        Each comes again until `given_up` is told of it: the disk may refuse the move, or another dispatch meanwhile.
        """
        due = [name for name in self._refused if self._setbacks.is_due(name)]
        for name in due:
            if name not in self._ledger.waiting or self._has_changed(name, self._refused[name][1]):
                del self._refused[name]
                self._ledger.unread.append(name)
        return [GiveUp(name, self._refused[name][0]) for name in due if name in self._refused]

    def _has_changed(self, name: str, stamp: fsio.Stamp | None) -> bool:
        try:
            return fsio.stamp(self._layout.queued(name)) != stamp
        except FileRefused:
            return True  # reading it says why

    def given_up(self, name: str) -> None:
        """It was given up, or is gone."""
        self._refused.pop(name, None)

    def is_still_good(self, name: str, now_s: float) -> bool:
        """Tell whether the file is as it was when it was read, and nobody writes it now."""
        path = self._layout.queued(name)
        waiting = self._ledger.waiting.get(name)
        if waiting is None:
            return False
        if waiting.is_brief:
            return self._is_as_before(waiting, now_s)
        if not self._wholeness.is_whole(path, now_s):
            self._wait_for_writer(name, now_s)
            return False
        if fsio.stamp(path) != waiting.stamp:
            self._ledger.job_changed(name, Readiness.UNREAD)
            return False
        self._wholeness.forget(path)
        return True

    def _is_as_before(self, waiting: Waiting, now_s: float) -> bool:
        """Read a file anew of which only the terms were kept, and tell whether they are the same."""
        self._admit(waiting.name, now_s, is_next=True)
        now = self._ledger.waiting.get(waiting.name)
        if now is not None and now.is_brief:  # it is no job any more, and why that is so is told as of any other
            self._ledger.job_changed(now.name, Readiness.UNREAD)
            return False
        return now is not None and now.is_ready and now.terms == waiting.terms

    def read_again(self) -> None:
        """Read all that waits anew: the defaults are others."""
        for name in self._ledger.waiting:
            self._ledger.job_changed(name, Readiness.UNREAD)

    def _admit(self, name: str, now_s: float, *, is_next: bool = False) -> None:
        """Read one file, and note what it says or why it is to be given up; ``is_next`` is handed out right away."""
        path = self._layout.queued(name)
        contents = None
        try:
            is_whole = partial(self._wholeness.is_whole, path, now_s)
            contents = fsio.read_plain(path, jobfile.MAX_BYTES, is_whole)
            if contents is None:
                self._ledger.job_left_queue(name)
                return
            spec = jobfile.parse(contents.data)
            options = self._terms.of_spec(spec)
        except BeingWritten:
            self._wait_for_writer(name, now_s)
        except NotAJob as error:
            self._leave_alone(name, str(error))
        except (JobFileError, UnsafeError) as error:
            self._refuse(name, str(error), contents)
        except FileRefused as error:
            self.pass_by(name, error)
        except DiskError:
            self._ledger.unread.appendleft(name)
            raise
        else:
            said = (contents.stamp, spec.executable, _logfile(spec), options)
            self._ledger.job_read(name, *said, is_next=is_next)
            self._tell_slips(name, spec)

    def _refuse(self, name: str, why: str, contents: fsio.Contents | None) -> None:
        try:
            stamp = contents.stamp if contents else fsio.stamp(self._layout.queued(name))
        except DiskError:
            self._ledger.unread.appendleft(name)
            raise
        self._refused[name] = why, stamp

    def _tell_slips(self, name: str, spec: JobSpec) -> None:
        """Keys that fjd does not know are no error, and told once of each job."""
        if spec.unknown and self._slips.get(name) != spec.unknown:
            if len(self._slips) >= _SLIPS_MAX:
                del self._slips[next(iter(self._slips))]
            self._slips[name] = spec.unknown
            for key in spec.unknown[:_SLIPS_EACH]:
                self._ledger.note(EventKind.NOTE, f"{name}: {jobfile.slip(key)}", job=name)

    def pass_by(self, name: str, error: FileRefused) -> None:
        """The disk refuses this file: the others go on, and it is tried again later, from its reading on."""
        self._ledger.job_changed(name, Readiness.REFUSED)
        if self._setbacks.add(name):
            self._ledger.note(EventKind.TROUBLE, f"{name} is passed by for now: {error}", job=name)

    def _wait_for_writer(self, name: str, now_s: float) -> None:
        self._ledger.job_changed(name, Readiness.WRITTEN)
        self._being_written[name] = now_s + _RECHECK_S

    def _recheck(self, now_s: float) -> None:
        due = [name for name, at_s in self._being_written.items() if at_s <= now_s]
        for name in due:
            del self._being_written[name]
            self._ledger.job_changed(name, Readiness.UNREAD)
        if self._setbacks.keep(self._ledger.waiting):
            self._ledger.note(EventKind.NOTE, "the disk does as asked again; going on")
        for name in self._setbacks.due():
            if self._ledger.waiting[name].readiness is Readiness.REFUSED:
                self._ledger.job_changed(name, Readiness.UNREAD)

    def _leave_alone(self, name: str, kind: str) -> None:
        """What is no plain file stays where it is, and is told once."""
        self._ledger.job_left_queue(name)
        self._left_alone.add(name)
        text = f"{name} in jobqueue/ is {kind} and no job file: it is left where it is"
        self._ledger.note(EventKind.NOT_A_JOB, text, job=name)

    def is_left_alone(self, name: str) -> bool:
        """Tell whether it was told to be no plain file, and is none still."""
        if name in self._left_alone and fsio.is_plain(self._layout.queued(name)):
            self._left_alone.remove(name)
        return name in self._left_alone

    def reconsider(self, names: list[str]) -> list[str]:
        """Return those of ``names`` that are not left alone; they are all that the queue shows beside what waits."""
        if not self._left_alone:
            return names
        self._left_alone.intersection_update(names)
        return [name for name in names if not self.is_left_alone(name)]


def _logfile(spec: JobSpec) -> str:
    """Return the logfile as far as it can be told here: the rest depends on the worker's own directory."""
    return os.path.join(spec.workdir, spec.logfile) if spec.logfile else ""
