"""Everything that the screen asks of the rest of the program, and the one object that gives it from a real spool.

All methods but `snapshot` touch the disk or wait for processes, and are called from threads only.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Protocol

from fjd import control, glance, habits, progress, recruiter, story, submission, usage
from fjd.control import Draft, Revision, Submitted, complete
from fjd.dispatcher import Dispatcher, Ended, Until
from fjd.habits import Habits
from fjd.inspect import peek
from fjd.jobfile import JobSpec
from fjd.progress import Progress
from fjd.recruiter import FireReport, HireReport, How
from fjd.settings import Timings
from fjd.snapshot import Counts, JobView, Snapshot, WorkerView
from fjd.spool.layout import Layout
from fjd.story import Story
from fjd.submission import Axis, Template
from fjd.tui import places, templates
from fjd.tui.places import Hiring
from fjd.tui.sights import ToCome
from fjd.usage import Meter, Room, Use

NO_CREW: Mapping[str, str] = {}


class Stop(Protocol):
    """What tells a running dispatcher to end: a ``threading.Event``, or a Textual worker's."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Backend(Protocol):
    """What the app needs. Errors that a user can mend are `FjdError`."""

    root: str
    habits: Habits
    """What was remembered when the program began."""

    def snapshot(self) -> Snapshot: ...
    def run(self, stop: Stop) -> Ended: ...
    def places(self) -> Sequence[str]: ...
    def pending(self) -> Mapping[str, ToCome]: ...
    def hire(self, wish: Hiring) -> HireReport: ...
    def fire(self, ids: Sequence[str], how: How) -> FireReport: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def kill(self, worker: str, job: str) -> None: ...
    def retry(self, job: str) -> None: ...
    def cancel(self, job: str) -> None: ...
    def hold(self, job: str) -> None: ...
    def release(self, job: str) -> None: ...
    def freeze(self) -> tuple[str, ...]: ...
    def thaw(self) -> tuple[str, ...]: ...
    def raise_priority(self, job: str, by: int) -> Revision: ...
    def rewrite(self, job: str, before: bytes, after: bytes) -> Revision: ...
    def revert(self, revision: Revision) -> None: ...
    def find_job(self, job: JobView) -> tuple[str, bytes]: ...
    def draft(self, job: str, data: bytes) -> Draft: ...
    def save_picture(self, svg: str) -> str: ...
    def templates(self) -> Mapping[str, JobSpec]: ...
    def keep_template(self, name: str, spec: JobSpec | None) -> Mapping[str, JobSpec]: ...
    def complete(self, typed: str, within: str = "", *, is_command: bool = False) -> str: ...
    def spools(self) -> Sequence[str]: ...
    def note_use(self) -> None: ...
    def peek(self, root: str) -> Counts: ...
    def remember(self, topic: str, value: object) -> None: ...
    def free_name(self, stem: str = "job") -> str: ...
    def submit(self, name: str, spec: JobSpec, *, replace: bool) -> None: ...
    def submit_many(self, template: Template, axes: Sequence[Axis]) -> Submitted: ...
    def read_job(self, job: JobView) -> str: ...
    def story(self, job: JobView) -> Story: ...
    def attach_argv(self, worker: str) -> list[str]: ...
    def last_line(self, job: JobView) -> str: ...
    def progress(self, job: JobView) -> Progress | None: ...
    def use(self, workers: Sequence[WorkerView]) -> Mapping[str, Use]: ...
    def room(self) -> Room: ...
    def output_path(self, job: JobView) -> str:
        """Return where the job's output is, without looking."""

    def logfile_path(self, job: JobView) -> str:
        """Return where the job's own logfile is, without looking; empty when it has none."""

    def workerlog_path(self, job: JobView) -> str:
        """Return where the log of its worker is, without looking; empty when no worker has it."""


class SpoolBackend:
    """The real thing: a dispatcher of the spool at ``layout``, and the roles around it."""

    def __init__(
        self,
        layout: Layout,
        timings: Timings,
        *,
        until: Until = Until.STOPPED,
        only_looks: bool = False,
        crew: Mapping[str, str] = NO_CREW,
    ) -> None:
        """One that ``only_looks`` never dispatches (see `Dispatcher`); what its user asks for it does all the same."""
        self.root = layout.root
        self.habits = habits.load()
        self._layout = layout
        self._timings = timings
        self._until = until
        self._dispatcher = Dispatcher(layout, timings, only_looks=only_looks, crew=crew)
        self._here = os.getcwd()
        self._homes: dict[str, str] = {}
        self._meter = Meter()

    def snapshot(self) -> Snapshot:
        return self._dispatcher.snapshot()

    def run(self, stop: Stop) -> Ended:
        """Dispatch until ``stop``."""
        return self._dispatcher.run(stop, until=self._until, ends_halted=False)

    def places(self) -> Sequence[str]:
        """Return where workers can be hired besides here."""
        return places.known(self._layout)

    def pending(self) -> Mapping[str, ToCome]:
        """Return whom each scheduler has yet to start."""
        return places.pending(self._layout)

    def hire(self, wish: Hiring) -> HireReport:
        return places.hire(self._layout, wish, self._timings)

    def fire(self, ids: Sequence[str], how: How) -> FireReport:
        """Fire; who drains is not waited for."""
        return recruiter.fire(self._layout, ids, how=how, wait=how is not How.DRAIN, timings=self._timings)

    def pause(self) -> None:
        control.pause(self._layout)

    def resume(self) -> None:
        control.resume(self._layout)

    def kill(self, worker: str, job: str) -> None:
        control.kill(self._layout, worker, job)

    def retry(self, job: str) -> None:
        control.retry(self._layout, job)

    def cancel(self, job: str) -> None:
        control.cancel(self._layout, job)

    def hold(self, job: str) -> None:
        control.hold(self._layout, job)

    def release(self, job: str) -> None:
        control.release(self._layout, job)

    def freeze(self) -> tuple[str, ...]:
        return control.freeze(self._layout)

    def thaw(self) -> tuple[str, ...]:
        return control.thaw(self._layout)

    def raise_priority(self, job: str, by: int) -> Revision:
        return control.raise_priority(self._layout, job, by)

    def rewrite(self, job: str, before: bytes, after: bytes) -> Revision:
        return control.rewrite(self._layout, job, before, after)

    def revert(self, revision: Revision) -> None:
        control.revert(self._layout, revision)

    def find_job(self, job: JobView) -> tuple[str, bytes]:
        return control.find_job(self._layout, job)

    def draft(self, job: str, data: bytes) -> Draft:
        return control.draft(self._layout, job, data)

    def remember(self, topic: str, value: object) -> None:
        habits.remember(topic, value)

    def templates(self) -> Mapping[str, JobSpec]:
        """Return the job specs that were kept under a name."""
        return templates.known(habits.load())

    def keep_template(self, name: str, spec: JobSpec | None) -> Mapping[str, JobSpec]:
        """Keep ``spec`` under ``name``, or forget that name; return all that are kept then."""
        habits.remember(templates.TOPIC, templates.with_one(self.templates(), name, spec))
        return self.templates()

    def complete(self, typed: str, within: str = "", *, is_command: bool = False) -> str:
        """Return what a path that is being typed may be going to be; a relative one begins ``within``, or here."""
        find = complete.last_word if is_command else complete.path
        return find(typed, os.path.join(self._here, os.path.expanduser(within)))

    def spools(self) -> Sequence[str]:
        """Return the spools that were used lately, by whatever program of this user's."""
        return habits.spools(habits.load())

    def note_use(self) -> None:
        """Remember that this one is used."""
        habits.remember_spool(self.root)

    def peek(self, root: str) -> Counts:
        """Return what another spool has."""
        return peek.counts(root)

    def save_picture(self, svg: str) -> str:
        return habits.save_picture(svg)

    def free_name(self, stem: str = "job") -> str:
        return control.free_name(self._layout, stem)

    def submit(self, name: str, spec: JobSpec, *, replace: bool) -> None:
        control.submit(self._layout, name, spec, replace=replace)

    def submit_many(self, template: Template, axes: Sequence[Axis]) -> Submitted:
        """Submit a job for each combination, all or none."""
        taken = control.taken_names(self._layout)
        jobs = submission.many(template, tuple(submission.product(axes)), taken)
        return control.submit_many(self._layout, jobs)

    def read_job(self, job: JobView) -> str:
        return control.read_job(self._layout, job)

    def story(self, job: JobView) -> Story:
        return story.of_job(self._layout, job.name)

    def attach_argv(self, worker: str) -> list[str]:
        return recruiter.attach_argv(self._layout, worker)

    def last_line(self, job: JobView) -> str:
        return glance.last_line(self._layout.output(job.name))

    def progress(self, job: JobView) -> Progress | None:
        return progress.of_job(self._layout, job.worker, job.name)

    def use(self, workers: Sequence[WorkerView]) -> Mapping[str, Use]:
        return self._meter.look({worker.id: worker.pid for worker in workers})

    def room(self) -> Room:
        return usage.room(self.root)

    def output_path(self, job: JobView) -> str:
        return self._layout.output(job.name)

    def workerlog_path(self, job: JobView) -> str:
        return self._layout.workerlog(job.worker) if job.worker else ""

    def logfile_path(self, job: JobView) -> str:
        """Return the logfile as the worker sees it: a relative one begins in its working directory.

        Of a worker that is gone the directory is remembered; of one never seen it is taken for ours, where those that
        are hired here work.
        """
        self._homes.update((worker.id, worker.cwd) for worker in self.snapshot().workers if worker.cwd)
        return os.path.join(self._homes.get(job.worker, self._here), job.logfile) if job.logfile else ""
