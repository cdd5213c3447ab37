"""A backend with a script: it shows the snapshots that a test gives it, and notes what the app asked of it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fjd import jobfile, submission
from fjd.control import Draft, Revision, Submitted, complete
from fjd.dispatcher import Ended
from fjd.errors import FjdError, HireError, NameTaken
from fjd.habits import Habits
from fjd.jobfile import JobSpec
from fjd.progress import Progress
from fjd.recruiter import FireReport, HireReport, How
from fjd.snapshot import Counts, JobView, Snapshot, WorkerView
from fjd.story import Story
from fjd.submission import Axis, Template
from fjd.tui import templates
from fjd.tui.backend import Stop
from fjd.tui.places import Hiring
from fjd.tui.sights import ToCome
from fjd.usage import Room, Use


class FakeBackend:
    """Stands in for a spool. ``asked`` holds every order as a tuple, oldest first."""

    def __init__(self, root: Path, snapshot: Snapshot | None = None) -> None:
        self.root = str(root)
        self.asked: list[tuple[object, ...]] = []
        self.taken: set[str] = set()
        self.submitted: dict[str, JobSpec] = {}
        self.error: FjdError | None = None
        self.threads: set[str] = set()
        self.running = threading.Event()
        self.on_run: Callable[[Stop], Ended] | None = None
        self.habits: Habits = {}
        self.on_complete: Callable[[str], str] | None = None
        self.known_spools: tuple[str, ...] = ()
        self.spools_have: dict[str, Counts | FjdError] = {}
        self.stories: dict[str, Story] = {}
        self.to_come: Mapping[str, ToCome] = {}
        self.known_places: tuple[str, ...] = ()
        self.files: dict[str, bytes] = {}
        self.said: dict[str, str] = {}
        self.reports: dict[str, Progress] = {}
        self.uses: dict[str, Use] = {}
        self.room_left = Room(1 << 40, 1 << 41)
        self._snapshot = snapshot or Snapshot(version=1, spool=self.root)

    # ---- what the test says

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = replace(snapshot, version=self._snapshot.version + 1, spool=self.root)

    def asked_for(self, what: str) -> list[tuple[object, ...]]:
        return [order for order in self.asked if order[0] == what]

    # ---- what the app asks

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def run(self, stop: Stop) -> Ended:
        self.running.set()
        if self.on_run:
            return self.on_run(stop)
        while not stop.is_set():
            stop.wait(0.02)
        self.running.clear()
        return Ended.STOPPED

    def places(self) -> Sequence[str]:
        return self.known_places

    def pending(self) -> Mapping[str, ToCome]:
        self.threads.add(threading.current_thread().name)
        return self.to_come

    def hire(self, wish: Hiring) -> HireReport:
        self._note("hire", wish.count, *((wish.place, wish.tags) if wish.place or wish.tags else ()))
        return HireReport(tuple(f"nova-{n}-x{n}" for n in range(1, wish.count + 1)), (), "screen", "")

    def fire(self, ids: Sequence[str], how: How) -> FireReport:
        self._note("fire", tuple(ids), how)
        if how is How.DRAIN:
            return FireReport((), (), (), tuple(ids))
        return FireReport(tuple(ids), (), (), ())

    def pause(self) -> None:
        self._note("pause")

    def resume(self) -> None:
        self._note("resume")

    def kill(self, worker: str, job: str) -> None:
        self._note("kill", worker, job)

    def retry(self, job: str) -> None:
        self._note("retry", job)

    def cancel(self, job: str) -> None:
        self._note("cancel", job)

    def hold(self, job: str) -> None:
        self._note("hold", job)

    def release(self, job: str) -> None:
        self._note("release", job)

    def freeze(self) -> tuple[str, ...]:
        self._note("freeze")
        return tuple(worker.id for worker in self._snapshot.workers)

    def thaw(self) -> tuple[str, ...]:
        self._note("thaw")
        return tuple(worker.id for worker in self._snapshot.workers)

    def raise_priority(self, job: str, by: int) -> Revision:
        self._note("raise_priority", job, by)
        return Revision(job, b"before", b"after")

    def rewrite(self, job: str, before: bytes, after: bytes) -> Revision:
        self._note("rewrite", job, before, after)
        return Revision(job, before, after)

    def revert(self, revision: Revision) -> None:
        self._note("revert", revision.job)

    def find_job(self, job: JobView) -> tuple[str, bytes]:
        text = self.files.get(job.name, f"[control]\nexecutable = {job.command}\n".encode())
        return f"{self.root}/jobqueue/{job.name}", text

    def draft(self, job: str, data: bytes) -> Draft:
        raise AssertionError("no editor here")

    def remember(self, topic: str, value: object) -> None:
        self.habits = {**self.habits, topic: value}

    def templates(self) -> Mapping[str, JobSpec]:
        return templates.known(self.habits)

    def keep_template(self, name: str, spec: JobSpec | None) -> Mapping[str, JobSpec]:
        self.threads.add(threading.current_thread().name)
        self.remember(templates.TOPIC, templates.with_one(self.templates(), name, spec))
        return self.templates()

    def complete(self, typed: str, within: str = "", *, is_command: bool = False) -> str:
        self.threads.add(threading.current_thread().name)
        if self.on_complete is not None:
            return self.on_complete(typed)
        return (complete.last_word if is_command else complete.path)(typed, f"{self.root}/{within}")

    def spools(self) -> Sequence[str]:
        return self.known_spools

    def note_use(self) -> None:
        self.known_spools = (self.root, *self.known_spools)

    def peek(self, root: str) -> Counts:
        self.threads.add(threading.current_thread().name)
        found = self.spools_have[root]
        if isinstance(found, FjdError):
            raise found
        return found

    def save_picture(self, svg: str) -> str:
        self._note("save_picture", len(svg) > 1000)
        return f"{self.root}/screen.svg"

    def free_name(self, stem: str = "job") -> str:
        self._note("free_name")
        return f"{stem}1.conf"

    def submit(self, name: str, spec: JobSpec, *, replace: bool) -> None:
        self._note("submit", name, replace)
        jobfile.render(spec)
        if name in self.taken and not replace:
            raise NameTaken(f"a job named {name} waits already")
        self.submitted[name] = spec

    def submit_many(self, template: Template, axes: Sequence[Axis]) -> Submitted:
        self._note("submit_many")
        jobs = dict(submission.many(template, tuple(submission.product(axes))))
        self.submitted |= jobs
        return Submitted(tuple(jobs))

    def read_job(self, job: JobView) -> str:
        self._note("read_job", job.name)
        return f"[control]\nexecutable = {job.command}\n"

    def story(self, job: JobView) -> Story:
        return self.stories.get(job.name, Story())

    def attach_argv(self, worker: str) -> list[str]:
        self._note("attach", worker)
        raise HireError("nova-1 was started by hand, and has no session to attach to")

    def last_line(self, job: JobView) -> str:
        self.threads.add(threading.current_thread().name)
        return self.said.get(job.name, "")

    def progress(self, job: JobView) -> Progress | None:
        self.threads.add(threading.current_thread().name)
        return self.reports.get(job.name)

    def use(self, workers: Sequence[WorkerView]) -> Mapping[str, Use]:
        self.threads.add(threading.current_thread().name)
        return {worker.id: self.uses[worker.id] for worker in workers if worker.id in self.uses}

    def room(self) -> Room:
        self.threads.add(threading.current_thread().name)
        return self.room_left

    def output_path(self, job: JobView) -> str:
        return f"{self.root}/output/{job.name}.out"

    def logfile_path(self, job: JobView) -> str:
        return job.logfile

    def workerlog_path(self, job: JobView) -> str:
        return f"{self.root}/workerlogs/{job.worker}.log" if job.worker else ""

    def _note(self, *order: object) -> None:
        self.threads.add(threading.current_thread().name)
        if order[0] != "read_job":
            self.asked.append(order)
        if self.error:
            raise self.error
