"""The progress line of the headless dispatcher, for a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn
from rich.text import Text

from fjd import display
from fjd.snapshot import Mode, Snapshot

_SIGNS = {
    Mode.PAUSED: "paused  ",
    Mode.HALTED: "halted  ",
    Mode.WATCHING: "watching  ",
    Mode.TROUBLED: "in trouble  ",
    Mode.STARTING: "starting  ",
}


class ProgressLine:
    """One line at the bottom of the terminal; what is printed meanwhile scrolls above it."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            _Words(),
            console=console or Console(highlight=False, markup=False),
            refresh_per_second=5,
        )
        self._task = self._progress.add_task("", total=None, words=Text("starting"))
        self._version = -1

    def __enter__(self) -> "ProgressLine":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def draw(self, snapshot: Snapshot) -> None:
        """Show this snapshot; one that is shown already costs nothing."""
        if snapshot.version == self._version:
            return
        self._version = snapshot.version
        counts = snapshot.counts
        ended = counts.total - counts.unfinished
        self._progress.update(self._task, total=counts.total or None, completed=ended, words=Text(words(snapshot)))


def words(snapshot: Snapshot) -> str:
    """Return the line's text: ``6,120 done  14 failed  4 running  3,852 waiting  24.1 jobs/s  eta 2m 40s``."""
    counts = snapshot.counts
    parts = [
        f"{display.count(counts.done)} done",
        f"{display.count(counts.failed)} failed",
        f"{display.count(counts.running)} running",
        f"{display.count(counts.waiting + counts.handed)} waiting",
    ]
    if snapshot.rate_per_s:
        parts.append(f"{snapshot.rate_per_s:.1f} jobs/s")
    if snapshot.eta_s:
        parts.append(f"eta {display.eta(snapshot.eta_s)}")
    if not snapshot.workers and counts.unfinished:
        parts.append("no workers (recruiter.py hire N)")
    return _SIGNS.get(snapshot.mode, "") + "  ".join(parts)


class _Words(ProgressColumn):
    """The text beside the bar."""

    def render(self, task: Task) -> Text:
        text: Text = task.fields["words"]
        return text
