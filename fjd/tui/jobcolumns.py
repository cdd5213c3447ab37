"""What a table can show of a job: every column, its cells, and the value that its order goes by. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fjd import display
from fjd.order import natural_key
from fjd.progress import Progress
from fjd.snapshot import JobState, JobView
from fjd.tui.columns import Column
from fjd.tui.rows import Cell
from fjd.tui.tones import JOB_SIGNS, JOB_TONES, Tone

TEXT_MAX = 300
"""No cell shows more of a text than this, however wide the screen."""
_BAR_CELLS = 6

Value = str | float | int | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What a job is seen by, besides the snapshot. ``now_s`` is on the monotonic clock."""

    now_s: float
    said: Mapping[str, str] = field(default_factory=dict)
    """The last line that a failed job printed, by its name; foreign text."""
    progress: Mapping[str, Progress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobColumn:
    """One column. ``value`` is None where a job has none; such rows come last, whichever way the order goes."""

    column: Column
    cell: Callable[[JobView, Look], Cell]
    value: Callable[[JobView, Look], Value | None]
    of_waiting: bool = False
    """Whether jobs that only wait have a value."""
    of_name: Callable[[str, JobState], Value] | None = None
    """The value by the name and the state alone, so that no view need be made."""


def _foreign(text: str, tone: Tone = Tone.DIM) -> Cell:
    return Cell(display.clean(text, max_len=TEXT_MAX), tone)


# ---- cells


def _name_cell(job: JobView, _look: Look) -> Cell:
    return _foreign(job.name, Tone.DIM if job.state is JobState.DONE else Tone.PLAIN)


def _state_cell(job: JobView, _look: Look) -> Cell:
    return Cell(f"{JOB_SIGNS[job.state]} {job.state.value.partition(' ')[0]}", JOB_TONES[job.state])


def _time_cell(job: JobView, look: Look) -> Cell:
    seconds = _seconds(job, look)
    has_ended = job.state in (JobState.DONE, JobState.FAILED)
    return Cell("" if seconds is None else display.duration(seconds), Tone.DIM if has_ended else Tone.PLAIN)


def _age_cell(job: JobView, look: Look) -> Cell:
    age_s = _age(job, look)
    return Cell("" if age_s is None else display.duration(age_s), Tone.DIM)


def _attempt_cell(job: JobView, _look: Look) -> Cell:
    return Cell(str(job.attempt) if job.attempt > 1 else "", Tone.WARN)


def _what_cell(job: JobView, look: Look) -> Cell:
    """Say what matters most of it: how far it is, why it failed and what it said last, or what it runs."""
    is_failed = job.state is JobState.FAILED
    parts = [job.reason, look.said.get(job.name, "")] if is_failed else [job.reason]
    if job.attempt > 1 and job.state is not JobState.WAITING:
        parts.insert(0, f"attempt {job.attempt}")
    if job.priority and job.state in (JobState.WAITING, JobState.HELD):
        parts.insert(0, f"priority {job.priority}")
    if job.state is JobState.RUNNING and (progress := look.progress.get(job.name)):
        parts.insert(0, bar(progress))
    return _foreign(" · ".join(filter(None, (*parts, job.command))), Tone.BAD if is_failed else Tone.DIM)


def bar(progress: Progress) -> str:
    """Return progress as a small bar, a figure and what the job says with it."""
    share = min(max(progress.share, 0.0), 1.0)
    full = round(share * _BAR_CELLS)
    words = f"{'▰' * full}{'▱' * (_BAR_CELLS - full)} {int(share * 100)}%"
    return f"{words} {progress.text}" if progress.text else words


# ---- values


def _seconds(job: JobView, look: Look) -> float | None:
    if job.seconds is not None:
        return job.seconds
    return look.now_s - job.since_s if job.state is JobState.RUNNING and job.since_s is not None else None


def _age(job: JobView, look: Look) -> float | None:
    return None if job.since_s is None else look.now_s - job.since_s


def short(worker: str) -> str:
    """Return a worker's id without its random tail."""
    return worker.rpartition("-")[0] or worker


_RANKED = (
    JobState.RUNNING, JobState.HANDED, JobState.FAILED, JobState.HELD, JobState.WAITING, JobState.DONE,
)  # fmt: skip
_RANKS = {state: rank for rank, state in enumerate(_RANKED)}
"""What moves comes first, then what wants somebody."""

ALL: tuple[JobColumn, ...] = (
    JobColumn(
        Column("job", min=14, flex=1, max=44, middle=True, sentence="its name, in the order in which people count"),
        _name_cell,
        lambda job, _look: natural_key(job.name),
        of_waiting=True,
        of_name=lambda name, _state: natural_key(name),
    ),
    JobColumn(
        Column("state", min=9, sentence="waiting, running, done, failed"),
        _state_cell,
        lambda job, _look: _RANKS[job.state],
        of_waiting=True,
        of_name=lambda _name, state: _RANKS[state],
    ),
    JobColumn(
        Column("worker", min=8, flex=1, max=12, drop=2, middle=True, sentence="who has it, or had it"),
        lambda job, _look: _foreign(short(job.worker)),
        lambda job, _look: natural_key(short(job.worker)) if job.worker else None,
    ),
    JobColumn(
        Column("time", min=7, drop=3, right=True, sentence="for how long it runs, or how long it took"),
        _time_cell,
        _seconds,
    ),
    JobColumn(
        Column("age", min=7, drop=5, right=True, sentence="for how long it has been in its state"), _age_cell, _age
    ),
    JobColumn(
        Column("try", min=3, drop=6, right=True, sentence="which attempt it is, from the second on"),
        _attempt_cell,
        lambda job, _look: job.attempt if job.attempt > 1 else None,
    ),
    JobColumn(
        Column("exit", min=4, drop=6, right=True, sentence="the exit status of its last run"),
        lambda job, _look: Cell("" if job.exit is None else str(job.exit), Tone.BAD if job.exit else Tone.DIM),
        lambda job, _look: job.exit,
    ),
    JobColumn(
        Column("prio", min=4, drop=4, right=True, sentence="its priority: higher goes first"),
        lambda job, _look: Cell(str(job.priority) if job.priority else "", Tone.PLAIN),
        lambda job, _look: job.priority,
        of_waiting=True,
    ),
    JobColumn(
        Column("tags", min=6, flex=1, drop=7, sentence="of the workers that may have it"),
        lambda job, _look: _foreign(" ".join(sorted(job.tags))),
        lambda job, _look: natural_key(" ".join(sorted(job.tags))) if job.tags else None,
        of_waiting=True,
    ),
    JobColumn(
        Column("what", min=8, flex=7, drop=1, sentence="how far it is, why it failed, its last words"),
        _what_cell,
        lambda job, _look: job.reason or job.command,
        of_waiting=True,
    ),
    JobColumn(
        Column("command", min=10, flex=5, drop=7, sentence="its executable"),
        lambda job, _look: _foreign(job.command),
        lambda job, _look: job.command,
        of_waiting=True,
    ),
    JobColumn(
        Column("logfile", min=10, flex=3, drop=8, middle=True, sentence="where its results go"),
        lambda job, _look: _foreign(job.logfile),
        lambda job, _look: natural_key(job.logfile) if job.logfile else None,
        of_waiting=True,
    ),
)

BY_NAME = {one.column.name: one for one in ALL}
USUAL = ("job", "state", "worker", "time", "what")
"""The columns that are shown where nobody has chosen others."""


def chosen(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names; the usual ones where none is known."""
    known = [BY_NAME[name].column for name in dict.fromkeys(names) if name in BY_NAME]
    return tuple(known or [BY_NAME[name].column for name in USUAL])


def cells(job: JobView, columns: Sequence[Column], look: Look) -> tuple[Cell, ...]:
    """Return what the columns show of a job."""
    return tuple(BY_NAME[column.name].cell(job, look) for column in columns)
