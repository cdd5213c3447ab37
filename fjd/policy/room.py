"""The room that workers have left in one plan: what is placed counts at once."""

import heapq

from fjd.ledger import Crew, Ledger, Waiting


class Room:
    """Who can take how much. Jobs come in the order of their priority: who cannot take one takes none after it."""

    def __init__(self, ledger: Ledger, gone: set[str], depth: int) -> None:
        self._ledger = ledger
        self._depth = depth
        self._tops: dict[str, int] = {}
        """The highest priority in each pod that is not empty, as far as it was looked at."""
        workers = ledger.workers.items()
        self._heap = [(crew.load, worker) for worker, crew in workers if takes(crew) and worker not in gone]
        heapq.heapify(self._heap)

    def take(self, job: Waiting) -> str | None:
        """Return the worker that is to have ``job``, the one that holds least; None when nobody can have it."""
        while self._heap:
            load, worker = self._heap[0]
            if load >= self._depth:
                return None
            if self._may_join(job, worker):
                heapq.heapreplace(self._heap, (load + 1, worker))
                self._tops[worker] = max(self._tops.get(worker, job.terms.priority), job.terms.priority)
                return worker
            heapq.heappop(self._heap)
        return None

    def _may_join(self, job: Waiting, worker: str) -> bool:
        """Tell whether nothing in the pod should go before it: a worker takes what it holds by names alone."""
        if not self._ledger.queue.has_priorities:
            return True
        if worker not in self._tops and (pod := self._ledger.workers[worker].pod):
            self._tops[worker] = max(self._priority(name) for name in pod)
        return job.terms.priority >= self._tops.get(worker, job.terms.priority)

    def _priority(self, name: str) -> int:
        active = self._ledger.active.get(name)
        return active.terms.priority if active and active.terms else 0


def takes(crew: Crew) -> bool:
    """Tell whether it may be given jobs."""
    return not (crew.is_dead or crew.is_draining)
