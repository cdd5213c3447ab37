"""Calls its user, who looks at another window, when jobs fail and when all have ended. Pure, but for `call`.

The ways are those of terminals: the bell (ECMA-48, BEL), OSC 9 (iTerm2's manual, "Proprietary Escape Codes") and OSC
777 (urxvt's extension *notify*). tmux and screen hand on the bell as it is; the others only when
they are wrapped for them.
"""

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fjd import display
from fjd.quantity import counted
from fjd.snapshot import Counts, Mode, Snapshot
from fjd.tui.taste import Signal, Taste

if TYPE_CHECKING:
    from textual.app import App

_PAUSE_S = 10.0
"""Failures are told no more often than this."""
_TEXT_MAX = 200


class Herald:
    """Looks at each snapshot for what is to be told."""

    def __init__(self, taste: Taste, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._taste = taste
        self._clock = clock
        self._before: Counts | None = None
        self._failures = 0
        self._told_s = float("-inf")

    def news(self, snapshot: Snapshot) -> str:
        """Return what is to be told now; nothing when nothing is."""
        if snapshot.mode is Mode.STARTING:  # what was there before is no news
            return ""
        before, counts = self._before or snapshot.counts, snapshot.counts
        self._before = counts
        self._failures += max(0, counts.failed - before.failed) if self._taste.for_failures else 0
        if self._taste.for_the_end and before.unfinished and not counts.unfinished:
            self._failures = 0
            return f"All jobs have ended: {counts.done:,} done, {counts.failed:,} failed"
        if self._failures and self._clock() - self._told_s >= _PAUSE_S:
            self._told_s = self._clock()
            told, self._failures = counted(self._failures, "job"), 0
            return f"{told} failed; {counts.unfinished:,} to go"
        return ""


def call(app: "App[None]", signal: Signal, text: str) -> None:
    """Tell it the way its user wants."""
    if app._driver is not None and signal is not Signal.NONE:
        app._driver.write(sequence(signal, text, os.environ))


def sequence(signal: Signal, text: str, environ: Mapping[str, str]) -> str:
    """Return what makes the terminal tell ``text``."""
    text = display.clean(text, max_len=_TEXT_MAX).replace(";", ",")  # which would end it in OSC 777
    if signal is Signal.BELL:
        return "\x07"
    plain = f"\x1b]9;{text}\x07" if signal is Signal.OSC9 else f"\x1b]777;notify;fjd;{text}\x07"
    if environ.get("TMUX"):
        return "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return f"\x1bP{plain}\x1b\\" if environ.get("STY") else plain
