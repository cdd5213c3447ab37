"""The two lines at the top: which spool, who dispatches, how many of what, how far, how fast, how long still."""

import os
from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from fjd import display
from fjd.snapshot import Mode, Snapshot
from fjd.tui import crewline
from fjd.tui.grounded import Grounded
from fjd.tui.pieces import Piece
from fjd.tui.sights import Sights
from fjd.tui.tones import MODE_SIGNS, MODE_TONES, TONES, Tone
from fjd.usage import Room

_BARS = "▁▂▃▄▅▆▇█"
_SPARK_CELLS = 20
_PIECE_GAP = 3
_WIDE = 100
_TROUBLE_MAX = 80


class Header(Grounded):
    """Draws the newest snapshot in two lines."""

    COMPONENT_CLASSES = {*(tone.component for tone in TONES), "header--bar", "header--rest"}  # noqa: RUF012
    DEFAULT_CSS = "Header { height: 2; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._snapshot = Snapshot()
        self._sights = Sights()
        self.read_only = False
        """Whether to say that nothing can be changed here."""

    def show(self, snapshot: Snapshot, sights: Sights) -> None:
        """Draw these from now on."""
        self._snapshot = snapshot
        self._sights = sights
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one of the two lines."""
        width = self.size.width
        text = self._first(width) if y == 0 else self._second(width)
        strip = Strip(text.render(self.app.console)).apply_style(self.rich_style)
        return strip.adjust_cell_length(width, self.rich_style)

    def _first(self, width: int) -> Text:
        right = [*crewline.pieces(self._snapshot), *room_pieces(self._sights.room), *counts_pieces(self._snapshot)]
        mode = mode_piece(self._snapshot)
        if self.read_only:
            mode = (("read only", Tone.WARN), ("  ", Tone.PLAIN), *mode)
        taken = _length((mode, *right)) + _PIECE_GAP * len(right) + 8
        path = spool_path(self._snapshot.spool, max(8, width - taken))
        left: Piece = ((" fjd ", Tone.STRONG), (f" {path}", Tone.PLAIN))
        if width < _WIDE:
            return self._spread([left, mode], right, width)
        return self._spread([left], [mode, *right], width)

    def _second(self, width: int) -> Text:
        pieces = pace_pieces(self._snapshot, _SPARK_CELLS if width >= _WIDE else _SPARK_CELLS // 2)
        right = self._joined(pieces)
        room = width - cell_len(right.plain) - 3
        counts = self._snapshot.counts
        share = (counts.done + counts.failed) / counts.total if counts.total else 0.0
        full = round(share * max(0, room))
        text = Text(" ")
        text.append("━" * full, self._style("header--bar"))
        text.append("━" * (room - full), self._style("header--rest"))
        return text.append(" ").append_text(right)

    def _spread(self, start: Sequence[Piece], rest: Sequence[Piece], width: int) -> Text:
        left, right = self._joined(start), list(rest)
        while right and cell_len(left.plain) + _length(right) + _PIECE_GAP * len(right) > width:
            del right[-1]
        end = self._joined(right)
        blanks = max(1, width - cell_len(left.plain) - cell_len(end.plain) - 1)
        return left.append(" " * blanks).append_text(end)

    def _joined(self, pieces: Sequence[Piece]) -> Text:
        text = Text(no_wrap=True)
        for number, piece in enumerate(pieces):
            text.append(" " * _PIECE_GAP if number else "")
            for words, tone in piece:
                text.append(words, self._style(tone.component))
        return text

    def _style(self, component: str) -> Style:
        return self.get_component_rich_style(component, partial=True)


def _length(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(words) for piece in pieces for words, _ in piece)


def mode_piece(snapshot: Snapshot) -> Piece:
    """Return who dispatches, in a sign and words."""
    words = snapshot.mode.value
    if snapshot.mode is Mode.WATCHING and snapshot.holder:
        words = f"watching; {display.clean(snapshot.holder, max_len=40)} dispatches"
    elif snapshot.mode is Mode.WATCHING:
        words = "watching; nobody dispatches"
    elif snapshot.trouble:
        words = f"in trouble: {display.clean(snapshot.trouble, max_len=_TROUBLE_MAX)}"
    elif snapshot.mode is Mode.HALTED:
        words = display.clean(snapshot.halted, max_len=_TROUBLE_MAX)
    return ((f"{MODE_SIGNS[snapshot.mode]} {words}", MODE_TONES[snapshot.mode]),)


def counts_pieces(snapshot: Snapshot) -> list[Piece]:
    """Return how many jobs are done, failed, waiting, running."""
    counts = snapshot.counts
    shown = (
        (counts.done, "done", Tone.GOOD),
        (counts.failed, "failed", Tone.BAD),
        (counts.waiting + counts.handed, "waiting", Tone.PLAIN),
        (counts.running, "running", Tone.ACTIVE),
    )
    return [
        ((display.count(number), tone if number else Tone.DIM), (f" {word}", Tone.DIM)) for number, word, tone in shown
    ]


def pace_pieces(snapshot: Snapshot, cells: int) -> list[Piece]:
    """Return how far it is, how fast it goes, and how long it will take, as far as these can be said."""
    counts = snapshot.counts
    pieces: list[Piece] = []
    if counts.total:
        share = (counts.done + counts.failed) / counts.total
        pieces.append(((f"{int(share * 100):3d}%", Tone.STRONG),))
    if any(snapshot.rate_history) or snapshot.rate_per_s:
        pieces.append(((f"{snapshot.rate_per_s:.1f} jobs/s", Tone.PLAIN),))
        pieces.append(((sparkline(snapshot.rate_history, cells), Tone.ACTIVE),))
    if eta := _eta(snapshot):
        pieces.append((("eta ", Tone.DIM), (eta, Tone.STRONG)))
    return pieces


def _eta(snapshot: Snapshot) -> str:
    """Return how long it will take: a range where the speed varies, nothing where nobody can tell."""
    if not snapshot.counts.unfinished or snapshot.mode is Mode.PAUSED:
        return ""
    if snapshot.eta_range_s is not None:
        return display.eta_range(*snapshot.eta_range_s)
    return "" if snapshot.eta_s is None else display.eta(snapshot.eta_s)


def room_pieces(room: Room | None) -> list[Piece]:
    """Return how much room the disk has, when that is little."""
    if room is None or not room.is_short:
        return []
    return [((f"! {display.size(room.free)} left on the disk", Tone.BAD),)]


def sparkline(history: Sequence[float], cells: int) -> str:
    """Return the last ``cells`` figures as bars; what is not zero is never shown as nothing."""
    last = [0.0] * (cells - len(history)) + list(history[-cells:])
    top = max(last, default=0.0) or 1.0
    return "".join(" " if figure <= 0 else _BARS[min(7, int(figure / top * 7.999))] for figure in last)


def spool_path(path: str, room: int) -> str:
    """Return the path as people write it, its beginning cut where room is short."""
    home = os.path.expanduser("~")
    if path == home or path.startswith(home + "/"):
        path = "~" + path[len(home) :]
    shown = display.clean(path)
    return shown if cell_len(shown) <= room else "…" + shown[-(room - 1) :]
