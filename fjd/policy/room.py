"""The room that workers have left in one plan: what is placed counts at once."""

import heapq
from collections.abc import Collection

from fjd.ledger import Crew, Demand, Ledger, Waiting
from fjd.policy import fit
from fjd.policy.fit import Lack
from fjd.policy.hosts import Host, Hosts, Key

_PATIENCE = 4.0
"""Times the mean: of jobs with lengths as in a Poisson process one in fifty takes longer."""
_PATIENCE_S = 1.0


class Room:
    """Who can take how much. Jobs of a kind come in the order of their priority: who cannot take one takes none after.

    ``depth`` is how many jobs a worker should hold; ``gone`` are those that are not asked.
    """

    def __init__(self, ledger: Ledger, now_s: float, gone: set[str], depth: int) -> None:
        self._ledger = ledger
        self._now_s = now_s
        self._depth = depth
        self._tops: dict[str, int] = {}
        """The highest priority in each pod that is not empty, as far as it was looked at."""
        self._loads = {
            worker: load
            for worker, load in ledger.loads.below(depth)
            if worker not in gone
            and takes(crew := ledger.workers[worker])
            and not (crew.is_local and is_overloaded(ledger))
            and not (load and is_overlong(ledger, crew, now_s))
        }
        self._lines: dict[Demand, list[tuple[int, int, str]]] = {}
        """For each kind of job the workers that may have it, the one that holds least and has fewest tags first."""
        self._kept: dict[Key, Waiting] = {}
        """Hosts that are kept free, and for which job."""
        self._hosts: Hosts | None = None

    @property
    def workers(self) -> Collection[str]:
        """Who can take anything."""
        return self._loads.keys()

    @property
    def hosts(self) -> Hosts:
        """What the hosts have left; counted only where somebody asks."""
        if self._hosts is None:
            self._hosts = Hosts(self._ledger, self._now_s)
        return self._hosts

    def take(self, job: Waiting) -> str | None:
        """Return the worker that is to have ``job``, the one that holds least; None when nobody can have it."""
        line = self._line(job.demand)
        while line:
            load, tags, worker = line[0]
            now = self._loads.get(worker)
            if now is None:
                heapq.heappop(line)
            elif now != load:
                heapq.heapreplace(line, (now, tags, worker))
            elif self._may_join(job, worker):
                self._place(job, worker)
                return worker
            else:
                heapq.heappop(line)
        return None

    def _line(self, demand: Demand) -> list[tuple[int, int, str]]:
        line = self._lines.get(demand)
        if line is None:
            length_s = fit.length_s(self._ledger, demand)
            line = self._lines[demand] = []
            for worker, load in self._loads.items():
                crew = self._ledger.workers[worker]
                if may_have(self._ledger, crew, demand, length_s, self._now_s):
                    line.append((load, len(crew.announcement.tags), worker))
            heapq.heapify(line)
        return line

    def _place(self, job: Waiting, worker: str) -> None:
        self._loads[worker] += 1
        if self._loads[worker] >= self._depth:
            del self._loads[worker]
        self._tops[worker] = max(self._tops.get(worker, job.terms.priority), job.terms.priority)
        if self._hosts is not None:
            self._hosts.place(job.demand, worker, self._ledger.workers[worker])

    def _may_join(self, job: Waiting, worker: str) -> bool:
        crew = self._ledger.workers[worker]
        return (
            self._is_first_there(job, worker)
            and (not job.demand.is_of_host or self.hosts.has_room(job.demand, worker, crew))
            and (not self._kept or self._is_let_in(job, crew))
        )

    def _is_first_there(self, job: Waiting, worker: str) -> bool:
        """Tell whether nothing in the pod should go before it: a worker takes what it holds by names alone."""
        if not self._ledger.queue.has_priorities:
            return True
        if worker not in self._tops and (pod := self._ledger.workers[worker].pod):
            self._tops[worker] = max(self._priority(name) for name in pod)
        return job.terms.priority >= self._tops.get(worker, job.terms.priority)

    def _priority(self, name: str) -> int:
        active = self._ledger.active.get(name)
        return active.terms.priority if active and active.terms else 0

    def claim(self, demand: Demand, worker: str) -> bool:
        """Take what a job that is placed already demands of the host of ``worker``; False if that is too much."""
        crew = self._ledger.workers[worker]
        if not demand.is_of_host:
            return True
        has_room = self.hosts.has_room(demand, worker, crew)
        if has_room:
            self.hosts.place(demand, worker, crew)
        return has_room

    # ---- hosts that are kept free

    def _is_let_in(self, job: Waiting, crew: Crew) -> bool:
        kept_for = self._kept.get(crew.host)
        return kept_for is None or kept_for is job or job.terms.priority > kept_for.terms.priority

    def keep_free(self, job: Waiting) -> bool:
        """Keep for ``job`` the host that has most of what it asks for free; False when no host can be.

        One where none of our jobs is and that has no room all the same is of no use: others than fjd have it.
        """
        candidates = [
            (_free(self.hosts.of(crew), job.demand), crew.host)
            for worker, crew in self._ledger.workers.items()
            if crew.host not in self._kept and takes(crew) and self._may_come_to_have(job, worker, crew)
        ]
        if candidates:
            self._kept[max(candidates)[1]] = job
        return bool(candidates)

    def _may_come_to_have(self, job: Waiting, worker: str, crew: Crew) -> bool:
        length_s = fit.length_s(self._ledger, job.demand)
        return may_have(self._ledger, crew, job.demand, length_s, self._now_s) and (
            self.hosts.of(crew).is_busy or self.hosts.has_room(job.demand, worker, crew)
        )


def _free(host: Host, demand: Demand) -> int:
    return host.cpus - host.used_cpus if demand.cpus else host.memory_bytes - host.used_bytes


def takes(crew: Crew) -> bool:
    """Tell whether it may be given jobs."""
    return not (crew.is_dead or crew.is_draining)


def is_overlong(ledger: Ledger, crew: Crew, now_s: float) -> bool:
    """Tell whether what a worker runs takes so long that nobody knows when it comes to anything else."""
    if not crew.running or ledger.mean_run_s is None:
        return False
    return now_s - crew.since_s > max(_PATIENCE_S, _PATIENCE * ledger.mean_run_s + 2 * ledger.round_trip_s)


def is_overloaded(ledger: Ledger) -> bool:
    """Tell whether nothing more is to be handed to the workers of this host."""
    return ledger.rules.load_limit is not None and ledger.load >= ledger.rules.load_limit


def may_have(ledger: Ledger, crew: Crew, demand: Demand, length_s: float, now_s: float) -> bool:
    """Tell whether a worker is one for such a job, whatever it holds at the moment."""
    if not (demand.tags or demand.is_of_host or crew.announcement.time_limit_s):
        return True  # as most are
    return fit.offer(ledger, crew, now_s).lack(demand, length_s) is Lack.NOTHING
