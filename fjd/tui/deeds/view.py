"""Looking and moving: nothing here changes a job or a worker."""

import asyncio
from typing import TYPE_CHECKING

from fjd.quantity import counted
from fjd.tui.dialogs.columns import ColumnsDialog
from fjd.tui.motion import Motion
from fjd.tui.sources import Tab

if TYPE_CHECKING:
    from fjd.tui.desk import Desk
    from fjd.tui.worktable import WorkTable


def move(desk: "Desk", motion: Motion) -> None:
    """Move inside the focused pane."""
    desk.pane.move(motion)


def _table(desk: "Desk") -> "WorkTable":
    """Return the table that has the focus, or had it last."""
    return desk.workers_pane if desk.pane is desk.workers_pane else desk.jobs_pane


# ---- marks


async def mark(desk: "Desk") -> None:
    """Mark the selected row, or all of the range that was begun."""
    table = _table(desk)
    if table.has_range:
        table.add_marks(await asyncio.to_thread(table.keys_of, table.span))
    else:
        table.toggle_mark()


def mark_range(desk: "Desk") -> None:
    """Begin a range, or let it be."""
    _table(desk).toggle_range()


async def mark_all(desk: "Desk") -> None:
    """Mark every row that is there, or take all marks away when there are some."""
    table = _table(desk)
    if table.marks:
        table.clear_marks()
    else:
        table.add_marks(await asyncio.to_thread(table.keys_of, range(len(table.rows))))
        desk.say(f"Marked {counted(len(table.marks), 'row')}.")


# ---- order and columns


def next_order(desk: "Desk") -> None:
    """Go by the next column."""
    _table(desk).turn_order(+1)


def previous_order(desk: "Desk") -> None:
    """Go by the column before."""
    _table(desk).turn_order(-1)


def reverse_order(desk: "Desk") -> None:
    """Let the order go the other way."""
    _table(desk).turn_round()


def choose_columns(desk: "Desk") -> None:
    """Let the user choose which columns there are, and by which the rows are in order."""
    desk.app.push_screen(ColumnsDialog(_table(desk)))


# ---- groups of workers


def group_workers(desk: "Desk") -> None:
    """Show the workers in groups, or one below the other."""
    pane = desk.workers_pane
    pane.show_groups(grouped=not pane.is_grouped, folded=pane.folded)


def fold_workers(desk: "Desk") -> None:
    """Fold the group in which the cursor is, or unfold it."""
    desk.workers_pane.fold()


def why_not_fold(desk: "Desk") -> str:
    """Say why there is nothing to fold."""
    return "" if desk.workers_pane.is_grouped else "The workers are not in groups."


def open_row(desk: "Desk") -> None:
    """Go to the log of the selected row; of a group, fold it or unfold it."""
    if desk.pane is desk.workers_pane and desk.workers_pane.group:
        desk.workers_pane.fold()
    else:
        focus_log(desk)


# ---- panes


def focus_jobs(desk: "Desk") -> None:
    """Go to the jobs."""
    desk.go_to(desk.jobs_pane)


def focus_workers(desk: "Desk") -> None:
    """Go to the workers."""
    desk.go_to(desk.workers_pane)


def focus_log(desk: "Desk") -> None:
    """Go to the log."""
    desk.go_to(desk.log_pane)


def show_detail(desk: "Desk") -> None:
    """Show all about the selected job in the log's place, or its output again."""
    desk.show_tab(Tab.OUTPUT if desk.tab is Tab.DETAIL else Tab.DETAIL)


def next_pane(desk: "Desk") -> None:
    """Go to the next pane."""
    desk.go_to(desk.panes[(desk.panes.index(desk.pane) + 1) % len(desk.panes)])


def previous_pane(desk: "Desk") -> None:
    """Go to the pane before."""
    desk.go_to(desk.panes[desk.panes.index(desk.pane) - 1])


def next_tab(desk: "Desk") -> None:
    """Show the next text of the job."""
    desk.turn_tab(+1)


def previous_tab(desk: "Desk") -> None:
    """Show the text of the job before."""
    desk.turn_tab(-1)


def wrap(desk: "Desk") -> None:
    """Wrap the log."""
    desk.log_pane.toggle_wrap()


def zoom(desk: "Desk") -> None:
    """Give the pane the whole screen."""
    desk.toggle_zoom()


def back(desk: "Desk") -> None:
    """Undo one layer."""
    if desk.pane is desk.log_pane and desk.log_pane.step_back():
        return
    tables = sorted((desk.jobs_pane, desk.workers_pane), key=lambda table: table is not desk.pane)
    if desk.is_typing_filter or desk.jobs_pane.wanted:
        desk.close_filter(keep=False)
    elif marked := next((table for table in tables if table.marks or table.has_range), None):
        marked.clear_marks()
    elif desk.is_zoomed:
        desk.toggle_zoom()
    elif desk.log_pane.is_held:
        desk.log_pane.follow()
    else:
        desk.go_to(desk.jobs_pane)
