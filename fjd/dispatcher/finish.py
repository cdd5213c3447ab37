"""``on-finish``: a command of the user's that is run in the spool whenever all jobs have ended."""

import os
import subprocess
import time
from collections.abc import Callable

from fjd.errors import DiskError, JobFileError
from fjd.ledger import Ledger
from fjd.snapshot import EventKind
from fjd.spool import fsio
from fjd.spool.layout import Layout

_PATIENCE_S = 60.0
"""A dispatcher that ends waits for it no longer than this, and then lets it go on alone."""


class Finish:
    """Runs it, one at a time, and says how it ended."""

    def __init__(self, layout: Layout, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.command = ""
        self._layout = layout
        self._ledger = ledger
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._began_s = 0.0
        self._told = 0
        """How many jobs had ended when it was last run."""

    @property
    def is_due(self) -> bool:
        """Whether jobs have ended of which it was not told."""
        return bool(self.command) and self._process is None and self._ledger.ended_here > self._told

    def goes_on(self, *, is_ours: bool) -> bool:
        """All jobs have ended: run it if it is due and ours to run; tell whether it runs, and its time is not over."""
        if self.is_due and is_ours:
            try:
                self._begin()
            except (DiskError, JobFileError) as error:
                self._ledger.note(EventKind.TROUBLE, f"on-finish cannot be run: {error}")
        return self._process is not None and self._clock() - self._began_s < _PATIENCE_S

    def _begin(self) -> None:
        """Run it. What it prints goes to ``.fjd/on-finish.out``."""
        self._told = self._ledger.ended_here
        output = fsio.open_output(self._layout.finish_output)
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", self.command],
                cwd=self._layout.root,
                env={**os.environ, **self._told_it()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            fsio.close(output)
        self._began_s = self._clock()

    def _told_it(self) -> dict[str, str]:
        failed = self._ledger.failed_here
        return {
            "FJD_DIR": self._layout.root,
            "FJD_DONE": str(self._ledger.ended_here - failed),
            "FJD_FAILED": str(failed),
            "FJD_HALTED": self._ledger.halted,
        }

    def look(self) -> None:
        """See whether it has ended."""
        if self._process is None or (status := self._process.poll()) is None:
            return
        self._process = None
        if status:
            how = f"exit {status}" if status > 0 else f"signal {-status}"
            text = f"on-finish failed: {how} (see {self._layout.finish_output})"
            self._ledger.note(EventKind.NOTE, text)

    def close(self) -> None:
        """Let it go on alone."""
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # it is nobody's to wait for any more, and Popen would complain of that
        self._process = None
