"""What happened and what was done, and by whom, as far as this run of the program has seen it. Pure.

The dispatcher's events come from the snapshots, what its user did from the desk. What is of no weight (a job that was
done, a worker that came) is kept apart, so that a thousand of these a second do not push out the one failure.
"""

import heapq
import time
from collections import deque
from dataclasses import dataclass
from itertools import islice

from fjd import display
from fjd.snapshot import Event, EventKind, Snapshot
from fjd.tui.tones import Tone

YOU = "you"
_KEPT = 2000
_KEPT_QUIET = 500
_TEXT_MAX = 2000
QUIET = frozenset({EventKind.HANDED_OUT, EventKind.DONE, EventKind.WORKER_CAME, EventKind.WORKER_LEFT})
"""What is not worth a line of the screen when it happens."""
BAD = frozenset({EventKind.FAILED, EventKind.REJECTED, EventKind.WORKER_LOST, EventKind.TROUBLE})
_GOOD = frozenset({EventKind.DONE})


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing. The texts are clean."""

    number: int
    time_s: float
    """Wall clock, seconds since the epoch."""
    who: str
    text: str
    tone: Tone

    @property
    def clock(self) -> str:
        """The time of day."""
        return time.strftime("%H:%M:%S", time.localtime(self.time_s))

    def holds(self, wanted: str) -> bool:
        """Tell whether all words of ``wanted`` are in it, small letters finding great ones too."""
        told = f"{self.clock} {self.who} {self.text}".casefold()
        return all(word in told for word in wanted.casefold().split())


class Chronicle:
    """The last of these."""

    def __init__(self) -> None:
        self._loud: deque[Happening] = deque(maxlen=_KEPT)
        self._quiet: deque[Happening] = deque(maxlen=_KEPT_QUIET)
        self._seen = 0
        self._number = 0

    def __len__(self) -> int:
        return len(self._loud) + len(self._quiet)

    @property
    def latest(self) -> int:
        """A number that grows with everything that happens."""
        return self._number

    def take(self, snapshot: Snapshot) -> None:
        """Take in the events that are new."""
        fresh = []
        for event in reversed(snapshot.events):
            if event.seq <= self._seen:
                break
            fresh.append(event)
        for event in reversed(fresh):
            self._seen = event.seq
            kept = self._quiet if event.kind in QUIET else self._loud
            kept.append(self._made(event.time_s, _who(event, snapshot), event.text, tone_of(event.kind)))

    def did(self, text: str, tone: Tone, *, time_s: float) -> None:
        """Take in what its user did."""
        self._loud.append(self._made(time_s, YOU, text, tone))

    def newest_first(self, wanted: str = "") -> list[Happening]:
        """Return all that hold ``wanted``."""
        merged = heapq.merge(reversed(self._loud), reversed(self._quiet), key=lambda one: -one.number)
        return [one for one in islice(merged, _KEPT + _KEPT_QUIET) if not wanted or one.holds(wanted)]

    def _made(self, time_s: float, who: str, text: str, tone: Tone) -> Happening:
        self._number += 1
        return Happening(self._number, time_s, display.clean(who), display.clean(text, max_len=_TEXT_MAX), tone)


def tone_of(kind: EventKind) -> Tone:
    """Return the tone in which an event is told."""
    if kind in BAD:
        return Tone.BAD
    return Tone.GOOD if kind in _GOOD else Tone.PLAIN if kind in QUIET else Tone.WARN


def _who(event: Event, snapshot: Snapshot) -> str:
    if event.worker:
        return event.worker.rpartition("-")[0] or event.worker
    return f"dispatcher {snapshot.holder}" if snapshot.holder else "dispatcher"
