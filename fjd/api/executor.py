"""`Executor`: the standard library's interface for calling functions elsewhere, over a spool.

Each call is a job: its file stands in the queue, any worker of the spool may do it, also on another host that sees the
same directory, and whatever is killed, it is not lost. What the future of a call knows is read from the directories.
"""

import concurrent.futures
import itertools
import os
import secrets
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec, TypeVar

from fjd import control, settings
from fjd.api import calls, places
from fjd.api.engine import Call, Engine
from fjd.api.spool import Value, make_spec
from fjd.errors import CallError, JobFileError, UsageError
from fjd.settings import Timings
from fjd.snapshot import JobState

T = TypeVar("T")
P = ParamSpec("P")


class Executor(concurrent.futures.Executor):
    """Calls functions as jobs of the spool in ``directory``, which is made if it is not there.

    ``workers`` are hired on this host at once and fired when it is shut down; with 0 the work is left to others that
    were hired for the spool. While it stands, it dispatches, unless somebody else does. ``options`` are keys of
    ``[control]`` for each call: ``Executor(dir, timeout="10m", retries=2, tags=["gpu"])``.

    What is called, with what, and what it returns or raises goes through files, pickled by cloudpickle, so that
    functions made in ``__main__`` and lambdas will do too. What a function prints goes to ``output/`` of the spool.

    A call may run twice if its worker is lost while it runs; its future sees one outcome.

    Raises `HireError` when no worker can be hired.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] = ".",
        workers: int = 4,
        *,
        timings: Timings | None = None,
        **options: Value,
    ) -> None:
        if workers < 0:
            raise ValueError("workers must be 0 or more")
        self._options = options
        make_spec("true", options)  # a wrong key is to be told at once
        self._layout = control.open_spool(os.fspath(directory))
        calls.sweep(self._layout)
        self._engine = Engine(self._layout, workers, timings or settings.from_environment())
        self._batch = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._engine.start()
        self._finalizer = weakref.finalize(self, self._engine.close_soon)
        self._finalizer.atexit = False  # the engine sees the end of the program by itself

    @property
    def directory(self) -> str:
        """The spool's absolute path."""
        return self._layout.root

    # ---- the interface of the standard library

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Call[T]":
        """Make a job that calls ``fn(*args, **kwargs)``, and return its future.

        Raises what pickling raises for what cannot be pickled, and ``RuntimeError`` after `shutdown`.
        """
        name = calls.new_name(self._batch, next(self._numbers))
        call: Call[T] = Call(name, self._engine, keeps=False)
        self._begin(call, fn, args, kwargs)
        return call

    def map(
        self, fn: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Yield ``fn`` of the first elements of ``iterables``, of the second, and so on, in this order.

        All calls are made at once. ``chunksize`` of them are one job each: a job costs some tens of milliseconds, so
        that for short functions a large one pays. Raises ``TimeoutError`` when ``timeout`` seconds after this call a
        result is not there; what has not begun by then is cancelled.
        """
        if chunksize < 1:
            raise ValueError("chunksize must be at least 1")
        chunks = _chunks(zip(*iterables, strict=False), chunksize)  # the shortest counts, as in the standard library
        results = super().map(_do_chunk, itertools.repeat(fn), chunks, timeout=timeout)
        return itertools.chain.from_iterable(results)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; when those made have ended, fire the workers it has hired and stop dispatching.

        With ``wait`` it returns when all that is done; without, at once. With ``cancel_futures``, calls that have not
        begun are cancelled. Calls that this program has no more to wait for, since it ends, are attached to by name.
        """
        self._engine.close(cancel=cancel_futures)
        if wait:
            self._engine.join()

    # ---- calls with names

    def submit_named(self, name: str, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Call[T]":
        """Return the future of the call of that name; only if there is none yet, it is made, with ``fn``.

        So a program that was killed goes on, when it is started again, with what it had begun: what has ended is not
        done again. The outcome stays in the spool until `forget` is told. That ``fn`` and its arguments are the same as
        the first time is not checked.
        """
        if problem := control.name_problem(name):
            raise JobFileError(problem)
        if self._is_known(name):
            return self.attach(name)
        call: Call[T] = Call(name, self._engine, keeps=True)
        self._begin(call, fn, args, kwargs)
        return call

    def attach(self, name: str) -> "Call[Any]":
        """Return the future of a call that was made by name, by whatever program; raise `CallError` for none."""
        if not self._is_known(name):
            raise CallError(f"there is no call {name} in {self.directory}")
        call: Call[Any] = Call(name, self._engine, keeps=True, is_made=True)
        return self._engine.attend(call)

    def forget(self, name: str) -> None:
        """Remove what is kept of an ended call, so that its name can be used anew."""
        view = places.where(self._layout, name)
        if view is not None and view.state not in (JobState.DONE, JobState.FAILED):
            raise UsageError(f"{name} has not ended; cancel it first")
        calls.forget(self._layout, name)

    # ---- within

    def _begin(self, call: "Call[Any]", fn: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._engine.check_open()
        calls.write(self._layout, call.name, fn, args, kwargs)
        spec = make_spec(calls.command(call.name), self._options)
        self._engine.attend(call)
        try:
            control.submit(self._layout, call.name, spec)
        except BaseException:
            self._engine.dismiss(call)
            raise
        call.is_made = True

    def _is_known(self, name: str) -> bool:
        return calls.is_there(self._layout, name)


def _chunks(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def _do_chunk(fn: Callable[..., T], chunk: Iterable[tuple[Any, ...]]) -> list[T]:
    return [fn(*arguments) for arguments in chunk]


__all__ = ["Call", "Executor"]
