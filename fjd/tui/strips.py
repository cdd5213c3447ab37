"""What each worker has done in the last minutes, as a strip of small meters. No clock inside."""

from collections import deque
from collections.abc import Iterable

from fjd.snapshot import WorkerState, WorkerView

CELL_S = 15.0
"""One cell of a strip stands for so long."""
CELLS = 20
_SAMPLE_S = 0.25
_BARS = "▁▂▃▄▅▆▇█"
_IDLE, _LOST = "·", "×"


class _Cell:
    """How often a worker was seen in one cell's time, and how often busy."""

    __slots__ = ("busy", "is_lost", "number", "seen")

    def __init__(self, number: int) -> None:
        self.number = number
        self.seen = self.busy = 0
        self.is_lost = False

    @property
    def sign(self) -> str:
        if self.is_lost:
            return _LOST
        if not self.busy:
            return _IDLE
        return _BARS[min(7, int(self.busy / self.seen * 7.999))]


class Strips:
    """Notes the crew as snapshots show it, at most four times a second."""

    def __init__(self) -> None:
        self._cells: dict[str, deque[_Cell]] = {}
        self._noted_s = float("-inf")

    def note(self, crew: Iterable[WorkerView], now_s: float) -> None:
        """Take in what everybody does now, and forget who is gone."""
        if now_s - self._noted_s < _SAMPLE_S:
            return
        self._noted_s = now_s
        cells = {}
        for worker in crew:
            cells[worker.id] = past = self._cells.get(worker.id) or deque(maxlen=CELLS)
            self._note_one(past, worker, int(now_s // CELL_S))
        self._cells = cells

    def _note_one(self, past: "deque[_Cell]", worker: WorkerView, number: int) -> None:
        if not past or past[-1].number != number:
            past.append(_Cell(number))
        cell = past[-1]
        cell.seen += 1
        cell.busy += bool(worker.job)
        cell.is_lost = cell.is_lost or worker.state is WorkerState.LOST

    def strip(self, worker: str, cells: int, now_s: float) -> str:
        """Return the last ``cells`` cells, the newest at the right; blank where it was not there."""
        signs = {cell.number: cell.sign for cell in self._cells.get(worker, ())}
        last = int(now_s // CELL_S)
        return "".join(signs.get(number, " ") for number in range(last - cells + 1, last + 1))
