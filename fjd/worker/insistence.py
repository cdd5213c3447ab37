"""Does what must be done although the disk refuses: full and read-only disks get well."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from fjd.errors import DiskError, FileRefused, SpoolGone
from fjd.spool import create
from fjd.spool.layout import Layout
from fjd.worker.complaints import Complaints

FILE_TRIES = 4
"""So often a job's own file is tried before the job is passed by: the others are not to wait for it."""

_RETRY_FIRST_S, _RETRY_LAST_S = 0.1, 5.0
_T = TypeVar("_T")


class Insistence:
    """Tries operations on the spool again and again, at growing distances.

    ``pass_time(s)`` waits at most so long, going on with the heartbeat. Once ``is_leaving()``, at most ``grace_s`` is
    spent on one operation.
    """

    def __init__(
        self,
        layout: Layout,
        complaints: Complaints,
        *,
        pass_time: Callable[[float], None],
        is_leaving: Callable[[], bool],
        grace_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._complaints = complaints
        self._pass_time = pass_time
        self._is_leaving = is_leaving
        self._grace_s = grace_s
        self._clock = clock

    def __call__(
        self, doing: str, what: str, operation: Callable[..., _T], *arguments: object, tries: float = math.inf
    ) -> _T:
        """Return what ``operation(*arguments)`` returns, as soon as the disk lets it; ``doing what`` is how it is told.

        Raises `SpoolGone` when there is nothing left to insist on, `FileRefused` when it is one file that was refused
        so often, and the last `DiskError` when the worker has been told to leave and the grace is over.
        """
        try:
            result = operation(*arguments)
        except DiskError as error:
            return self._again(f"{doing} {what}, and will try again", error, operation, arguments, tries)
        if self._complaints.are_open:
            self._complaints.over(f"{doing} {what}, and will try again")
        return result

    def _again(
        self, doing: str, error: DiskError, operation: Callable[..., _T], arguments: tuple[object, ...], tries: float
    ) -> _T:
        began_s, delay_s = self._clock(), _RETRY_FIRST_S
        while True:
            self._complaints.refused(doing, error)
            if not create.is_there(self._layout):
                raise SpoolGone(f"{self._layout.root} is gone") from error
            tries -= 1
            if tries < 1 and isinstance(error, FileRefused):
                raise error
            if self._is_leaving() and self._clock() - began_s > self._grace_s:
                raise error
            create.mend(self._layout)
            self._pass_time(delay_s)
            delay_s = min(2 * delay_s, _RETRY_LAST_S)
            try:
                result = operation(*arguments)
            except DiskError as again:
                error = again
            else:
                self._complaints.over(doing)
                return result
