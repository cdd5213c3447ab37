"""What a worker could not do yet, because the disk refuses a job's file: to begin a job, or to record its outcome."""

import time
from collections.abc import Callable

from fjd.setbacks import Setbacks
from fjd.worker.outcome import Outcome
from fjd.worker.run import Run

Record = tuple[Run, Outcome, float]
"""A run that has ended, what became of it, and after how many seconds."""


class Late:
    """The jobs that a worker has passed by and will come back to. Mostly there are none, and then nobody asks."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._setbacks = Setbacks(clock=clock)
        self._unbegun: dict[str, Run] = {}
        self._unrecorded: dict[str, Record] = {}

    def add(self, run: Run, record: Record | None = None) -> None:
        """Come back to ``run`` later: to begin it, or with ``record`` to tell how it ended."""
        self._setbacks.add(run.job)
        if record is None:
            self._unbegun[run.job] = run
        else:
            self._unrecorded[run.job] = record

    @property
    def has_any(self) -> bool:
        """Whether any was refused, and is not `over`."""
        return bool(self._setbacks)

    @property
    def jobs(self) -> set[str]:
        """Their names."""
        return {*self._unbegun, *self._unrecorded}

    def next_unbegun(self) -> Run | None:
        """Take one that it is time to try again."""
        job = next((job for job in self._setbacks.due() if job in self._unbegun), None)
        return None if job is None else self._unbegun.pop(job)

    def next_unrecorded(self) -> Record | None:
        """Take one whose outcome it is time to record."""
        job = next((job for job in self._setbacks.due() if job in self._unrecorded), None)
        return None if job is None else self._unrecorded.pop(job)

    def all_unrecorded(self) -> list[Record]:
        """Take all whose outcome is still to be recorded."""
        records = list(self._unrecorded.values())
        self._unrecorded.clear()
        return records

    def over(self, job: str) -> None:
        """It was not refused this time."""
        self._setbacks.forget(job)
