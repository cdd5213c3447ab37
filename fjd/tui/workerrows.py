"""The workers of a snapshot as rows of a table. Pure."""

from collections.abc import Hashable

from fjd import display
from fjd.snapshot import WorkerView
from fjd.tui.columns import Column
from fjd.tui.table import Cell
from fjd.tui.tones import WORKER_SIGNS, WORKER_TONES, Tone

_TEXT_MAX = 300

COLUMNS = (
    Column("worker", min=9, flex=2, max=20, middle=True),
    Column("job", min=12, flex=3, middle=True),
    Column("time", min=6, right=True),
    Column("kind", min=7, drop=3),
)


class WorkerRows:
    """Rows of workers; a thousand at most, so that all of them may be looked at."""

    def __init__(self, workers: tuple[WorkerView, ...], now_s: float) -> None:
        self._workers = workers
        self._now_s = now_s
        self._index = {worker.id: index for index, worker in enumerate(workers)}

    def __len__(self) -> int:
        return len(self._workers)

    def worker(self, index: int) -> WorkerView:
        """Return the worker in a row."""
        return self._workers[index]

    def key(self, index: int) -> str:
        """Return the worker's id."""
        return self._workers[index].id

    def cells(self, index: int) -> tuple[Cell, ...]:
        """Return what the columns show."""
        return worker_cells(self._workers[index], self._now_s)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # the index knows
        """Return where the worker is."""
        return self._index.get(str(key))


def worker_cells(worker: WorkerView, now_s: float) -> tuple[Cell, ...]:
    """Return what the columns show of a worker."""
    tone = WORKER_TONES[worker.state]
    kind = worker.kind if worker.local else f"{worker.kind} {worker.host}"
    return (
        Cell(f"{WORKER_SIGNS[worker.state]} {display.clean(worker.short, max_len=_TEXT_MAX)}", tone),
        Cell(_doing(worker), Tone.PLAIN if worker.job else Tone.DIM),
        Cell(display.duration(now_s - worker.since_s) if worker.since_s else "", Tone.DIM),
        Cell(display.clean(kind, max_len=_TEXT_MAX), Tone.DIM),
    )


def _doing(worker: WorkerView) -> str:
    """Return the job of a worker that has one, and of every other the word for what it is."""
    words = display.clean(worker.job, max_len=_TEXT_MAX) or worker.state.value
    return f"{words} +{worker.handed}" if worker.handed else words
