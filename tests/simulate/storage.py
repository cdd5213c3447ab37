"""What each system call takes on which storage.

On a local disk it is microseconds. Over NFS it is round trips to the server, and how many, was counted: with the real
client of Linux and NFS 4.2, by ``/proc/self/mountstats`` around the functions of `fjd.spool.fsio` (100 calls each, two
clients). A round trip takes 0.3 to 0.4 ms on a quiet network.
"""

import math
from typing import Final, Protocol

_ATTRIBUTES_S: Final = 3.0
"""So long the client believes what it knows of a file (acregmin)."""
_DELEGATIONS_MAX: Final = 5000
"""Of so many files that nobody writes it may open and close without asking (nfs.delegation_watermark)."""
_NAMES_A_TRIP: Final = 200
_SEEN_MAX: Final = 200_000


class Storage(Protocol):
    """Each method returns how long a call takes, in seconds."""

    name: str
    is_network: bool
    trips: int
    """Round trips to the server so far."""
    worker_begin_s: float
    """From the rename by which a worker claims a job to its start being told."""
    worker_end_s: float
    """From the rename that ends a job to that being told, or to the next claim."""
    worker_list_s: float

    def look(self, path: str, now_s: float) -> float: ...
    def look_in_vain(self) -> float: ...
    def open(self, path: str, now_s: float, *, is_shared: bool) -> float: ...
    def open_directory(self) -> float: ...
    def close(self, path: str, *, is_shared: bool) -> float: ...
    def ask(self, path: str, now_s: float) -> float: ...
    def read(self, size: int) -> float: ...
    def listing(self, path: str, names: int, now_s: float) -> float: ...
    def rename(self, source: str, target: str) -> float: ...
    def change(self) -> float: ...
    def small(self) -> float: ...


class Local:
    """A disk of this host, and the workers are on it, too."""

    is_network = False
    worker_begin_s, worker_end_s, worker_list_s = 0.0008, 0.0003, 0.00005

    def __init__(self, name: str = "local disk") -> None:
        self.name = name
        self.trips = 0

    def look(self, path: str, now_s: float) -> float:
        return 2e-6

    def look_in_vain(self) -> float:
        return 2e-6

    def open(self, path: str, now_s: float, *, is_shared: bool) -> float:
        return 4e-6

    def open_directory(self) -> float:
        return 4e-6

    def close(self, path: str, *, is_shared: bool) -> float:
        return 1e-6

    def ask(self, path: str, now_s: float) -> float:
        return 1e-6

    def read(self, size: int) -> float:
        return 2e-6 + size * 1e-9

    def listing(self, path: str, names: int, now_s: float) -> float:
        return 3e-6 + names * 3e-7

    def rename(self, source: str, target: str) -> float:
        return 18e-6

    def change(self) -> float:
        return 15e-6

    def small(self) -> float:
        return 1e-6


class Network:
    """NFS 4.2; the workers are on other hosts. ``trip_s`` is a round trip."""

    is_network = True

    def __init__(self, name: str, trip_s: float) -> None:
        self.name = name
        self.trips = 0
        self._trip_s = trip_s
        self.worker_begin_s = 10 * trip_s + 0.0008
        self.worker_end_s = 6 * trip_s
        self.worker_list_s = 4 * trip_s
        self._seen: dict[str, float] = {}
        self._listed: dict[str, float] = {}
        self._delegated: dict[str, None] = {}

    def _cost(self, trips: int) -> float:
        self.trips += trips
        return trips * self._trip_s + 1e-6

    def look(self, path: str, now_s: float) -> float:
        since_s = now_s - _ATTRIBUTES_S
        is_known = self._seen.get(path, 0.0) > since_s or self._listed.get(path.rpartition("/")[0], 0.0) > since_s
        if not is_known:
            self._see(path, now_s)
        return self._cost(not is_known)

    def _see(self, path: str, now_s: float) -> None:
        if len(self._seen) > _SEEN_MAX:
            self._seen.clear()
        self._seen[path] = now_s

    def look_in_vain(self) -> float:
        return self._cost(1)

    def open(self, path: str, now_s: float, *, is_shared: bool) -> float:
        """Opened by two clients, one of which writes, it is not delegated to either."""
        if path in self._delegated:
            return self._cost(0)
        self._see(path, now_s)
        return self._cost(1)

    def open_directory(self) -> float:
        return self._cost(2)

    def close(self, path: str, *, is_shared: bool) -> float:
        if path in self._delegated:
            return self._cost(0)
        if not is_shared:
            if len(self._delegated) >= _DELEGATIONS_MAX:
                del self._delegated[next(iter(self._delegated))]
            self._delegated[path] = None
        return self._cost(1)

    def ask(self, path: str, now_s: float) -> float:
        self._see(path, now_s)
        return self._cost(1)

    def read(self, size: int) -> float:
        return self._cost(bool(size))

    def listing(self, path: str, names: int, now_s: float) -> float:
        self._listed[path] = now_s
        return self._cost(max(1, math.ceil(names / _NAMES_A_TRIP)))

    def rename(self, source: str, target: str) -> float:
        self._seen.pop(source, None)
        was_delegated = source in self._delegated
        self._delegated.pop(source, None)
        return self._cost(1 + was_delegated)

    def change(self) -> float:
        return self._cost(1)

    def small(self) -> float:
        return 1e-6


NFS_TRIP_S: Final = 0.0004
SLOW_TRIP_S: Final = 0.005


def named(kind: str) -> Storage:
    """Return the storage that an option names: local, nfs, slow, or a round trip in milliseconds."""
    if kind == "local":
        return Local()
    if kind == "nfs":
        return Network(f"NFS, {NFS_TRIP_S * 1000:g} ms", NFS_TRIP_S)
    if kind == "slow":
        return Network(f"slow NFS, {SLOW_TRIP_S * 1000:g} ms", SLOW_TRIP_S)
    return Network(f"NFS, {float(kind):g} ms", float(kind) / 1000)
