"""Hiring: start sessions, and wait until each worker has announced itself or it is clear why it does not."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fjd import display, hiring, identity
from fjd.errors import FjdError, UsageError
from fjd.hiring import Backend, command
from fjd.hiring.gpus import VARIABLE as GPU_VARIABLE
from fjd.settings import Timings
from fjd.spool import announce, fsio
from fjd.spool.layout import Layout

_POLL_S = 0.015
_LOOK_AT_SESSIONS_S = 0.1
_ENDERS = 16
"""So many sessions are ended at a time."""
_LOG_TAIL = 4096
_REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class HireReport:
    """What came of hiring."""

    hired: tuple[str, ...]
    """Ids of the workers that have announced themselves."""
    failures: tuple[tuple[str, str], ...]
    """Session name and reason of the others; nothing of them is left."""
    kind: str
    note: str
    """What the user should know of the way they were hired, "" when it is the usual one."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: str
    name: str
    log: str
    handle: str


def hire(
    layout: Layout,
    count: int,
    *,
    timings: Timings | None = None,
    backend: Backend | None = None,
    cwd: str | None = None,
    progress: Callable[[int], None] | None = None,
    tags: Sequence[str] = (),
    gpus: Sequence[str] = (),
    via: str = "",
    by: str = "",
) -> HireReport:
    """Hire ``count`` workers on this host, to work in ``cwd`` (ours by default), and wait until they are there.

    They get the jobs that ask for some of ``tags``, and those that ask for none. With ``gpus`` the first sees only the
    first of them, and so on, round and round. ``via`` is what ssh calls this host; ``by`` is ``crew`` for an elastic
    crew. ``progress`` is told how many have announced themselves whenever that changes. Interrupted, it ends those that
    have not, and leaves the others at work.
    Raises `UsageError` for a count or a tag that is none; a worker that cannot be hired is no error but a failure in
    the report.
    """
    if count < 1:
        raise UsageError(f"cannot hire {count} workers: give a number from 1 on")
    _check_tags(tags)
    choice = hiring.Choice(backend) if backend else hiring.choose(layout)
    call = _Hiring(layout, choice.backend, timings or Timings(), progress or (lambda _: None))
    call.options = [*(word for tag in tags for word in ("--tag", tag)), *_said("--via", via), *_said("--by", by)]
    call.gpus = gpus
    try:
        call.start(count, cwd or _current_directory())
        call.wait()
    finally:
        call.end_the_rest()
    return HireReport(tuple(call.hired), tuple(call.failures), choice.backend.kind, choice.note)


class _Hiring:
    """One call of `hire`."""

    def __init__(self, layout: Layout, backend: Backend, timings: Timings, progress: Callable[[int], None]) -> None:
        self.hired: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.options: Sequence[str] = ()
        self.gpus: Sequence[str] = ()
        self._layout = layout
        self._backend = backend
        self._timings = timings
        self._progress = progress
        self._pending: dict[str, _Candidate] = {}
        self._news_s = self._looked_s = time.monotonic()

    def start(self, count: int, cwd: str) -> None:
        """Start all. The first that cannot be started speaks for those after it."""
        numbers = _free_numbers(self._layout, self._backend, count)
        for position, number in enumerate(numbers):
            try:
                candidate = self._start_one(number, cwd, self._gpu(position))
            except FjdError as error:
                names = [hiring.session_name(self._layout.name, number) for number in numbers[position:]]
                self.failures += [(name, str(error)) for name in names]
                return
            self._pending[candidate.id] = candidate

    def wait(self) -> None:
        """Wait until nobody is pending, or for ``answer_s`` nobody has come."""
        self._news_s = self._looked_s = time.monotonic()
        while self._pending and time.monotonic() - self._news_s < self._timings.answer_s:
            self._welcome()
            if time.monotonic() - self._looked_s >= _LOOK_AT_SESSIONS_S:
                self._give_up_the_ended()
            time.sleep(_POLL_S if self._pending else 0)
        for candidate in self._pending.values():
            self.failures.append((candidate.name, self._why(candidate, self._silence())))

    def end_the_rest(self) -> None:
        """End the sessions of those that have not come, so that nothing stray is left."""
        handles = [candidate.handle for candidate in self._pending.values()]
        self._pending.clear()
        if handles:
            with ThreadPoolExecutor(_ENDERS) as pool:
                list(pool.map(lambda handle: self._backend.end(handle, grace_s=self._timings.grace_s), handles))

    def _gpu(self, position: int) -> dict[str, str]:
        return {GPU_VARIABLE: self.gpus[position % len(self.gpus)]} if self.gpus else {}

    def _start_one(self, number: int, cwd: str, env: dict[str, str]) -> _Candidate:
        worker = announce.new_id(identity.this_host().name, number)
        name, log = hiring.session_name(self._layout.name, number), self._layout.workerlog(worker)
        words = ["--dir", self._layout.root, "--id", worker, "--number", str(number)]
        words += ["--kind", self._backend.kind, "--log", log, *self.options]
        handle = self._backend.start(
            [*command.worker_command(), *words],
            name=name,
            log=log,
            cwd=cwd,
            env={**command.worker_environment(os.environ, cwd), **env},
        )
        return _Candidate(worker, name, log, handle)

    def _welcome(self) -> None:
        names = fsio.names(self._layout.workerqueue) or ()
        come = [worker for name in names if (worker := announce.worker_of(name)) in self._pending]
        if come:
            for worker in come:
                del self._pending[worker]
            self.hired += come
            self._news_s = time.monotonic()
            self._progress(len(self.hired))

    def _give_up_the_ended(self) -> None:
        """Who has ended, and had not announced itself **after** that was seen, will not come any more."""
        self._looked_s = time.monotonic()
        ended = [one for one in self._pending.values() if not self._backend.is_running(one.handle)]
        self._welcome()
        for candidate in ended:
            if self._pending.pop(candidate.id, None):
                self.failures.append((candidate.name, self._why(candidate, "its session ended at once")))

    def _silence(self) -> str:
        return f"it has not announced itself within {self._timings.answer_s:g} s"

    def _why(self, candidate: _Candidate, otherwise: str) -> str:
        """Return its last words, which tell more than what we saw."""
        words = _last_line(candidate.log)
        return f"{words} ({otherwise}; its log is {candidate.log})" if words else otherwise


def _said(option: str, value: str) -> list[str]:
    return [option, value] if value else []


def _check_tags(tags: Sequence[str]) -> None:
    wrong = next((tag for tag in tags if not tag.isprintable() or not tag.strip() or tag != tag.strip()), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is no tag: write a word, such as gpu")


def _free_numbers(layout: Layout, backend: Backend, count: int) -> list[int]:
    """Return the lowest numbers that no announced worker has and no session is named by.

    Two recruiters at once may find the same ones, which harms nobody: ids have a random tail, and sessions are
    addressed by their handle.
    """
    taken = {one.number for one in announce.read_all(layout).values()}
    names = backend.names()
    free: list[int] = []
    number = 0
    while len(free) < count:
        number += 1
        if number not in taken and hiring.session_name(layout.name, number) not in names:
            free.append(number)
    return free


def _last_line(log: str) -> str:
    stamp = fsio.stamp(log)
    data = fsio.read_new(log, max(0, stamp.size - _LOG_TAIL), _LOG_TAIL) if stamp else None
    lines = [line.strip() for line in (data or b"").decode("utf-8", "replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return display.clean(last.removeprefix("[FJD] "), max_len=_REASON_MAX)


def _current_directory() -> str:
    with fsio.trouble("work in", "the current directory"):
        return os.getcwd()
