"""The jobs pane: a `WorkTable` of a group of jobs, filtered and in order, with columns that can be chosen."""

import time
from collections.abc import Iterator
from functools import partial

from rich.text import Text
from textual import events, on

from fjd import display, selectors
from fjd.selectors import Selector
from fjd.snapshot import JobState, JobView, Mode, Snapshot
from fjd.tui import arrange, jobcolumns, jobrows
from fjd.tui.columns import Column, Order
from fjd.tui.jobcolumns import Look
from fjd.tui.jobrows import Group, JobRows
from fjd.tui.sights import Sights
from fjd.tui.worktable import WorkTable

_IN_A_THREAD = 2_000
"""From so many jobs on, filter and order work in a thread."""
_FILTER_MAX = 30
_BY_HAND = "or put job files into jobqueue/ with any tool."
_PAUSE_SHARE = 4
"""A filter or an order over many jobs rests so many times as long as it took."""
_PEEKED = 200
"""Of the chosen jobs so many are looked at to tell what can be done with them."""

Arrangement = tuple[Group, Selector, Order | None]


class JobsPane(WorkTable):
    """Shows the jobs of the newest snapshot."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(jobcolumns.chosen(jobcolumns.USUAL), id=id)
        self.first_steps: tuple[Text, ...] = ()
        """What to do where there is no job."""
        self.group = Group.ALL
        self.wanted = ""
        self._selector = Selector()
        self.sights = Sights()
        self._snapshot = Snapshot()
        self._job_rows = JobRows((), Look(0.0))
        self._titles: tuple[Text, Text] | None = None
        self._tabs: list[tuple[int, int, Group]] = []
        self._rest_until_s = 0.0
        self._is_arranging = False
        self._arrange_again = False

    # ---- what is shown

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        self._snapshot = snapshot
        if self.wanted or self.order:
            self._arrange()
        else:
            self._show(jobrows.all_rows(snapshot, self.group, self._look()))

    def _look(self) -> Look:
        return Look(time.monotonic(), self.sights.said, self.sights.progress)

    def show_group(self, group: Group) -> None:
        """Show a group of jobs."""
        self.group = group
        self._anew()

    def turn_group(self, step: int) -> None:
        """Show the next group of jobs, or the one before."""
        groups = list(Group)
        self.show_group(groups[(groups.index(self.group) + step) % len(groups)])

    def filter(self, wanted: str) -> None:
        """Show only the jobs that ``wanted`` means, all when it is empty; raise `UsageError` when it means nothing."""
        self._selector = selectors.parse(wanted)
        self.wanted = wanted
        self._anew()

    def put_in_order(self, order: Order | None) -> None:
        """Let the rows come in an order; in that of the snapshot when it is None."""
        self.order = order
        self.post_message(self.Arranged(self))
        self._anew()

    @on(WorkTable.HeadClicked)
    def _head_clicked(self, event: WorkTable.HeadClicked) -> None:
        event.stop()
        self.put_in_order(self.order_after_click(event.column))

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns that there are to choose from."""
        return tuple(one.column for one in jobcolumns.ALL)

    def _anew(self) -> None:
        self._rest_until_s = 0.0
        self.show(self._snapshot)

    # ---- what is selected

    @property
    def job(self) -> JobView | None:
        """The selected job."""
        return self._job_rows.job(self.cursor) if self.cursor < len(self._job_rows) else None

    @property
    def on_screen(self) -> list[JobView]:
        """The jobs that can be seen."""
        return [self._job_rows.job(at) for at in self.rows_on_screen]

    @property
    def chosen(self) -> list[JobView]:
        """The marked jobs that are still there and those of the range, or else the selected one.

        Of many it takes a while: call it from a thread.
        """
        return [self._job_rows.job(index) for index in self._chosen_rows(self._job_rows)]

    def has_chosen(self, *states: JobState) -> bool:
        """Tell whether the chosen jobs, or the first of them where they are many, hold one in such a state."""
        rows = self._job_rows
        peeked = zip(range(_PEEKED), self._chosen_rows(rows), strict=False)
        return any(rows.job(index).state in states for _, index in peeked)

    def _chosen_rows(self, rows: JobRows) -> Iterator[int]:
        marks, span = self.marks, self.span
        if not marks and not span:
            yield from range(self.cursor, min(self.cursor + 1, len(rows)))
        elif len(marks) <= _PEEKED:
            places = (rows.find(mark, 0) for mark in list(marks))
            found = {place for place in places if place is not None and rows.key(place) in marks}
            yield from sorted(found.union(span))
        else:
            yield from (index for index in range(len(rows)) if index in span or rows.key(index) in marks)

    # ---- filter and order

    @property
    def _arrangement(self) -> Arrangement:
        return self.group, self._selector, self.order

    def _arrange(self) -> None:
        if self._is_arranging:
            self._arrange_again = True
        elif time.monotonic() < self._rest_until_s:
            self._job_rows.look = self._look()
            self._show(self._job_rows)
        elif self._snapshot.counts.total + self._snapshot.counts.held <= _IN_A_THREAD:
            self._show(_arranged(self._snapshot, self._arrangement, self._look()))
        else:
            self._is_arranging = True
            work = partial(self._arrange_in_thread, self._snapshot, self._arrangement, self._look())
            self.run_worker(work, thread=True, group="arrange")

    def _arrange_in_thread(self, snapshot: Snapshot, arrangement: Arrangement, look: Look) -> None:
        began_s = time.monotonic()
        rows = _arranged(snapshot, arrangement, look)
        if self.is_attached and self.app.is_running:
            self.app.call_later(self._take, rows, arrangement, time.monotonic() - began_s)

    def _take(self, rows: JobRows, arrangement: Arrangement, took_s: float) -> None:
        self._is_arranging = False
        is_current = arrangement == self._arrangement
        if is_current:
            self._rest_until_s = time.monotonic() + _PAUSE_SHARE * took_s
            self._show(rows)
        if self._arrange_again or not is_current:
            self._arrange_again = False
            self.show(self._snapshot)

    # ---- drawing

    def _show(self, rows: JobRows) -> None:
        self._job_rows = rows
        self.hint = () if len(rows) else self._make_hint()
        self.show_rows(rows)
        title, subtitle = self._make_title(), self._make_subtitle()
        if (title, subtitle) != self._titles:
            self._titles = title, subtitle
            self.border_title, self.border_subtitle = title, subtitle

    def _make_title(self) -> Text:
        text = Text("Jobs")
        self._tabs = []
        for group, number in jobrows.tally(self._snapshot):
            text.append(" · ", "dim")
            start = text.cell_len
            style = "bold reverse" if group is self.group else "bold" if group is Group.FAILED and number else ""
            text.append(f"{group.value} {display.count(number)}", style)
            self._tabs.append((start, text.cell_len, group))
        return text

    def _make_subtitle(self) -> Text:
        """Say what is not as usual: the filter and how many it lets through, the order, the marks."""
        parts = []
        if self.wanted:
            shown = display.clean(self.wanted, max_len=_FILTER_MAX)
            parts.append(f"/{shown}: {display.count(len(self._job_rows))}")
        if self.order:
            parts.append(f"{self.order.column} {self.order.sign}")
        if self.marks or self.has_range:
            parts.append(f"✓ {display.count(len(self.marks) + len(self.span))}")
        return Text(" · ".join(parts), "bold")

    def on_click(self, event: events.Click) -> None:
        """Show the group whose count in the title is clicked at; once more shows all."""
        x = event.x - 2
        if event.y == 0 and event.get_content_offset(self) is None:
            hit = next((group for start, end, group in self._tabs if start <= x < end), None)
            if hit is not None:
                event.stop()
                self.show_group(Group.ALL if hit is self.group else hit)

    def _make_hint(self) -> tuple[Text, ...]:
        if self.wanted:
            shown = display.clean(self.wanted, max_len=_FILTER_MAX)
            return (Text(""), Text(f"No job here is meant by {shown!r}."), Text("esc shows all again.", "dim"))
        if self._snapshot.mode is Mode.STARTING:
            return (Text(""), Text("Reading the spool …", "dim"))
        if self._snapshot.counts.total:
            return (Text(""), Text(f"No job is {self.group.value}."), Text("] shows the next group.", "dim"))
        steps = (Text(""), *self.first_steps, Text(""), Text(_BY_HAND, "dim")) if self.first_steps else ()
        return (Text(""), Text("There are no jobs yet.", "bold"), *steps)


def _arranged(snapshot: Snapshot, arrangement: Arrangement, look: Look) -> JobRows:
    group, selector, order = arrangement
    return arrange.arranged(snapshot, group, selector, order, look)
