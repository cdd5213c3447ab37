"""The workers in groups, each under a line of its own that says where they are and what they are about. Pure.

Who lives in jobs of a scheduler is one group wherever that has put them, with whom it has yet to start.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from fjd import display
from fjd.hiring import cluster
from fjd.order import natural_key
from fjd.snapshot import WorkerState, WorkerView
from fjd.tui.columns import Column
from fjd.tui.rows import Cell
from fjd.tui.sights import ToCome
from fjd.tui.workerrows import WorkerRows

STATES = (WorkerState.BUSY, WorkerState.IDLE, WorkerState.DRAINING, WorkerState.LOST)
"""In the order in which they are counted out."""
_FOLDED, _OPEN = "[+]", "[-]"
_NAME_MAX, _REASON_MAX = 60, 120


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What tells a group from all others; ``host`` is empty where the scheduler chooses it."""

    host: str
    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """One group. ``workers`` are in the order in which they are shown."""

    key: GroupKey
    workers: tuple[WorkerView, ...]
    to_come: ToCome | None = None
    is_folded: bool = False

    @property
    def is_local(self) -> bool:
        return bool(self.key.host) and any(worker.local for worker in self.workers)

    @property
    def title(self) -> str:
        """``nova · screen  3 busy 1 idle``, clean."""
        name = " · ".join(filter(None, (self.key.host, self.key.kind)))
        counts = Counter(worker.state for worker in self.workers)
        words = [f"{counts[state]} {state.value}" for state in STATES if counts[state]]
        if self.to_come is not None:
            words.append(pending(self.to_come))
        sign = _FOLDED if self.is_folded else _OPEN
        return f"{sign} {display.clean(name, max_len=_NAME_MAX)}  {' '.join(words)}"


def pending(to_come: ToCome, words: str = "pending") -> str:
    """Return ``2 pending: Resources``, clean."""
    reason = display.clean(to_come.reason, max_len=_REASON_MAX)
    return f"{to_come.count} {words}" + (f": {reason}" if reason else "")


def key_of(worker: WorkerView) -> GroupKey:
    """Return the group that a worker is of."""
    return GroupKey("" if worker.kind in cluster.KINDS else worker.host, worker.kind)


def groups(
    workers: Iterable[WorkerView], to_come: Mapping[str, ToCome], folded: Set[GroupKey] = frozenset()
) -> list[Group]:
    """Return the groups: those of this host first, those of schedulers last, and else by host and kind."""
    found: dict[GroupKey, list[WorkerView]] = {GroupKey("", kind): [] for kind in to_come}
    for worker in workers:
        found.setdefault(key_of(worker), []).append(worker)
    made = [
        Group(key, tuple(members), None if key.host else to_come.get(key.kind), key in folded)
        for key, members in found.items()
    ]
    return sorted(made, key=_place)


def _place(group: Group) -> tuple[object, ...]:
    return not group.key.host, not group.is_local, natural_key(group.key.host), group.key.kind


class GroupedRows:
    """The rows of ``rows``, and a line before each group; of one that is folded that line alone."""

    def __init__(self, rows: WorkerRows, to_come: Mapping[str, ToCome], folded: Set[GroupKey]) -> None:
        self._rows = rows
        self._at = {rows.key(index): index for index in range(len(rows))}
        self._lines: list[Group | WorkerView] = []
        for group in groups(map(rows.worker, range(len(rows))), to_come, folded):
            self._lines += [group, *(() if group.is_folded else group.workers)]
        self._index = {self.key(index): index for index in range(len(self._lines))}

    def __len__(self) -> int:
        return len(self._lines)

    def group(self, index: int) -> Group | None:
        """Return the group whose line a row is."""
        line = self._lines[index]
        return line if isinstance(line, Group) else None

    def worker(self, index: int) -> WorkerView | None:
        """Return the worker in a row; None in the line of a group."""
        line = self._lines[index]
        return None if isinstance(line, Group) else line

    def key(self, index: int) -> Hashable:
        """Return the worker's id, or the group's key."""
        line = self._lines[index]
        return line.key if isinstance(line, Group) else line.id

    def cells(self, index: int, columns: Sequence[Column]) -> tuple[Cell, ...]:
        """Return what the columns show of a worker. The line of a group has no columns: see `group`."""
        line = self._lines[index]
        return () if isinstance(line, Group) else self._rows.cells(self._at[line.id], columns)

    def find(self, key: Hashable, near: int) -> int | None:  # noqa: ARG002  # the index knows
        """Return where a worker or a group is."""
        return self._index.get(key)
