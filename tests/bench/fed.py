"""``python -m tests.bench.fed DIRECTORY JOBS ENDS_PER_S``: a screen that is told of more than processes can do.

The ledger, the painter and the app are the real ones, in their own threads; only that jobs come and go is told to the
ledger instead of being looked for on the disk. The log of one job grows. For each key one line comes out on descriptor
3 when the screen was painted next.
"""

import os
import sys
import threading
import time
from pathlib import Path

from rich.console import RenderableType
from textual import events
from textual.screen import Screen

from fjd import tui
from fjd.cli import garbage
from fjd.dispatcher import Ended
from fjd.dispatcher.picture import Painter
from fjd.ledger import Ledger
from fjd.snapshot import JobState, JobView, Mode, Snapshot
from fjd.spool.fsio import Stamp
from fjd.tui.app import FjdApp
from fjd.tui.backend import Stop
from tests.tui.fake_engine import FakeBackend
from tests.unit.made import announcement

_WORKERS = 64
_TICK_S = 0.02
_LOG_LINES_PER_S = 2000
_STAMP = Stamp(1, 1, 1)
_LONG = "long"
"""The job that runs all the time, and prints."""


class Fed(FakeBackend):
    """A spool of which one is told."""

    def __init__(self, root: Path, jobs: int, ends_per_s: int) -> None:
        super().__init__(root)
        self._ends = round(ends_per_s * _TICK_S)
        self.ledger = Ledger()
        self.painter = Painter(self.ledger, str(root))
        self._log = Path(self.output_path(JobView(_LONG, JobState.RUNNING)))
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._printed = 0
        self._fill(jobs)

    def _fill(self, jobs: int) -> None:
        self.ledger.jobs_appeared([f"job{number:07d}" for number in range(jobs)])
        for name in list(self.ledger.waiting):
            self.ledger.job_read(name, _STAMP, "/bin/true", "")
        for number in range(_WORKERS):
            self.ledger.worker_came(announcement(f"nova-{number}-ab12"), is_local=True, now_s=time.monotonic())
        self.ledger.job_seen_handed(_LONG, "nova-0-ab12", time.monotonic())
        self.ledger.job_started(_LONG, "nova-0-ab12", time.monotonic(), 1)

    def snapshot(self) -> Snapshot:
        return self.painter.latest

    def run(self, stop: Stop) -> Ended:
        """Tell and paint, as often as there is time for."""
        next_s = time.monotonic()
        while not stop.is_set():
            self._tell(time.monotonic())
            self.painter.paint(Mode.DISPATCHING)
            next_s = max(next_s + _TICK_S, time.monotonic() - 1.0)
            stop.wait(max(0.001, next_s - time.monotonic()))
        return Ended.STOPPED

    def _tell(self, now_s: float) -> None:
        names = iter(self.ledger.order)
        for number, name in enumerate([next(names) for _ in range(self._ends)]):
            worker = f"nova-{1 + number % (_WORKERS - 1)}-ab12"
            self.ledger.job_handed(name, worker, now_s)
            self.ledger.job_started(name, worker, now_s, 1)
            state = JobState.FAILED if number % 50 == 0 else JobState.DONE
            self.ledger.job_ended(JobView(name, state, worker=worker, seconds=0.06, reason="exit 1"), now_s)
        with self._log.open("a") as log:
            for _ in range(round(_LOG_LINES_PER_S * _TICK_S)):
                self._printed += 1
                log.write(f"{self._printed}: a line of the log that says how far it is, as programs do\n")


class Measured(FjdApp):
    """The app, which tells when a key has been painted."""

    CSS_PATH = str(Path(tui.__file__).with_name("fjd.tcss"))
    _key: events.Key | None = None
    _is_awaited = False

    async def on_event(self, event: events.Event) -> None:
        """Follow each key once: what nobody takes comes back here from the widget that it was sent to."""
        is_new = isinstance(event, events.Key) and event is not self._key
        if isinstance(event, events.Key):
            self._key = event
        await super().on_event(event)
        self._is_awaited = self._is_awaited or is_new

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self._is_awaited:
            self._is_awaited = False
            os.write(3, f"{time.monotonic()}\n".encode())


def main() -> None:
    """Run it. The dispatcher's thread is the one that the app starts."""
    root, jobs, ends_per_s = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    garbage.look_seldom()  # as fjd-tui does
    backend = Fed(root, jobs, ends_per_s)
    threading.current_thread().name = "screen"
    os.write(3, b"ready\n")
    app = Measured(backend, theme_name="fjd")
    app.run()
    sys.exit(app.return_code)


if __name__ == "__main__":
    main()
