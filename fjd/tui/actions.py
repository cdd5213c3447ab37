"""The one registry of what a user can do. The bindings, the footer, the help and the command palette are made of it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from fjd.tui.deeds import crew, jobs, log, program, queue, spools, take, view, write
from fjd.tui.motion import Motion

if TYPE_CHECKING:
    from fjd.tui.desk import Desk

Deed = Callable[["Desk"], Coroutine[None, None, None] | None]


class Where(Enum):
    """A pane; the value is its name."""

    JOBS = "jobs"
    WORKERS = "workers"
    LOG = "log"


class Topic(Enum):
    """A chapter of the help."""

    CREW = "Workers"
    JOBS = "Jobs"
    LOOK = "Looking"
    LOG = "Reading the log"
    MOVE = "Moving"
    PROGRAM = "Program"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do."""

    id: str
    keys: tuple[str, ...]
    label: str
    """One or two words for the footer; empty when it does not stand there."""
    sentence: str
    topic: Topic
    run: Deed
    where: frozenset[Where] = frozenset(Where)
    """The panes in which the keys mean this."""
    why_not: Callable[["Desk"], str] = lambda _desk: ""
    """Returns why it cannot be done now, in words; nothing when it can."""

    @property
    def key(self) -> str:
        """The first key as people write it; nothing when its user took it away."""
        return shown_key(self.keys[0]) if self.keys else ""

    @property
    def all_keys(self) -> str:
        """All keys as people write them."""
        return " ".join(map(shown_key, self.keys))


_SHOWN = {"space": "space", "enter": "enter", "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→"}


def shown_key(key: str) -> str:
    """Return a key as people write it."""
    return _SHOWN.get(key, key)


def _move(name: str, keys: str, motion: Motion, where: frozenset[Where] = frozenset(Where)) -> Action:
    return Action(
        f"move.{name}", tuple(keys.split()), "", motion.value, Topic.MOVE, lambda desk: view.move(desk, motion), where
    )


_IN_JOBS = frozenset({Where.JOBS})
_IN_WORKERS = frozenset({Where.WORKERS})
_IN_LOG = frozenset({Where.LOG})
_IN_TABLES = frozenset({Where.JOBS, Where.WORKERS})

ACTIONS: tuple[Action, ...] = (
    Action("workers.hire", ("h",), "hire", "hire workers", Topic.CREW, crew.hire),
    Action(
        "workers.fire",
        ("f",),
        "fire",
        "fire the selected worker, or the marked ones",
        Topic.CREW,
        crew.fire,
        why_not=crew.why_not_fire,
    ),
    Action(
        "workers.fire-all",
        ("F",),
        "",
        "fire all workers of this spool",
        Topic.CREW,
        crew.fire_all,
        why_not=crew.why_not_fire,
    ),
    Action(
        "workers.attach",
        ("a",),
        "attach",
        "attach to the worker's screen session; ctrl+a d comes back",
        Topic.CREW,
        crew.attach,
        why_not=crew.why_not_attach,
    ),
    Action(
        "workers.drain",
        ("d",),
        "drain",
        "let workers finish what they run, and leave then",
        Topic.CREW,
        crew.drain,
        _IN_WORKERS,
        crew.why_not_drain,
    ),
    Action("jobs.new", ("n",), "new job", "make a job in a form", Topic.JOBS, write.new, _IN_TABLES),
    Action(
        "jobs.edit",
        ("e",),
        "edit",
        "change a waiting job in the form",
        Topic.JOBS,
        write.edit,
        _IN_JOBS,
        write.why_not_edit,
    ),
    Action(
        "jobs.clone",
        ("c",),
        "",
        "make a job that begins as a copy of the selected one",
        Topic.JOBS,
        write.clone,
        _IN_JOBS,
        write.why_not_clone,
    ),
    Action(
        "jobs.editor",
        ("E",),
        "",
        "change a waiting job in $EDITOR",
        Topic.JOBS,
        write.edit_outside,
        _IN_JOBS,
        write.why_not_edit,
    ),
    Action(
        "jobs.retry",
        ("r",),
        "retry",
        "put failed jobs back into the queue",
        Topic.JOBS,
        jobs.retry,
        why_not=jobs.why_not_retry,
    ),
    Action(
        "jobs.kill",
        ("K",),
        "kill",
        "end a running job, or take a waiting one out; it fails",
        Topic.JOBS,
        jobs.kill,
        why_not=jobs.why_not_kill,
    ),
    Action(
        "jobs.cancel",
        ("x",),
        "",
        "take waiting jobs out of the queue; they fail",
        Topic.JOBS,
        queue.cancel,
        _IN_JOBS,
        queue.why_not_waiting,
    ),
    Action(
        "jobs.hold",
        ("H",),
        "",
        "keep waiting jobs out of the queue, or release them",
        Topic.JOBS,
        queue.hold,
        _IN_JOBS,
        queue.why_not_waiting,
    ),
    Action(
        "jobs.more-urgent",
        ("+",),
        "",
        "raise the priority",
        Topic.JOBS,
        queue.more_urgent,
        _IN_JOBS,
        queue.why_not_waiting,
    ),
    Action(
        "jobs.less-urgent",
        ("-",),
        "",
        "lower the priority",
        Topic.JOBS,
        queue.less_urgent,
        _IN_JOBS,
        queue.why_not_waiting,
    ),
    Action(
        "undo",
        ("u",),
        "",
        "undo the last cancel, hold, priority or edit",
        Topic.JOBS,
        queue.undo,
        _IN_TABLES,
        queue.why_not_undo,
    ),
    Action(
        "copy.name",
        ("y",),
        "",
        "copy the name, for the terminal to paste",
        Topic.LOOK,
        take.copy_name,
        _IN_TABLES,
        take.why_not_copy,
    ),
    Action(
        "copy.path",
        ("Y",),
        "",
        "copy the path of the job's file, or of the worker's log",
        Topic.LOOK,
        take.copy_path,
        _IN_TABLES,
        take.why_not_copy,
    ),
    Action("pause", ("p",), "pause", "pause or resume handing out; what runs goes on", Topic.PROGRAM, program.pause),
    Action(
        "jobs.filter",
        ("/",),
        "filter",
        "show only some jobs: part of a name, state:failed, exit:1, age>1h",
        Topic.JOBS,
        jobs.filter_jobs,
        _IN_TABLES,
    ),
    Action("jobs.group", ("]",), "", "show the next group of jobs", Topic.JOBS, jobs.next_group, _IN_TABLES),
    Action("jobs.group-back", ("[",), "", "show the group of jobs before", Topic.JOBS, jobs.previous_group, _IN_TABLES),
    Action("mark", ("space",), "", "mark a row, or take its mark away", Topic.LOOK, view.mark, _IN_TABLES),
    Action(
        "mark.range", ("v",), "", "mark from here to where the cursor goes", Topic.LOOK, view.mark_range, _IN_TABLES
    ),
    Action("mark.all", ("A",), "", "mark all rows, or take all marks away", Topic.LOOK, view.mark_all, _IN_TABLES),
    Action("columns", ("s",), "", "choose the columns and the order", Topic.LOOK, view.choose_columns, _IN_TABLES),
    Action("order.next", (">",), "", "put in order by the next column", Topic.LOOK, view.next_order, _IN_TABLES),
    Action("order.previous", ("<",), "", "by the column before", Topic.LOOK, view.previous_order, _IN_TABLES),
    Action("order.reverse", ("I",), "", "turn the order round", Topic.LOOK, view.reverse_order, _IN_TABLES),
    Action("open", ("enter",), "", "read the log of the selected row", Topic.LOOK, view.focus_log, _IN_TABLES),
    Action(
        "jobs.detail",
        ("i",),
        "",
        "show all about the job: why it is not running, its runs, its file",
        Topic.LOOK,
        view.show_detail,
        _IN_JOBS,
    ),
    Action("log.focus", ("l",), "log", "go to the log", Topic.LOOK, view.focus_log, _IN_TABLES),
    Action(
        "log.tab",
        ("]", "l"),
        "next tab",
        "show the output, the logfile, the job file, the worker log",
        Topic.LOG,
        view.next_tab,
        _IN_LOG,
    ),
    Action("log.tab-back", ("[",), "", "the same, backwards", Topic.LOG, view.previous_tab, _IN_LOG),
    Action("log.wrap", ("w",), "wrap", "wrap long lines, or cut them", Topic.LOG, view.wrap, _IN_LOG),
    Action(
        "log.search",
        ("/",),
        "search",
        "search; small letters find great ones too",
        Topic.LOG,
        log.search,
        _IN_LOG,
        why_not=log.why_not_text,
    ),
    Action(
        "log.next",
        ("n",),
        "next",
        "go to the next line that holds it",
        Topic.LOG,
        log.find_next,
        _IN_LOG,
        why_not=log.why_not_find,
    ),
    Action(
        "log.previous",
        ("N",),
        "",
        "go to the line before that holds it",
        Topic.LOG,
        log.find_previous,
        _IN_LOG,
        why_not=log.why_not_find,
    ),
    Action(
        "log.pick",
        ("v",),
        "pick",
        "pick lines to copy; again, begin at this line",
        Topic.LOG,
        log.pick,
        _IN_LOG,
        why_not=log.why_not_text,
    ),
    Action(
        "log.copy",
        ("y",),
        "copy",
        "copy the picked lines, or those on the screen",
        Topic.LOG,
        log.copy,
        _IN_LOG,
        why_not=log.why_not_text,
    ),
    Action("zoom", ("z",), "zoom", "give the pane the whole screen, or take it back", Topic.LOOK, view.zoom),
    Action("pane.jobs", ("1",), "", "go to the jobs", Topic.MOVE, view.focus_jobs),
    Action("pane.workers", ("2",), "", "go to the workers", Topic.MOVE, view.focus_workers),
    Action("pane.log", ("3",), "", "go to the log", Topic.MOVE, view.focus_log),
    Action("pane.next", ("tab",), "", "go to the next pane", Topic.MOVE, view.next_pane),
    Action("pane.previous", ("shift+tab",), "", "go to the pane before", Topic.MOVE, view.previous_pane),
    _move("up", "k up", Motion.UP),
    _move("down", "j down", Motion.DOWN),
    _move("half-up", "ctrl+u", Motion.HALF_UP),
    _move("half-down", "ctrl+d", Motion.HALF_DOWN),
    _move("page-up", "pageup ctrl+b", Motion.PAGE_UP),
    _move("page-down", "pagedown ctrl+f", Motion.PAGE_DOWN),
    _move("top", "g home", Motion.TOP),
    _move("bottom", "G end", Motion.BOTTOM),
    _move("left", "left", Motion.LEFT, _IN_LOG),
    _move("right", "right", Motion.RIGHT, _IN_LOG),
    Action(
        "spools",
        ("o",),
        "",
        "go to another spool that was used lately",
        Topic.PROGRAM,
        spools.choose,
        why_not=spools.why_not,
    ),
    Action("activity", ("@",), "", "show what happened, and what was done by whom", Topic.PROGRAM, program.activity),
    Action("freeze", ("P",), "", "freeze all that runs, or let it go on", Topic.PROGRAM, program.freeze),
    Action("shell", ("!",), "", "open the folder in a shell", Topic.PROGRAM, take.shell),
    Action("theme", ("t",), "", "another look: dark, light, the terminal's own", Topic.PROGRAM, program.next_theme),
    Action("screenshot", ("ctrl+s",), "", "save a picture of the screen", Topic.PROGRAM, take.screenshot),
    Action("palette", (":", "ctrl+p"), "", "find a command by its name", Topic.PROGRAM, program.palette),
    Action("back", ("escape",), "", "undo one thing: filter, marks, zoom, focus", Topic.PROGRAM, view.back),
    Action("suspend", ("ctrl+z",), "", "put it into the background; fg brings it back", Topic.PROGRAM, program.suspend),
    Action("help", ("?",), "help", "show all keys", Topic.PROGRAM, program.show_help),
    Action(
        "quit",
        ("q", "ctrl+c", "ctrl+q"),
        "quit",
        "leave; workers go on with what they have",
        Topic.PROGRAM,
        program.leave,
    ),
)

LAST_IN_FOOTER = ("help", "quit")
"""These stay in the footer however narrow it is."""
