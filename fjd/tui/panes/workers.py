"""The workers pane: a `WorkTable` of the crew."""

import time
from collections import Counter

from rich.text import Text
from textual import on

from fjd.snapshot import Snapshot, WorkerState, WorkerView
from fjd.tui import crewline, workerrows
from fjd.tui.columns import Column, Order
from fjd.tui.sights import Sights
from fjd.tui.strips import Strips
from fjd.tui.tones import WORKER_SIGNS
from fjd.tui.workerrows import CrewLook, WorkerRows
from fjd.tui.worktable import WorkTable

_IN_TITLE = (WorkerState.BUSY, WorkerState.IDLE, WorkerState.DRAINING, WorkerState.LOST)


class WorkersPane(WorkTable):
    """Shows the workers of the newest snapshot."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(workerrows.chosen(workerrows.USUAL), id=id)
        self.sights = Sights()
        self._strips = Strips()
        self._worker_rows = WorkerRows((), CrewLook(0.0))
        self._snapshot = Snapshot()
        self._title: Text | None = None
        self.hint = (
            Text(""),
            Text("There are no workers.", "bold"),
            Text(""),
            Text.assemble((" h ", "bold reverse"), " hires some"),
        )

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        now_s = time.monotonic()
        self._snapshot = snapshot
        everybody = (*snapshot.workers, *snapshot.lost)
        self._strips.note(everybody, now_s)
        look = CrewLook(now_s, self.sights.use, self._strips)
        self._worker_rows = WorkerRows(snapshot.workers, look, lost=snapshot.lost, order=self.order)
        self.keep_marks([worker.id for worker in everybody])
        self.show_rows(self._worker_rows)
        self._entitle()

    def put_in_order(self, order: Order | None) -> None:
        """Let the rows come in an order; in that of the snapshot when it is None."""
        self.order = order
        self.post_message(self.Arranged(self))
        self.show(self._snapshot)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns that there are to choose from."""
        return tuple(one.column for one in workerrows.ALL)

    @on(WorkTable.HeadClicked)
    def _head_clicked(self, event: WorkTable.HeadClicked) -> None:
        event.stop()
        self.put_in_order(self.order_after_click(event.column))

    def on_resize(self) -> None:
        """Say as much in the title as there is room for."""
        self._entitle()

    def _entitle(self) -> None:
        title = make_title((*self._snapshot.workers, *self._snapshot.lost), self.size.width - 4)
        if title != self._title:
            self._title = title
            self.border_title = title
        crew = crewline.line(self._snapshot)
        coming = sum(one.count for one in self.sights.pending.values())
        words = f"{coming} to come from {', '.join(sorted(self.sights.pending))}" if coming and not crew else crew
        self.border_subtitle = Text(words, no_wrap=True, overflow="ellipsis")

    @property
    def worker(self) -> WorkerView | None:
        """The selected worker."""
        return self._worker_rows.worker(self.cursor) if self.cursor < len(self._worker_rows) else None

    @property
    def chosen(self) -> list[WorkerView]:
        """The marked workers and those of the range, or else the selected one; none that is no more."""
        here = {worker.id for worker in self._snapshot.workers}
        span = self.span
        marked = [
            worker
            for index in range(len(self._worker_rows))
            if (worker := self._worker_rows.worker(index)).id in self.marks or index in span
        ]
        return [worker for worker in marked or ([self.worker] if self.worker else []) if worker.id in here]


def make_title(workers: tuple[WorkerView, ...], room: int) -> Text:
    """Return how many are in which state: in words, or in signs where words have no room."""
    counts = Counter(worker.state for worker in workers)
    there = [state for state in _IN_TITLE if counts[state]]
    words = " · ".join(["Workers", *(f"{counts[state]} {state.value}" for state in there)])
    if len(words) <= room:
        return Text(words)
    signs = " ".join(f"{WORKER_SIGNS[state]} {counts[state]}" for state in there)
    return Text(f"Workers · {signs}" if signs else "Workers")
