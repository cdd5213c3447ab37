"""Taking back from pods that have too much, for those who have nothing, and from behind what runs for too long."""

import heapq
from collections.abc import Iterator

from fjd.jobfile import NO_TERMS
from fjd.ledger import Active, Crew, Ledger, demand_of
from fjd.order import natural_key
from fjd.policy import fit
from fjd.policy.actions import Recall, TakeBack
from fjd.policy.room import Room, is_overlong, may_have


def take_back(ledger: Ledger, now_s: float, gone: set[str]) -> Iterator[TakeBack]:
    """When nothing waits and somebody is idle, the deepest pods share: a worker claims by rename before it runs.

    A pod is left alone while its worker will come to that job within a round trip anyway.
    """
    if next(ledger.loads.below(1), None) is None:
        return
    crews = [(worker, ledger.workers[worker]) for worker in ledger.loads.laden if worker not in gone]
    donors = [(-len(crew.pod), worker) for worker, crew in crews if _is_stuck(ledger, crew, now_s)]
    if not donors:
        return
    room = Room(ledger, now_s, gone, 1)
    idle: dict[frozenset[str], list[str]] = {}
    for worker in room.workers:
        idle.setdefault(ledger.workers[worker].tags, []).append(worker)
    if not idle:
        return
    heapq.heapify(donors)
    left = {worker: sorted(ledger.workers[worker].pod, key=natural_key) for _, worker in donors}
    while donors and idle:
        size, source = donors[0]
        target = _target(ledger, room, ledger.active.get(left[source][-1]), idle, now_s)
        if target is None:  # nobody who is idle may have it
            heapq.heappop(donors)
            continue
        yield TakeBack(left[source].pop(), source, target)
        if size == -1:
            heapq.heappop(donors)
        else:
            heapq.heapreplace(donors, (size + 1, source))


def called_back(ledger: Ledger, now_s: float, gone: set[str]) -> Iterator[Recall]:
    """While others are handed out, nothing waits in a pod behind a job that runs for much longer than most."""
    for worker in ledger.loads.laden:
        crew = ledger.workers[worker]
        if worker not in gone and is_overlong(ledger, crew, now_s):
            yield from (Recall(name, worker) for name in sorted(crew.pod, key=natural_key))


def _target(
    ledger: Ledger, room: Room, job: Active | None, idle: dict[frozenset[str], list[str]], now_s: float
) -> str | None:
    """Take from the idle the one that is to have the job, of those with the same tags the first."""
    if job is None:
        return None
    demand = demand_of(job.terms or NO_TERMS)
    length_s = fit.length_s(ledger, demand)
    for tags in sorted(idle, key=len):
        worker = idle[tags][0]
        if may_have(ledger, ledger.workers[worker], demand, length_s, now_s) and room.claim(demand, worker):
            del idle[tags][0]
            if not idle[tags]:
                del idle[tags]
            return worker
    return None


def _is_stuck(ledger: Ledger, crew: Crew, now_s: float) -> bool:
    """Tell whether jobs in this pod wait longer than a round trip; the dead and the draining give theirs back."""
    return now_s - crew.since_s > 2 * ledger.round_trip_s
