"""Looking and moving: nothing here changes a job or a worker."""

from typing import TYPE_CHECKING

from fjd.tui.motion import Motion

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


def move(desk: "Desk", motion: Motion) -> None:
    """Move inside the focused pane."""
    desk.pane.move(motion)


def mark(desk: "Desk") -> None:
    """Mark the selected row."""
    if desk.pane is desk.jobs_pane:
        desk.jobs_pane.toggle_mark()
    elif desk.pane is desk.workers_pane:
        desk.workers_pane.toggle_mark()


def focus_jobs(desk: "Desk") -> None:
    """Go to the jobs."""
    desk.go_to(desk.jobs_pane)


def focus_workers(desk: "Desk") -> None:
    """Go to the workers."""
    desk.go_to(desk.workers_pane)


def focus_log(desk: "Desk") -> None:
    """Go to the log."""
    desk.go_to(desk.log_pane)


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
    if desk.is_typing_filter or desk.jobs_pane.wanted:
        desk.close_filter(keep=False)
    elif desk.pane is desk.workers_pane and desk.workers_pane.marks:
        desk.workers_pane.clear_marks()
    elif desk.jobs_pane.marks:
        desk.jobs_pane.clear_marks()
    elif desk.workers_pane.marks:
        desk.workers_pane.clear_marks()
    elif desk.is_zoomed:
        desk.toggle_zoom()
    elif desk.log_pane.is_held:
        desk.log_pane.follow()
    else:
        desk.go_to(desk.jobs_pane)
