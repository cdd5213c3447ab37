"""What a worker waits for: a signal, the end of its child, or a nudge. Any of them wakes one ``poll``."""

import os
import select
from collections.abc import Callable
from types import TracebackType

from fjd.spool import wakeup
from fjd.worker.signals import SignalPipe


class Waiting:
    """While it is entered, signals are watched; ``on_signal(number)`` is called for those that end a worker."""

    def __init__(self, on_signal: Callable[[int], None]) -> None:
        self._signals = SignalPipe(on_signal)
        self._poll = select.poll()
        self._bell: int | None = None

    def __enter__(self) -> "Waiting":
        self._signals.__enter__()
        self._poll.register(self._signals.descriptor, select.POLLIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signals.__exit__(kind, error, trace)

    def hang_bell(self, path: str) -> None:
        """Be nudged at ``path`` from now on, if the disk has such a thing."""
        if self._bell is None:
            self._bell = wakeup.open_bell(path)
            if self._bell is not None:
                self._poll.register(self._bell, select.POLLIN)

    def drop_bell(self) -> None:
        """Be nudged no more. NFS gives a file that is open another name when it is removed, and then its pod stays."""
        if self._bell is not None:
            self._poll.unregister(self._bell)
            os.close(self._bell)
            self._bell = None

    def wait(self, at_most_s: float) -> bool:
        """Sleep until anything of it comes, or so long; tell whether it was a nudge."""
        is_nudged = False
        for descriptor, _ in self._poll.poll(max(0.0, at_most_s) * 1000):
            wakeup.drain(descriptor)
            is_nudged = is_nudged or descriptor == self._bell
        return is_nudged
