"""Who gets which job."""

import heapq
import math
from collections.abc import Iterator

from fjd.ledger import Demand, Ledger, Waiting
from fjd.policy.actions import Action, HandOut, PassOver
from fjd.policy.room import Room

_NEGLIGIBLE = 0.05
"""So much of the time of a worker may be spent on waiting for us."""


def depth(ledger: Ledger) -> int:
    """Return how many jobs a worker should hold: two round trips' worth of work, so that it never waits for us.

    A round trip is from the hand-out to the start being seen here, as measured. Where it is little beside what jobs
    take, it is 1, the running one, so that no short job lies behind a long one.
    """
    mean_s = ledger.mean_run_s
    if mean_s is None or ledger.round_trip_s <= _NEGLIGIBLE * mean_s:
        return 1
    wanted = math.ceil(2 * ledger.round_trip_s / max(mean_s, 1e-6))
    return min(wanted + 1, ledger.timings.depth_max)


def hand_out(ledger: Ledger, now_s: float, gone: set[str]) -> list[Action]:
    """Give each next job to whoever holds least, until all are as deep as they should be.

    Where a job finds nobody, those that demand the same would not either; jobs of other kinds go on, so that nobody who
    could work is idle behind it. One whose turn has come so for `reserve_s`, because no host has as many processors or
    as much memory free, has a host kept free for it: nothing of its own priority or a lower one goes there meanwhile.
    """
    if not ledger.queue.kinds:
        return []
    room = Room(ledger, now_s, gone, depth(ledger))
    if not room.workers:
        return []
    actions: list[Action] = list(_keep_free(ledger, room, now_s))
    turns = _Turns(ledger, gone)
    while room.workers and (job := turns.next()) is not None:
        worker = room.take(job)
        if worker is not None:
            actions.append(_hand(ledger, job, worker))
            continue
        turns.close(job)
        if job.demand.is_of_host and job.name not in ledger.queue.passed_over:
            actions.append(PassOver(job.name))
    return actions


def _keep_free(ledger: Ledger, room: Room, now_s: float) -> Iterator[PassOver]:
    """Keep hosts free for whoever has waited too long for one, the highest priority first, then who waits longest."""
    waited = [
        (-ledger.waiting[name].terms.priority, since_s, name)
        for name, since_s in ledger.queue.passed_over.items()
        if now_s - since_s > ledger.timings.reserve_s
    ]
    for _, _, name in sorted(waited):
        if not room.keep_free(ledger.waiting[name]):
            yield PassOver(name)


def _hand(ledger: Ledger, job: Waiting, worker: str) -> HandOut:
    return HandOut(job.name, worker, ledger.attempts.get(job.name, 0) + 1)


class _Turns:
    """Whose turn it is: of all kinds that are not closed, the next in the order of the queue."""

    def __init__(self, ledger: Ledger, gone: set[str]) -> None:
        self._ledger = ledger
        self._gone = gone
        kinds = ledger.queue.kinds
        self._names = {demand: iter(names) for demand, names in kinds.items()}
        self._heads: list[tuple[tuple[int, str, str], Waiting]] = []
        for demand in kinds:
            self._advance(demand)

    def next(self) -> Waiting | None:
        """Return the next job; None when there is none."""
        if not self._heads:
            return None
        _, job = heapq.heappop(self._heads)
        self._advance(job.demand)
        return job

    def close(self, job: Waiting) -> None:
        """Nobody can have this one, nor any of its kind."""
        self._names[job.demand] = iter(())
        self._heads = [head for head in self._heads if head[1].demand != job.demand]
        heapq.heapify(self._heads)

    def _advance(self, demand: Demand) -> None:
        for name in self._names[demand]:
            if name not in self._gone and name not in self._ledger.active:  # its name is in use (rule 13)
                job = self._ledger.waiting[name]
                heapq.heappush(self._heads, (job.key, job))
                return
