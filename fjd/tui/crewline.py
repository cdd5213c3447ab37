"""How the screen says what an elastic crew is about: in the frame of the workers, and at the top when it is paused."""

import time

from fjd import display, why
from fjd.snapshot import CrewView, Snapshot
from fjd.tui.pieces import Piece
from fjd.tui.tones import Tone

_REASON_MAX = 80


def line(snapshot: Snapshot) -> str:
    """Return ``crew 3 of 0..64 on slurm, 2 to come``, and why it is paused; nothing where there is no such crew."""
    crew = snapshot.crew
    if crew is None:
        return ""
    words = f"crew {len(snapshot.workers)} of {crew.size} on {crew.where}"
    words += f", {crew.coming} to come" if crew.coming else ""
    words += ", dry run" if crew.is_dry else ""
    return display.clean(f"{words} · {_paused(crew)}" if crew.paused else words)


def pieces(snapshot: Snapshot) -> list[Piece]:
    """Return that it is paused, when it is."""
    crew = snapshot.crew
    if crew is None or not crew.paused:
        return []
    return [((f"! crew {_paused(crew, reason=False)}", Tone.WARN),)]


def _paused(crew: CrewView, *, reason: bool = True) -> str:
    left = f"paused for {why.rounded(crew.until - time.time())}"
    return f"{left}: {display.clean(crew.paused, max_len=_REASON_MAX)}" if reason else left
