"""What has happened, in sentences, and the number by which whoever draws sees that something is new."""

from collections import deque

from fjd.snapshot import Event, EventKind

EVENTS_MAX = 10_000


class Events:
    """The newest events, oldest first."""

    def __init__(self) -> None:
        self.version = 0
        self.events: deque[Event] = deque(maxlen=EVENTS_MAX)
        self.wall_s = 0.0
        """Wall clock of the present step."""

    def note(self, kind: EventKind, text: str, *, job: str = "", worker: str = "") -> None:
        """Add an event."""
        seq = self.events[-1].seq + 1 if self.events else 1
        self.events.append(Event(seq, self.wall_s, kind, text, job, worker))
        self.version += 1

    def events_since(self, seq: int) -> list[Event]:
        """Return the events after the one numbered ``seq``, oldest first."""
        new: list[Event] = []
        for event in reversed(self.events):
            if event.seq <= seq:
                break
            new.append(event)
        return new[::-1]
