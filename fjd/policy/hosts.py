"""What is left of the processors and the memory of each host, by what the jobs of fjd there ask for.

A worker runs one job at a time, so that it takes as much as the one of its jobs that asks for most; one that asks for
nothing takes a processor. What other programs use is known of this host alone, and there only of its memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fjd.ledger import Crew, Demand, Ledger

Key = tuple[str, str]

_SETTLE_S = 10.0
"""So long after its begin a job has perhaps not yet taken the memory that it asks for."""


@dataclass(slots=True)
class Host:
    """One of them."""

    cpus: int = 0
    memory_bytes: int = 0
    used_cpus: int = 0
    used_bytes: int = 0
    available_bytes: float = float("inf")
    """How much its system has left, less what was promised and is not taken yet."""
    is_busy: bool = False
    """Whether any job of ours is there."""

    def has(self, cpus: int, memory_bytes: int) -> bool:
        """Tell whether so much more is free."""
        return (
            (not cpus or self.used_cpus + cpus <= self.cpus)
            and (not memory_bytes or self.used_bytes + memory_bytes <= self.memory_bytes)
            and (not memory_bytes or memory_bytes <= self.available_bytes)
        )

    def take(self, cpus: int, memory_bytes: int) -> None:
        """Take so much of it."""
        self.used_cpus += cpus
        self.used_bytes += memory_bytes
        self.available_bytes -= memory_bytes


class Hosts:
    """All of them, as one plan sees them: what it places counts at once."""

    def __init__(self, ledger: Ledger, now_s: float) -> None:
        self._ledger = ledger
        self._now_s = now_s
        self._by_key: dict[Key, Host] = {}
        self._shares: dict[str, tuple[int, int]] = {}
        """By worker, how much of its host its jobs take."""
        held = self._held()
        for worker, crew in ledger.workers.items():
            self._count(worker, crew, held.get(worker, ()))

    def _held(self) -> dict[str, list[tuple[int, int, bool]]]:
        """Return, by worker, what each of its jobs asks for, and whether that is promised rather than taken."""
        held: dict[str, list[tuple[int, int, bool]]] = {}
        for active in self._ledger.active.values():
            cpus, memory = (active.terms.cpus, active.terms.memory_bytes) if active.terms else (0, 0)
            is_promised = not active.is_running or self._now_s - active.since_s < _SETTLE_S
            held.setdefault(active.worker, []).append((cpus, memory, is_promised))
        return held

    def _count(self, worker: str, crew: Crew, jobs: Iterable[tuple[int, int, bool]]) -> None:
        host = self._by_key.get(crew.host)
        if host is None:
            host = self._by_key[crew.host] = Host()
            if crew.is_local and self._ledger.available_bytes is not None:
                host.available_bytes = self._ledger.available_bytes
        host.cpus = max(host.cpus, crew.announcement.cpus)
        host.memory_bytes = max(host.memory_bytes, crew.announcement.memory_bytes)
        cpus = memory = promised = 0
        for job_cpus, job_memory, is_promised in jobs:
            cpus, memory = max(cpus, job_cpus or 1), max(memory, job_memory)
            promised = max(promised, job_memory if is_promised else 0)
            host.is_busy = True
        self._shares[worker] = cpus, memory
        host.used_cpus += cpus
        host.used_bytes += memory
        host.available_bytes -= promised

    def of(self, crew: Crew) -> Host:
        """Return the host of a worker."""
        return self._by_key[crew.host]

    def has_room(self, demand: Demand, worker: str, crew: Crew) -> bool:
        """Tell whether the host of ``worker`` has what a job demands beside what that worker has already."""
        return not demand.is_of_host or self.of(crew).has(*self._more(demand, worker))

    def place(self, demand: Demand, worker: str, crew: Crew) -> None:
        """A job that demands so much goes to ``worker``."""
        cpus, memory = self._more(demand, worker)
        self.of(crew).take(cpus, memory)
        self.of(crew).is_busy = True
        before = self._shares[worker]
        self._shares[worker] = before[0] + cpus, before[1] + memory

    def _more(self, demand: Demand, worker: str) -> tuple[int, int]:
        cpus, memory = self._shares[worker]
        return max(0, (demand.cpus or 1) - cpus), max(0, demand.memory_bytes - memory)
