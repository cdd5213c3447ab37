"""The jobs pane: a `Table` of a group of jobs, filtered by name."""

import time
from functools import partial

from rich.text import Text

from fjd import display
from fjd.snapshot import JobView, Mode, Snapshot
from fjd.tui import jobrows
from fjd.tui.jobrows import Group, JobKey, JobRows
from fjd.tui.table import Table

_IN_A_THREAD = 5_000
"""From so many jobs on, the filter works in a thread."""
_FILTER_MAX = 30
_PAUSE_SHARE = 4
"""A filter over many jobs rests so many times as long as it took."""


class JobsPane(Table):
    """Shows the jobs of the newest snapshot."""

    COLUMNS = jobrows.COLUMNS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self.group = Group.ALL
        self.wanted = ""
        self._snapshot = Snapshot()
        self._job_rows = JobRows((), 0.0)
        self._title: Text | None = None
        self._rest_until_s = 0.0
        self._is_filtering = False
        self._filter_again = False

    # ---- what is shown

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot from now on."""
        self._snapshot = snapshot
        if self.wanted:
            self._filter()
        else:
            self._show(jobrows.all_rows(snapshot, self.group, time.monotonic()))

    def show_group(self, step: int) -> None:
        """Show the next group of jobs, or the one before."""
        groups = list(Group)
        self.group = groups[(groups.index(self.group) + step) % len(groups)]
        self._rest_until_s = 0.0
        self.show(self._snapshot)

    def filter(self, wanted: str) -> None:
        """Show only the jobs of which the name holds ``wanted``; all when it is empty."""
        self.wanted = wanted
        self._rest_until_s = 0.0
        self.show(self._snapshot)

    @property
    def job(self) -> JobView | None:
        """The selected job."""
        return self._job_rows.job(self.cursor) if self.cursor < len(self._job_rows) else None

    @property
    def chosen(self) -> list[JobView]:
        """The marked jobs that are still there, or else the selected one."""
        marked = [key for key in self.marks if isinstance(key, JobKey)]
        if marked:
            places = [self._job_rows.find(key, 0) for key in marked]
            return [self._job_rows.job(index) for index in sorted(index for index in places if index is not None)]
        return [self.job] if self.job else []

    # ---- filtering

    def _filter(self) -> None:
        counts = self._snapshot.counts
        if counts.total <= _IN_A_THREAD:
            self._show(jobrows.matching_rows(self._snapshot, self.group, self.wanted, time.monotonic()))
        elif self._is_filtering:
            self._filter_again = True
        elif time.monotonic() >= self._rest_until_s:
            self._is_filtering = True
            work = partial(self._filter_in_thread, self._snapshot, self.group, self.wanted)
            self.run_worker(work, thread=True, group="filter")

    def _filter_in_thread(self, snapshot: Snapshot, group: Group, wanted: str) -> None:
        began_s = time.monotonic()
        rows = jobrows.matching_rows(snapshot, group, wanted, began_s)
        if self.is_attached and self.app.is_running:
            self.app.call_later(self._filtered, rows, group, wanted, time.monotonic() - began_s)

    def _filtered(self, rows: JobRows, group: Group, wanted: str, took_s: float) -> None:
        self._is_filtering = False
        is_current = (group, wanted) == (self.group, self.wanted)
        if is_current:
            self._rest_until_s = time.monotonic() + _PAUSE_SHARE * took_s
            self._show(rows)
        if self._filter_again or not is_current:
            self._filter_again = False
            self.show(self._snapshot)

    # ---- drawing

    def _show(self, rows: JobRows) -> None:
        self._job_rows = rows
        self.hint = () if len(rows) else self._make_hint()
        self.show_rows(rows)
        title = self._make_title()
        if title != self._title:
            self._title = title
            self.border_title = title

    def _make_title(self) -> Text:
        text = Text("Jobs")
        for group, number in jobrows.tally(self._snapshot):
            text.append(" · ", "dim")
            style = "bold reverse" if group is self.group else "bold" if group is Group.FAILED and number else ""
            text.append(f"{group.value} {display.count(number)}", style)
        if self.wanted:
            text.append(" · ", "dim")
            shown = display.clean(self.wanted, max_len=_FILTER_MAX)
            text.append(f"/{shown}: {display.count(len(self._job_rows))}", "bold")
        return text

    def _make_hint(self) -> tuple[Text, ...]:
        if self.wanted:
            shown = display.clean(self.wanted, max_len=_FILTER_MAX)
            return (Text(""), Text(f"No name of a job here holds {shown!r}."), Text("esc shows all again.", "dim"))
        if self._snapshot.mode is Mode.STARTING:
            return (Text(""), Text("Reading the spool …", "dim"))
        if self._snapshot.counts.total:
            return (Text(""), Text(f"No job is {self.group.value}."), Text("] shows the next group.", "dim"))
        return (
            Text(""),
            Text("There are no jobs yet.", "bold"),
            Text(""),
            _key("n", "makes one in a form"),
            _key("h", "hires workers to do them"),
            Text(""),
            Text("or put job files into jobqueue/ with any tool.", "dim"),
        )


def _key(key: str, what: str) -> Text:
    return Text.assemble((f" {key} ", "bold reverse"), " ", what)
