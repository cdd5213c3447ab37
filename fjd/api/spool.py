"""`Spool`: a spool as Python sees it. Each method is what a command of ``fjd`` does."""

import itertools
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from fjd import control, jobfile, quantity, settings, submission
from fjd.api import places
from fjd.api.stories import Endings, Follower
from fjd.errors import FjdError, UsageError
from fjd.jobfile import JobSpec
from fjd.snapshot import Counts, JobState, JobView
from fjd.spool import announce, create
from fjd.spool.layout import Layout
from fjd.submission import Axis, Template
from fjd.submission.names import Namer

_POLL_FIRST_S, _POLL_LAST_S = 0.02, 0.5
_SHARE = 10
"""Looking takes no more than one part in so many of the time."""

Value = str | int | float | bool | timedelta | datetime | Iterable[str | int]
"""What a key of ``[control]`` may be given: its text, or what is written as such (``timeout=90``, ``tags=["gpu"]``)."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a spool stands."""

    counts: Counts
    held: int
    workers: int
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a journal."""

    time_s: float
    """Wall clock of who wrote it, seconds since the epoch."""
    event: str
    """``start``, ``end``, ``hook``, ``rejected``, ``lost``, ``requeued``, ``found``, ``retry``: see ARCHITECTURE.md."""
    job: str
    """Empty where it is of a worker."""
    writer: str
    """The worker, or the dispatcher, that tells it."""
    record: Mapping[str, object]
    """All that the line says."""


class Spool:
    """The spool in ``directory``, which exists; the spool is made when it is not there, unless ``create`` is False.

    All methods raise `FjdError` with a sentence for what a user can mend. One object may be used by several threads.
    """

    def __init__(self, directory: str | os.PathLike[str] = ".", *, create: bool = True) -> None:
        self._layout = _open(directory, create=create)
        self._numbers = self._free_names()

    @property
    def directory(self) -> str:
        """Its absolute path."""
        return self._layout.root

    def __repr__(self) -> str:
        return f"Spool({self.directory!r})"

    # ---- making jobs

    def submit(
        self,
        command: str | Sequence[str],
        *,
        name: str = "",
        logfile: str = "",
        workdir: str = "",
        params: Mapping[str, object] | None = None,
        env: Mapping[str, object] | None = None,
        job_file: bool = False,
        hold: bool = False,
        **options: Value,
    ) -> str:
        """Put one job into the queue, or with ``hold`` beside it, and return its name.

        ``command`` is a line of shell, or the words of one command, each of which stays one word. It is run as it is;
        with ``job_file`` it gets the path of its job file as last argument. ``options`` are the other keys of
        ``[control]``, with ``_`` for ``-``: ``priority=5, retry_delay="10s", tags=["gpu"]``.

        Raises `JobFileError` for what cannot be written, `NameTaken` when a job of that name waits.
        """
        spec = make_spec(_line(command, job_file), options, logfile=logfile, workdir=workdir, params=params, env=env)
        given = name or next(self._numbers)
        control.submit(self._layout, given, spec, held=hold)
        return given

    def submit_many(self, jobs: Iterable[tuple[str, JobSpec]], *, hold: bool = False) -> tuple[str, ...]:
        """Put jobs, pairs of name and spec, into the queue, all or none of them; return their names there."""
        return control.submit_many(self._layout, jobs, held=hold).names

    def sweep(
        self,
        command: str | Sequence[str],
        values: Mapping[str, Iterable[object]],
        *,
        zip: bool = False,  # noqa: A002  # as the command line has it
        name: str = "",
        logfile: str = "",
        workdir: str = "",
        params: Mapping[str, object] | None = None,
        env: Mapping[str, object] | None = None,
        job_file: bool = False,
        hold: bool = False,
        **options: Value,
    ) -> tuple[str, ...]:
        """Put a job into the queue for each combination of ``values``, or with ``zip`` for each first, second, ….

        ``{key}`` in ``command`` and in all other texts stands for a value, and so does ``{n}`` for the job's number.
        All or none are submitted; their names are returned.
        """
        words = () if isinstance(command, str) else tuple(command)
        text = _line(command, job_file) if isinstance(command, str) else ""
        spec = make_spec(text, options, logfile=logfile, workdir=workdir, params=params, env=env)
        axes = [Axis(key, tuple(map(str, some))) for key, some in values.items()]
        bindings = list(submission.zipped(axes) if zip else submission.product(axes))
        drafts = submission.many(Template(spec, words, job_file, name), bindings, control.taken_names(self._layout))
        return self.submit_many(drafts, hold=hold)

    # ---- looking

    def jobs(self, pattern: str = "*", *, state: JobState | None = None) -> Iterator[JobView]:
        """Yield the jobs whose names match the glob, with state and worker, as the directories show them now."""
        for view in places.all_jobs(self._layout):
            if (state is None or view.state is state) and fnmatchcase(view.name, pattern):
                yield view

    def state(self, job: str) -> JobState | None:
        """Return the state of one job, None when there is none of that name."""
        view = places.where(self._layout, job)
        return view.state if view else None

    def status(self) -> Status:
        """Return how many jobs are in each state, and who works."""
        found = dict.fromkeys(JobState, 0)
        for view in places.all_jobs(self._layout):
            found[view.state] += 1
        counts = Counts(
            found[JobState.WAITING],
            found[JobState.HANDED],
            found[JobState.RUNNING],
            found[JobState.DONE],
            found[JobState.FAILED],
        )
        workers = len(announce.read_all(self._layout))
        return Status(counts, found[JobState.HELD], workers, control.is_paused(self._layout))

    def read(self, job: str) -> JobSpec:
        """Return what a job's file says, wherever it is."""
        view = places.where(self._layout, job) or JobView(job, JobState.WAITING)
        return jobfile.parse(control.read_job(self._layout, view).encode())

    def output(self, job: str) -> str:
        """Return the path of what a job has printed; there is no file when it printed nothing."""
        return self._layout.output(job)

    def wait(self, jobs: str | Iterable[str] | None = None, *, timeout: float | None = None) -> dict[str, JobState]:
        """Wait until the named jobs have ended, or all that have not, and return how each did: done or failed.

        A failed run that is tried again is no end. Held jobs are not waited for unless they are named. It does not
        dispatch: somebody else must. Raises ``TimeoutError`` after ``timeout`` seconds, `FjdError` for a job that is
        nowhere.
        """
        names = [jobs] if isinstance(jobs, str) else list(jobs) if jobs is not None else self._unfinished()
        until_s = None if timeout is None else time.monotonic() + timeout
        endings, ended, poll_s = Endings(self._layout), dict[str, JobState](), _POLL_FIRST_S
        left = list(dict.fromkeys(names))
        while True:
            began_s = time.monotonic()
            ended |= endings.look(left)
            left = [name for name in left if name not in ended]
            if not left:
                return {name: ended[name] for name in dict.fromkeys(names)}
            self._check_there(left)
            if until_s is not None and time.monotonic() >= until_s:
                raise TimeoutError(f"{len(left)} of {len(ended) + len(left)} jobs have not ended, {left[0]} among them")
            poll_s = min(1.3 * poll_s, _POLL_LAST_S)
            time.sleep(max(poll_s, _SHARE * (time.monotonic() - began_s)))

    def events(self, *, timeout: float | None = None, from_the_beginning: bool = False) -> Iterator[Happening]:
        """Yield what happens, as the journals tell it; end when for ``timeout`` seconds nothing did.

        Only what is told after this call, unless ``from_the_beginning``.
        """
        follower = Follower(self._layout, skip=not from_the_beginning)
        return _happenings(follower, timeout)

    # ---- acting

    def retry(self, job: str) -> None:
        """Put a failed job back into the queue."""
        control.retry(self._layout, job)

    def cancel(self, job: str) -> None:
        """Take a waiting or held job to ``failed/``; one that a worker has is ended there, for good."""
        view = places.where(self._layout, job)
        if view is not None and view.worker:
            control.kill(self._layout, view.worker, job)
        else:
            control.cancel(self._layout, job)

    def hold(self, job: str) -> None:
        """Take a waiting job out of the queue, until it is released."""
        control.hold(self._layout, job)

    def release(self, job: str) -> None:
        """Put a held job back into the queue."""
        control.release(self._layout, job)

    def dispatch(self) -> int:
        """Hand out the jobs until all have ended, as ``dispatcher.py --once`` does; return how many failed."""
        from fjd.dispatcher import Dispatcher, Until

        dispatcher = Dispatcher(self._layout, settings.from_environment())
        dispatcher.run(until=Until.ONCE)
        return dispatcher.ledger.failed_here

    def hire(self, count: int, *, tags: Sequence[str] = ()) -> tuple[str, ...]:
        """Hire workers on this host, which work in the current directory, with these tags; return their ids."""
        from fjd import recruiter
        from fjd.errors import HireError

        report = recruiter.hire(self._layout, count, timings=settings.from_environment(), tags=tags)
        if report.failures:
            raise HireError("; ".join(f"{name}: {reason}" for name, reason in report.failures))
        return report.hired

    def fire(self, workers: Sequence[str] | None = None) -> None:
        """Fire workers, all by default; what they run goes back to the queue."""
        from fjd import recruiter

        recruiter.fire(self._layout, workers, timings=settings.from_environment())

    # ---- within

    def _free_names(self) -> Iterator[str]:
        """Yield names that no job has: those that are taken are listed once, and then counted on from the highest."""
        namer = Namer("", (), control.taken_names(self._layout))
        for number in itertools.count(1):
            yield namer.name({}, number)

    def _unfinished(self) -> list[str]:
        over = (JobState.DONE, JobState.FAILED, JobState.HELD)
        return [view.name for view in places.all_jobs(self._layout) if view.state not in over]

    def _check_there(self, names: Sequence[str]) -> None:
        """Raise `FjdError` for the first job that is nowhere; looked for twice, since it may just be on its way."""
        there = places.states(self._layout)
        for name in names:
            if name not in there and places.where(self._layout, name) is None:
                if not create.is_there(self._layout):
                    raise FjdError(f"the spool {self.directory} is gone")
                if places.where(self._layout, name) is None:
                    raise FjdError(f"there is no job {name} in {self.directory}")


def _line(command: str | Sequence[str], job_file: bool) -> str:
    if not isinstance(command, str):
        return submission.command_line(command, takes_file=job_file)
    return command if job_file else submission.as_it_stands(command)


def make_spec(
    command: str,
    options: Mapping[str, Value],
    *,
    logfile: str = "",
    workdir: str = "",
    params: Mapping[str, object] | None = None,
    env: Mapping[str, object] | None = None,
) -> JobSpec:
    """Return what the file of a job is to say; see `Spool.submit`."""
    said = {key.replace("_", "-"): _text(value) for key, value in options.items()}
    for key in said:
        if key not in jobfile.OPTIONS:
            raise UsageError(jobfile.slip(key))
    return JobSpec(
        command,
        logfile,
        workdir,
        params=tuple((key, str(value)) for key, value in (params or {}).items()),
        options=tuple((key, said[key]) for key in jobfile.OPTIONS if said.get(key)),
        env=tuple((key, str(value)) for key, value in (env or {}).items()),
    )


def _text(value: Value) -> str:
    """Return a value as people write it into a job file."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return quantity.format_duration(value.total_seconds())
    if isinstance(value, datetime):
        return quantity.format_moment(value.timestamp())
    if isinstance(value, str | int | float):
        return str(value)
    return quantity.format_words(map(str, value))


def _open(directory: str | os.PathLike[str], *, create: bool) -> Layout:
    return control.open_spool(os.fspath(directory), create=create)


def _happenings(follower: Follower, timeout: float | None) -> Iterator[Happening]:
    news_s, poll_s = time.monotonic(), _POLL_FIRST_S
    while timeout is None or time.monotonic() - news_s < timeout:
        began_s = time.monotonic()
        for writer, record in follower.read():
            time_s = record.get("t")
            yield Happening(
                float(time_s) if isinstance(time_s, int | float) else 0.0,
                str(record["event"]),
                str(record.get("job", "")),
                writer,
                record,
            )
            news_s, poll_s = time.monotonic(), _POLL_FIRST_S
        poll_s = min(1.3 * poll_s, _POLL_LAST_S)
        time.sleep(max(poll_s, _SHARE * (time.monotonic() - began_s)))
