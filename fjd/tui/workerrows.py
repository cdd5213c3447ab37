"""The workers of a snapshot as rows of a table: every column, its cells, its order. Pure.

Those that were lost lately stay at the end, so that nobody wonders where they went.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from fjd import display
from fjd.order import natural_key
from fjd.snapshot import WorkerState, WorkerView
from fjd.tui.columns import Column, Order
from fjd.tui.rows import Cell
from fjd.tui.strips import Strips
from fjd.tui.tones import WORKER_SIGNS, WORKER_TONES, Tone
from fjd.usage import Use

_TEXT_MAX = 300
_SILENT_S = 6.0
"""Who has given no sign of life for so long is called silent: three heartbeats."""
_STRIP_CELLS = 12

Value = str | float | tuple[str, str]


@dataclass(frozen=True, slots=True)
class CrewLook:
    """What workers are seen by, besides the snapshot."""

    now_s: float
    use: Mapping[str, Use] = field(default_factory=dict)
    strips: Strips = field(default_factory=Strips)


@dataclass(frozen=True, slots=True)
class WorkerColumn:
    """One column. ``value`` is None where a worker has none; such rows come last, whichever way the order goes."""

    column: Column
    cell: Callable[[WorkerView, CrewLook], Cell]
    value: Callable[[WorkerView, CrewLook], Value | None]


# ---- cells


def _name_cell(worker: WorkerView, _look: CrewLook) -> Cell:
    return Cell(
        f"{WORKER_SIGNS[worker.state]} {display.clean(worker.short, max_len=_TEXT_MAX)}", WORKER_TONES[worker.state]
    )


def _job_cell(worker: WorkerView, look: CrewLook) -> Cell:
    """Say the job of a worker that has one, and of every other the word for what it is; and whether it is silent."""
    words = worker.job or worker.state.value
    if worker.state is WorkerState.LOST and worker.reason:
        words = worker.reason.partition(" is ")[2] or worker.reason
    if worker.handed:
        words += f" +{worker.handed}"
    silent_s = _silent(worker, look)
    if silent_s is not None and silent_s >= _SILENT_S and worker.state is not WorkerState.LOST:
        return _foreign(f"silent {display.brief(silent_s)} · {words}", Tone.WARN)
    return _foreign(words, Tone.PLAIN if worker.job else Tone.DIM)


def _foreign(text: str, tone: Tone = Tone.DIM) -> Cell:
    return Cell(display.clean(text, max_len=_TEXT_MAX), tone)


def _time_cell(worker: WorkerView, look: CrewLook) -> Cell:
    return Cell(display.brief(look.now_s - worker.since_s) if worker.since_s else "", Tone.DIM)


def _cpu_cell(worker: WorkerView, look: CrewLook) -> Cell:
    cpu = _cpu(worker, look)
    return Cell("" if cpu is None else f"{cpu * 100:.0f}%", Tone.PLAIN)


def _memory_cell(worker: WorkerView, look: CrewLook) -> Cell:
    use = look.use.get(worker.id)
    return Cell(display.size(use.rss_bytes) if use else "", Tone.PLAIN)


def _strip_cell(worker: WorkerView, look: CrewLook) -> Cell:
    return Cell(look.strips.strip(worker.id, _STRIP_CELLS, look.now_s), WORKER_TONES[worker.state])


def _seen_cell(worker: WorkerView, look: CrewLook) -> Cell:
    silent_s = _silent(worker, look)
    if silent_s is None:
        return Cell("")
    return Cell("now" if silent_s < _SILENT_S else display.brief(silent_s), Tone.DIM)


# ---- values


def _silent(worker: WorkerView, look: CrewLook) -> float | None:
    return None if worker.seen_s is None else max(0.0, look.now_s - worker.seen_s)


def _cpu(worker: WorkerView, look: CrewLook) -> float | None:
    use = look.use.get(worker.id)
    return use.cpu if use else None


def _rss(worker: WorkerView, look: CrewLook) -> float | None:
    use = look.use.get(worker.id)
    return use.rss_bytes if use else None


def _kind(worker: WorkerView) -> str:
    return worker.kind if worker.local else f"{worker.kind} {worker.host}"


ALL: tuple[WorkerColumn, ...] = (
    WorkerColumn(
        Column("worker", min=9, flex=2, max=20, middle=True, sentence="its name"),
        _name_cell,
        lambda worker, _look: natural_key(worker.id),
    ),
    WorkerColumn(
        Column("job", min=14, flex=3, middle=True, sentence="what it runs, or what it is"),
        _job_cell,
        lambda worker, _look: natural_key(worker.job) if worker.job else None,
    ),
    WorkerColumn(
        Column("time", min=5, right=True, sentence="for how long"),
        _time_cell,
        lambda worker, look: look.now_s - worker.since_s if worker.since_s else None,
    ),
    WorkerColumn(
        Column("cpu", min=4, drop=1, right=True, sentence="what its job uses of the processor, on this host"),
        _cpu_cell,
        _cpu,
    ),
    WorkerColumn(
        Column("mem", min=5, drop=2, right=True, sentence="the memory that its job uses, on this host"),
        _memory_cell,
        _rss,
    ),
    WorkerColumn(
        Column("lately", min=_STRIP_CELLS, drop=4, sentence="how busy it was in the last three minutes"),
        _strip_cell,
        lambda worker, look: look.strips.strip(worker.id, _STRIP_CELLS, look.now_s),
    ),
    WorkerColumn(
        Column("kind", min=7, drop=3, sentence="how and where it was hired"),
        lambda worker, _look: _foreign(_kind(worker)),
        lambda worker, _look: natural_key(_kind(worker)),
    ),
    WorkerColumn(
        Column("seen", min=5, drop=5, right=True, sentence="when it last gave a sign of life"), _seen_cell, _silent
    ),
)
BY_NAME = {one.column.name: one for one in ALL}
USUAL = tuple(BY_NAME)
"""The columns that are shown where nobody has chosen others: all, as far as there is room."""


def chosen(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names; the usual ones where none is known."""
    known = [BY_NAME[name].column for name in dict.fromkeys(names) if name in BY_NAME]
    return tuple(known or [BY_NAME[name].column for name in USUAL])


class WorkerRows:
    """Rows of workers, and of those lost lately; a thousand at most, so that all of them may be looked at."""

    def __init__(
        self,
        workers: Sequence[WorkerView],
        look: CrewLook,
        *,
        lost: Sequence[WorkerView] = (),
        order: Order | None = None,
    ) -> None:
        self._workers = (*_in_order(workers, order, look), *reversed(lost))
        self.look = look
        self._index = {worker.id: index for index, worker in enumerate(self._workers)}

    def __len__(self) -> int:
        return len(self._workers)

    def worker(self, index: int) -> WorkerView:
        """Return the worker in a row."""
        return self._workers[index]

    def key(self, index: int) -> str:
        """Return the worker's id."""
        return self._workers[index].id

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return what the columns show."""
        return tuple(BY_NAME[column.name].cell(self._workers[index], self.look) for column in columns)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # the index knows
        """Return where the worker is."""
        return self._index.get(str(key))


def _in_order(workers: Sequence[WorkerView], order: Order | None, look: CrewLook) -> Sequence[WorkerView]:
    column = BY_NAME.get(order.column) if order else None
    if order is None or column is None:
        return workers
    valued = [(column.value(worker, look), worker) for worker in workers]
    with_value = [pair for pair in valued if pair[0] is not None]
    with_value.sort(key=lambda pair: pair[0], reverse=order.descending)  # type: ignore[arg-type,return-value]  # of one type
    return [worker for _, worker in (*with_value, *(pair for pair in valued if pair[0] is None))]
