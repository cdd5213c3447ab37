"""Workers by how much they hold: a plan walks over those whom it may concern, and not over ten thousand who work."""

from collections.abc import Iterator

from fjd.ledger.records import Crew


class Loads:
    """Told of each change of what a worker holds."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        """Who runs something."""
        self.laden: dict[str, None] = {}
        """Who has something in the pod beside what runs, which could be somebody else's."""
        self._by_load: dict[int, dict[str, None]] = {}
        self._loads: dict[str, int] = {}

    def note(self, worker: str, crew: Crew) -> None:
        """What it holds may have changed."""
        load, before = crew.load, self._loads.get(worker)
        if load != before:
            self._leave(worker, before)
            self._loads[worker] = load
            self._by_load.setdefault(load, {})[worker] = None
        (self.busy.add if crew.running else self.busy.discard)(worker)
        if crew.running and crew.pod:
            self.laden[worker] = None
        else:
            self.laden.pop(worker, None)

    def forget(self, worker: str) -> None:
        """It is gone."""
        self._leave(worker, self._loads.pop(worker, None))
        self.busy.discard(worker)
        self.laden.pop(worker, None)

    def _leave(self, worker: str, load: int | None) -> None:
        if load is not None:
            alike = self._by_load[load]
            del alike[worker]
            if not alike:
                del self._by_load[load]

    def below(self, depth: int) -> Iterator[tuple[str, int]]:
        """Yield who holds less than so many jobs, with how many, those that hold least first."""
        for load in sorted(load for load in self._by_load if load < depth):
            for worker in self._by_load[load]:
                yield worker, load
