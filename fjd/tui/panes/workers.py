"""The workers pane: a `WorkTable` of the crew, one below the other or in groups."""

import time
from collections import Counter
from collections.abc import Hashable, Iterable

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import on
from textual.strip import Strip

from fjd.snapshot import Snapshot, WorkerView
from fjd.tui import columns, crewline, workergroups, workerrows
from fjd.tui.columns import Column, Order
from fjd.tui.motion import Motion
from fjd.tui.sights import Sights
from fjd.tui.strips import Strips
from fjd.tui.tones import WORKER_SIGNS, Tone
from fjd.tui.workergroups import STATES, Group, GroupedRows, GroupKey
from fjd.tui.workerrows import CrewLook, WorkerRows
from fjd.tui.worktable import WorkTable

_GUTTER = 3


class WorkersPane(WorkTable):
    """Shows the workers of the newest snapshot."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(workerrows.chosen(workerrows.USUAL), id=id)
        self.sights = Sights()
        self.is_grouped = False
        self.folded: frozenset[GroupKey] = frozenset()
        """The groups of which only their line is shown, whether they are there or not."""
        self._strips = Strips()
        self._everybody = WorkerRows((), CrewLook(0.0))
        self._shown: WorkerRows | GroupedRows = self._everybody
        self._snapshot = Snapshot()
        self._title: Text | None = None
        self.hint = (Text(""), Text("There are no workers.", "bold"))

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        now_s = time.monotonic()
        self._snapshot = snapshot
        everybody = (*snapshot.workers, *snapshot.lost)
        self._strips.note(everybody, now_s)
        look = CrewLook(now_s, self.sights.use, self._strips)
        rows = self._everybody = WorkerRows(snapshot.workers, look, lost=snapshot.lost, order=self.order)
        self._shown = GroupedRows(rows, self.sights.pending, self.folded) if self.is_grouped else rows
        self.keep_marks([worker.id for worker in everybody])
        self.show_rows(self._shown)
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
        words = crewline.line(self._snapshot) or ", ".join(
            workergroups.pending(to_come, f"to come from {kind}") for kind, to_come in self.sights.pending.items()
        )
        self.border_subtitle = Text(words, no_wrap=True, overflow="ellipsis")

    # ---- who is meant

    @property
    def worker(self) -> WorkerView | None:
        """The selected worker; None on the line of a group."""
        return self._shown.worker(self.cursor) if self.cursor < len(self._shown) else None

    @property
    def chosen(self) -> list[WorkerView]:
        """The marked workers and those of the range, or else the selected one, or those of the selected group.

        None that is no more.
        """
        here = {worker.id for worker in self._snapshot.workers}
        span = {self._shown.key(index) for index in self.span if index < len(self._shown)}
        everybody = [self._everybody.worker(index) for index in range(len(self._everybody))]
        marked = [worker for worker in everybody if worker.id in self.marks or worker.id in span]
        return [worker for worker in marked or self._at_cursor() if worker.id in here]

    def _at_cursor(self) -> list[WorkerView]:
        group = self.group
        return list(group.workers) if group else [self.worker] if self.worker else []

    # ---- the groups

    @property
    def group(self) -> Group | None:
        """The selected group, when its line is selected."""
        rows = self._shown
        return rows.group(self.cursor) if isinstance(rows, GroupedRows) and self.cursor < len(rows) else None

    def show_groups(self, *, grouped: bool, folded: Iterable[GroupKey] = ()) -> None:
        """Show the workers in groups, or one below the other."""
        self.is_grouped, self.folded = grouped, frozenset(folded)
        self.post_message(self.Arranged(self))
        self.show(self._snapshot)

    def fold(self) -> None:
        """Fold the group in which the cursor is, or unfold it."""
        worker, group = self.worker, self.group
        key = group.key if group else workergroups.key_of(worker) if worker else None
        if key is not None and self.is_grouped:
            self.show_groups(grouped=True, folded=self.folded ^ {key})
            self.move_to(self._shown.find(key, self.cursor) or 0)

    @on(WorkTable.Opened)
    def _opened(self, event: WorkTable.Opened) -> None:
        if self.group:
            event.stop()
            self.fold()

    def toggle_mark(self) -> None:
        """Mark what is selected, or take its mark away; with the line of a group, all of that."""
        if (group := self.group) is None:
            super().toggle_mark()
            return
        ids: set[Hashable] = {worker.id for worker in group.workers}
        self.marks = self.marks - ids if ids <= self.marks else self.marks | ids
        self.refresh()
        self.move(Motion.DOWN)

    def add_marks(self, keys: Iterable[Hashable]) -> None:
        """Mark these as well; the line of a group bears no mark."""
        super().add_marks(key for key in keys if not isinstance(key, GroupKey))

    def _row(self, index: int, width: int, base: Style) -> Strip:
        rows = self._shown
        group = rows.group(index) if isinstance(rows, GroupedRows) else None
        if group is None:
            return super()._row(index, width, base)
        is_cursor = index == self.cursor
        ground = base + self.get_component_rich_style("table--cursor", partial=True) if is_cursor else base
        style = (
            ground if ground.reverse else ground + self.get_component_rich_style(Tone.STRONG.component, partial=True)
        )
        mark = "┃" if index in self.span else " "
        text = columns.fit(group.title, max(0, width - _GUTTER))
        return Strip([Segment(f"{'▸' if is_cursor else ' '}{mark} ", ground), Segment(text, style)])


def make_title(workers: tuple[WorkerView, ...], room: int) -> Text:
    """Return how many are in which state: in words, or in signs where words have no room."""
    counts = Counter(worker.state for worker in workers)
    there = [state for state in STATES if counts[state]]
    words = " · ".join(["Workers", *(f"{counts[state]} {state.value}" for state in there)])
    if len(words) <= room:
        return Text(words)
    signs = " ".join(f"{WORKER_SIGNS[state]} {counts[state]}" for state in there)
    return Text(f"Workers · {signs}" if signs else "Workers")
