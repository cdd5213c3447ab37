"""File events as hints to look earlier (rule 9), and the wait between two looks.

watchfiles tells what changed on this host; it loses events without a word when the kernel's queue overflows, sees
nothing of other hosts, and raises for ever once a name that is not UTF-8 has turned up. So nothing but time is gained
from it: each of those ends in waiting for the timed look, and the watch is begun anew a little later.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import watchfiles

_SLICE_MS = 100
"""How long one call waits for events before it looks whether the time is over."""
_STEP_MS = 10
"""watchfiles looks into its queue this often, and tells after one to two such steps. In the place of 20 ms it takes
0.08 % of a core more at rest, and a job that is dropped begins in half the time (5 ms takes four times as much)."""
_BLIND_S = 5.0
_MANY = 2000
"""With more changes than this at once a listing is cheaper than asking for each."""

Hints = dict[str, set[str]]
"""Names that changed, by directory. An empty set stands for "look at all of it"."""


class Stop(Protocol):
    """What ends a wait: a `threading.Event`, or Textual's cancelled event."""

    def is_set(self) -> bool:
        """Tell whether to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it."""
        ...


class Watch:
    """Waits for changes in ``directories`` (not in what is below them)."""

    def __init__(self, directories: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._directories = tuple(directories)
        self._clock = clock
        self._changes: Iterator[set[tuple[watchfiles.Change, str]]] | None = None
        self._stop: Stop = threading.Event()
        self._blind_until_s = float("-inf")

    @property
    def is_blind(self) -> bool:
        """Whether no events come at the moment, so that timed looks should be more frequent."""
        return self._clock() < self._blind_until_s

    def wait(self, timeout_s: float, stop: Stop) -> Hints:
        """Wait until something changed, ``stop`` is set or the time is over; return what changed."""
        until_s = self._clock() + timeout_s
        while not stop.is_set():
            hints = self._next(until_s - self._clock(), stop)
            if hints or self._clock() >= until_s:
                return hints
        return {}

    def close(self) -> None:
        """Stop watching."""
        self._changes = None

    def _next(self, left_s: float, stop: Stop) -> Hints:
        if self.is_blind or left_s <= 0:
            stop.wait(max(0.0, min(left_s, _SLICE_MS / 1000)))
            return {}
        is_new = self._changes is None
        try:
            changes = next(self._watching(stop))
            if not self._lost_by(changes):
                return self._everything() if is_new else _by_directory(changes)
            self._changes = None  # of what stands there now, if anything does, this watch will tell nothing
            return self._everything()
        except (OSError, ValueError, RuntimeError, StopIteration) as error:
            # A name that is not UTF-8 (ValueError or RuntimeError, by version), no more inotify watches (OSError), a
            # directory that is gone. After a while a new watch may do; until then all is to be looked at.
            self._changes = None
            if not isinstance(error, StopIteration):
                self._blind_until_s = self._clock() + _BLIND_S
            return self._everything()

    def _lost_by(self, changes: set[tuple[watchfiles.Change, str]]) -> bool:
        """Tell whether one of the directories itself was removed."""
        return any(kind is watchfiles.Change.deleted and path in self._directories for kind, path in changes)

    def _everything(self) -> Hints:
        """What to look at when events may have been missed: before the watch began, or because it broke."""
        return {directory: set() for directory in self._directories}

    def _watching(self, stop: Stop) -> Iterator[set[tuple[watchfiles.Change, str]]]:
        if self._changes is None or stop is not self._stop:
            self._stop = stop
            self._changes = watchfiles.watch(
                *self._directories,
                watch_filter=None,
                debounce=_STEP_MS,
                step=_STEP_MS,
                rust_timeout=_SLICE_MS,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=True,
                recursive=False,
            )
        return self._changes


def _by_directory(changes: set[tuple[watchfiles.Change, str]]) -> Hints:
    hints: Hints = {}
    if len(changes) > _MANY:
        return {os.path.dirname(path): set() for _, path in changes}
    for _, path in changes:
        directory, name = os.path.split(path)
        hints.setdefault(directory, set()).add(name)
    return hints
