"""The workers pane: a `Table` of the crew."""

import time
from collections import Counter

from rich.text import Text

from fjd.snapshot import Snapshot, WorkerState, WorkerView
from fjd.tui import workerrows
from fjd.tui.table import Table
from fjd.tui.tones import WORKER_SIGNS
from fjd.tui.workerrows import WorkerRows

_IN_TITLE = (WorkerState.BUSY, WorkerState.IDLE, WorkerState.DRAINING, WorkerState.LOST)


class WorkersPane(Table):
    """Shows the workers of the newest snapshot."""

    COLUMNS = workerrows.COLUMNS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._worker_rows = WorkerRows((), 0.0)
        self._workers: tuple[WorkerView, ...] = ()
        self._title: Text | None = None
        self.hint = (
            Text(""),
            Text("There are no workers.", "bold"),
            Text(""),
            Text.assemble((" h ", "bold reverse"), " hires some"),
        )

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        self._worker_rows = WorkerRows(snapshot.workers, time.monotonic())
        self.keep_marks([worker.id for worker in snapshot.workers])
        self._workers = snapshot.workers
        self.show_rows(self._worker_rows)
        self._entitle()

    def on_resize(self) -> None:
        """Say as much in the title as there is room for."""
        self._entitle()

    def _entitle(self) -> None:
        title = make_title(self._workers, self.size.width - 4)
        if title != self._title:
            self._title = title
            self.border_title = title

    @property
    def worker(self) -> WorkerView | None:
        """The selected worker."""
        return self._worker_rows.worker(self.cursor) if self.cursor < len(self._worker_rows) else None

    @property
    def chosen(self) -> list[WorkerView]:
        """The marked workers, or else the selected one."""
        everybody = [self._worker_rows.worker(index) for index in range(len(self._worker_rows))]
        marked = [worker for worker in everybody if worker.id in self.marks]
        return marked or ([self.worker] if self.worker else [])


def make_title(workers: tuple[WorkerView, ...], room: int) -> Text:
    """Return how many are in which state: in words, or in signs where words have no room."""
    counts = Counter(worker.state for worker in workers)
    there = [state for state in _IN_TITLE if counts[state]]
    words = " · ".join(["Workers", *(f"{counts[state]} {state.value}" for state in there)])
    if len(words) <= room:
        return Text(words)
    signs = " ".join(f"{WORKER_SIGNS[state]} {counts[state]}" for state in there)
    return Text(f"Workers · {signs}" if signs else "Workers")
