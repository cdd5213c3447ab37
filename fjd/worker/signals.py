"""Signals as something to ``poll``: the handlers set flags, and a byte in a pipe wakes the loop (the self-pipe)."""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_WATCHED = (*ENDING, signal.SIGCHLD)


class SignalPipe:
    """While it is entered, ``on_signal(number)`` is called for what ends a worker, and ``descriptor`` becomes readable.

    SIGCHLD does the latter only. What was in force before is put back on the way out.
    """

    def __init__(self, on_signal: Callable[[int], None]) -> None:
        self._on_signal = on_signal
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "SignalPipe":
        self.descriptor, self._write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup_before = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._handle) for number in _WATCHED}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self.descriptor)
        os.close(self._write_end)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number in ENDING:
            self._on_signal(number)
