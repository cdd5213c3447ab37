"""The workers as the dispatcher knows them: who has come, whose heart beats, who takes no more."""

from collections import deque

from fjd.ledger.events import Events
from fjd.ledger.loads import Loads
from fjd.ledger.records import Crew
from fjd.settings import Timings
from fjd.snapshot import EventKind
from fjd.spool.announce import Announcement

LOST_MAX = 50


class Staff(Events):
    """All workers, by their ids."""

    def __init__(self, timings: Timings | None = None) -> None:
        super().__init__()
        self.timings = timings or Timings()
        self.workers: dict[str, Crew] = {}
        self.loads = Loads()
        self.suspects: dict[str, None] = {}
        """Who may be lost: dead, or silent for longer than the lease when last looked at."""
        self.lost: deque[Crew] = deque(maxlen=LOST_MAX)
        """The workers that were lost lately, oldest first; ``looked_s`` of each is when."""

    def worker_came(self, announcement: Announcement, *, is_local: bool, now_s: float) -> None:
        """A worker has announced itself."""
        crew = self.workers[announcement.id] = Crew(
            announcement,
            is_local,
            now_s,
            tags=frozenset(announcement.tags),
            came_s=now_s,
            beat_seen_s=now_s,
            looked_s=now_s,
        )
        self.loads.note(announcement.id, crew)
        self.suspects.pop(announcement.id, None)
        self.note(EventKind.WORKER_CAME, f"{announcement.id} came", worker=announcement.id)

    def worker_beat(self, worker: str, beat_ns: int, now_s: float) -> None:
        """Its announcement has this mtime; only a change counts, never the time it names (rule 5).

        ``now_s`` is from before the look. Where we have not looked for long (we were stopped, or the disk let nobody
        work) at most half a lease of that counts as the worker's silence, so that it has the time to be heard again.
        """
        crew = self.workers[worker]
        if crew.beat_ns != beat_ns:
            crew.beat_ns, crew.beat_seen_s = beat_ns, now_s
        else:
            crew.beat_seen_s += max(0.0, now_s - crew.looked_s - self.timings.lease_s / 2)
        crew.looked_s = now_s
        if now_s - crew.beat_seen_s > self.timings.lease_s:
            self.suspects[worker] = None
        else:
            self.suspects.pop(worker, None)

    def worker_died(self, worker: str) -> None:
        """Its process is gone."""
        self.workers[worker].is_dead = True
        self.suspects[worker] = None
        self.version += 1

    def worker_drains(self, worker: str) -> None:
        """It was told to take no more."""
        crew = self.workers[worker]
        if not crew.is_draining:
            crew.is_draining = True
            self.version += 1
