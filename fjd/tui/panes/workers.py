"""The workers pane: a `Table` of the crew."""

import time
from collections import Counter

from rich.text import Text

from fjd.snapshot import Snapshot, WorkerState, WorkerView
from fjd.tui import workerrows
from fjd.tui.table import Table
from fjd.tui.workerrows import WorkerRows


class WorkersPane(Table):
    """Shows the workers of the newest snapshot."""

    COLUMNS = workerrows.COLUMNS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._worker_rows = WorkerRows((), 0.0)
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
        self.show_rows(self._worker_rows)
        title = _make_title(snapshot.workers)
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


def _make_title(workers: tuple[WorkerView, ...]) -> Text:
    counts = Counter(worker.state for worker in workers)
    text = Text(" Workers ")
    for state in WorkerState:
        if counts[state] or state in (WorkerState.IDLE, WorkerState.BUSY):
            text.append("· ", "dim")
            text.append(f"{counts[state]} {state.value} ", "bold" if state is WorkerState.LOST else "")
    return text
