"""What the jobs of this host's workers use at the moment: time of the processor, and memory; and the room on the disk.

A job is everything that descends from its worker's process. What has left that tree (a double fork) is not counted, and
what ran and ended between two looks is not either: these are figures for a person who watches.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fjd.spool import fsio

if TYPE_CHECKING:
    import psutil

_LITTLE, _ENOUGH = 1 << 30, 20 << 30


@dataclass(frozen=True, slots=True)
class Use:
    """What one job uses. ``cpu`` is 1.0 for one core that is busy all the time; None until it was looked at twice."""

    cpu: float | None
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class Room:
    """The room on a disk, in bytes, for who is not root."""

    free: int
    total: int

    @property
    def is_short(self) -> bool:
        """Whether it should be said: less than a fiftieth is left, or than a gigabyte; never where there are twenty."""
        return self.free < min(max(_LITTLE, self.total // 50), _ENOUGH)


def room(path: str) -> Room:
    """Return the room on the disk of ``path``; raise `DiskError` when it is not to be had."""
    return Room(*fsio.room(path))


class Meter:
    """Looks at processes. One thread uses it; the cost is one look at the list of all processes of the host."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_s: float | None = None
        self._spent: dict[tuple[int, float], float] = {}

    def look(self, workers: Mapping[str, int]) -> dict[str, Use]:
        """Return what each worker's job uses, by worker; ``workers`` gives their pids. Who runs nothing is absent."""
        now_s, spent = self._clock(), dict[tuple[int, float], float]()
        passed_s = None if self._looked_s is None else max(1e-3, now_s - self._looked_s)
        trees = _trees(workers)
        found = {worker: self._use(trees[worker], spent, passed_s) for worker in workers if trees.get(worker)}
        self._spent, self._looked_s = spent, now_s
        return found

    def _use(
        self, processes: "list[psutil.Process]", spent: dict[tuple[int, float], float], passed_s: float | None
    ) -> Use:
        rss_bytes, new_s = 0, 0.0
        for process in processes:
            seen = _figures(process)
            if seen is None:
                continue
            key, cpu_s, rss = seen
            spent[key] = cpu_s
            rss_bytes += rss
            new_s += cpu_s - self._spent.get(key, cpu_s if passed_s is None else 0.0)
        return Use(None if passed_s is None else new_s / passed_s, rss_bytes)


def _figures(process: "psutil.Process") -> tuple[tuple[int, float], float, int] | None:
    """Return who the process is, its seconds of the processor so far, and its memory; None when it is gone."""
    import psutil

    try:
        with process.oneshot():
            times = process.cpu_times()
            return (process.pid, process.create_time()), times.user + times.system, process.memory_info().rss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _trees(workers: Mapping[str, int]) -> "dict[str, list[psutil.Process]]":
    """Return the processes that descend from each worker's, its own not among them."""
    import psutil

    children: dict[int, list[psutil.Process]] = {}
    for process in psutil.process_iter(["ppid"]):
        children.setdefault(process.info["ppid"] or 0, []).append(process)
    return {worker: _below(children, pid) for worker, pid in workers.items()}


def _below(children: "Mapping[int, list[psutil.Process]]", pid: int) -> "list[psutil.Process]":
    found: list[psutil.Process] = []
    ahead = list(children.get(pid, ()))
    while ahead:
        process = ahead.pop()
        found.append(process)
        ahead += children.get(process.pid, ())
    return found
