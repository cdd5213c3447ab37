"""Which worker may have which job, whatever there is room for: its tags, what its host has, the time it has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from fjd import why
from fjd.ledger import Crew, Demand, Ledger

_ENDLESS = float("inf")


class Lack(IntEnum):
    """What a worker does not have for a job, in the order in which it is looked at."""

    NOTHING = 0
    TIME = 1
    MEMORY = 2
    CPUS = 3
    TAGS = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """What a worker has for a job; many workers offer the same."""

    tags: frozenset[str]
    cpus: int
    memory_bytes: int
    left_s: float
    """How long it will be there."""

    def lack(self, demand: Demand, length_s: float) -> Lack:
        """Return the first thing that it does not have for a job that takes ``length_s``."""
        if not demand.tags <= self.tags:
            return Lack.TAGS
        if demand.cpus > self.cpus:
            return Lack.CPUS
        if demand.memory_bytes > self.memory_bytes:
            return Lack.MEMORY
        return Lack.NOTHING if length_s <= self.left_s else Lack.TIME


def offer(ledger: Ledger, crew: Crew, now_s: float) -> Offer:
    """Return what a worker has now. Of its time limit, what it needs to leave in order is none of the job's."""
    said = crew.announcement
    left_s = said.time_limit_s - (now_s - crew.came_s) - 2 * ledger.timings.grace_s if said.time_limit_s else _ENDLESS
    return Offer(crew.tags, said.cpus, said.memory_bytes, left_s)


def length_s(ledger: Ledger, demand: Demand) -> float:
    """Return how long a job may take: its timeout, or else what jobs take on average."""
    return demand.timeout_s if demand.timeout_s is not None else ledger.mean_run_s or 0.0


def misfit(demand: Demand, length_s: float, offers: Iterable[Offer]) -> str:
    """Return why none of those who are here may have such a job; nothing when one may, or nobody is here.

    It is what the one of them lacks that comes nearest.
    """
    lack = min((one.lack(demand, length_s) for one in offers), default=Lack.NOTHING)
    if lack is Lack.TAGS:
        return why.no_worker_has_tags(demand.tags)
    if lack is Lack.CPUS:
        return why.no_host_has_cpus(demand.cpus)
    if lack is Lack.MEMORY:
        return why.no_host_has_memory(demand.memory_bytes)
    return why.no_worker_has_time(length_s) if lack is Lack.TIME else ""
