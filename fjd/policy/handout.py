"""Who gets which job: handing out, and taking back from pods that have too much."""

import heapq
import math
from collections.abc import Iterator

from fjd.ledger import Crew, Ledger, Waiting
from fjd.order import natural_key
from fjd.policy.actions import Action, HandOut, TakeBack
from fjd.policy.room import Room, takes


def depth(ledger: Ledger) -> int:
    """Return how many jobs a worker should hold: two round trips' worth of work, so that it never waits for us.

    A round trip is from the hand-out to the start being seen here, as measured. With jobs of a second and more it is 1,
    the running one, so that no short job lies behind a long one.
    """
    mean_s = ledger.mean_run_s
    if mean_s is None or mean_s >= 1.0:
        return 1
    wanted = math.ceil(2 * ledger.round_trip_s / max(mean_s, 1e-6))
    return max(1, min(wanted + 1 if wanted > 1 else wanted, ledger.timings.depth_max))


def hand_out(ledger: Ledger, gone: set[str]) -> list[Action]:
    """Give each next job to whoever holds least, until all are as deep as they should be."""
    room = Room(ledger, gone, depth(ledger))
    actions: list[Action] = []
    for job in ledger.ready():
        if job.name in gone:
            continue
        worker = room.take(job)
        if worker is None:
            break
        actions.append(_hand(ledger, job, worker))
    return actions


def _hand(ledger: Ledger, job: Waiting, worker: str) -> HandOut:
    return HandOut(job.name, worker, ledger.attempts.get(job.name, 0) + 1)


def take_back(ledger: Ledger, now_s: float, gone: set[str]) -> Iterator[TakeBack]:
    """When nothing waits and somebody is idle, the deepest pods share: a worker claims by rename before it runs.

    A pod is left alone while its worker will come to that job within a round trip anyway.
    """
    crews = [(worker, crew) for worker, crew in ledger.workers.items() if worker not in gone]
    idle = [worker for worker, crew in crews if takes(crew) and crew.load == 0]
    if not idle:
        return
    donors = [(-len(crew.pod), worker) for worker, crew in crews if _is_stuck(ledger, crew, now_s)]
    heapq.heapify(donors)
    left = {worker: sorted(ledger.workers[worker].pod, key=natural_key) for _, worker in donors}
    for target in idle:
        if not donors:
            return
        size, source = donors[0]
        yield TakeBack(left[source].pop(), source, target)
        if size == -1:
            heapq.heappop(donors)
        else:
            heapq.heapreplace(donors, (size + 1, source))


def _is_stuck(ledger: Ledger, crew: Crew, now_s: float) -> bool:
    """Tell whether jobs in this pod wait longer than a round trip; the dead and the draining give theirs back."""
    return bool(crew.pod and crew.running) and now_s - crew.since_s > 2 * ledger.round_trip_s
