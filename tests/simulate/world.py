"""Puts it together: a spool, its workers, and the real dispatcher in place of whose system calls ours are called."""

import contextlib
import math
from array import array
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Final
from unittest import mock

from fjd.dispatcher import Dispatcher, Until, act, listing, loop
from fjd.spool import announce, batches, create, filesystems, freshness, noreplace, syscalls, wakeup, wholeness
from fjd.spool.announce import Announcement
from fjd.spool.fsio import looking, moving, writing
from fjd.spool.layout import Layout
from fjd.spool.watch import Hints, Stop
from tests.simulate.clock import BEGIN_S, Clock
from tests.simulate.crew import Crew, Worker
from tests.simulate.disk import Bell, File, Growing, Node, Tree
from tests.simulate.events import Events
from tests.simulate.storage import Storage
from tests.simulate.system import Leases, System
from tests.unit.made import announcement

ROOT: Final = "/spool"
_JOB: Final = b"[control]\nexecutable: ./work\nlogfile: data/log\n"
_A_HOST: Final = 32
"""So many workers are on each other host."""
_BEAT_S: Final = 2.0
_OLD_NS: Final = 60 * 10**9
_TELLS_S: Final = 0.01
"""After a change it takes so long until the watch tells of it, with all others since (`fjd.spool.watch`)."""
_FIRST_LOOK_S: Final = 0.1
_USES_OS: Final[tuple[ModuleType, ...]] = (
    looking, moving, writing, syscalls, freshness, wholeness, wakeup, noreplace, batches, create,
)  # fmt: skip


class _Beating(File):
    """An announcement, which its worker touches every two seconds; nothing need happen for that."""

    __slots__ = ("_clock", "_phase_s")

    def __init__(self, clock: Clock, data: bytes, phase_s: float) -> None:
        self._clock, self._phase_s = clock, phase_s
        super().__init__(0, data)

    @property
    def st_mtime_ns(self) -> int:
        beats = math.floor((self._clock.now_s - self._phase_s) / _BEAT_S)
        return int((beats * _BEAT_S + self._phase_s) * 1e9)

    @st_mtime_ns.setter
    def st_mtime_ns(self, _value: int) -> None:
        pass


class World:
    """One spool with ``workers`` workers, into which as many jobs come as there are ``lengths``.

    At most ``backlog`` of them stand in the queue at a time: whoever submits them adds some as others go.
    """

    def __init__(
        self,
        storage: Storage,
        workers: int,
        lengths: "Sequence[float] | array[float]",
        *,
        call_s: float | None = None,
        backlog: int | None = None,
        limit_s: float = math.inf,
    ) -> None:
        self.clock = Clock(call_s)
        self.events = Events()
        self.storage = storage
        self.tree = Tree()
        self.system = System(self.tree, storage, self.clock, self._go_on)
        self.layout = Layout(ROOT)
        self.limit_s = BEGIN_S + limit_s
        self._lengths = lengths
        self._backlog = len(lengths) if backlog is None else backlog
        self._submitted = 0
        self.changed: dict[str, set[str]] = {}
        """Names that have changed on this host, by directory, until the watch has told of them."""
        self._make_directories()
        self._said = [self._announcement(number) for number in range(workers)]
        self.workers = [self._make_worker(said, number) for number, said in enumerate(self._said)]
        done = self.tree.directories[self.layout.done_dir]
        self.crew = Crew(self.workers, lengths, done, (self.clock, self.events, storage))
        self.system.on_placed, self.system.on_nudge = self.crew.placed, self.crew.nudged
        self.system.on_change = lambda directory, name: self.changed.setdefault(directory, set()).add(name)
        self._submit(0, BEGIN_S)
        self.dispatcher: Dispatcher | None = None
        self.waited_s = 0.0
        """How long the dispatcher has waited while jobs had not begun."""

    def _go_on(self) -> None:
        self.events.run_until(self.clock.now_s)

    # ---- what is there

    def _make_directories(self) -> None:
        self.tree.make(ROOT, self.clock.disk_ns)
        for directory in self.layout.directories:
            self.tree.make(directory, self.clock.disk_ns)

    def _announcement(self, number: int) -> Announcement:
        host = f"node{number // _A_HOST}" if self.storage.is_network else ""
        return announcement(f"w{number}", host=host, cpus=_A_HOST, pid=4711, started=1)

    def _make_worker(self, said: Announcement, number: int) -> Worker:
        now_ns = self.clock.disk_ns
        pod = self.tree.make(self.layout.pod(said.id), now_ns, number)
        pod.entries[".nudge"] = Bell(now_ns, number)
        running = self.tree.make(self.layout.running_dir(said.id), now_ns)
        journal = Growing(now_ns)
        self._put(self.layout.journal(said.id), journal)
        phase_s = BEGIN_S - _BEAT_S * number / len(self._said)
        self._put(self.layout.announcement(said.id), _Beating(self.clock, announce.render(said), phase_s))
        waits_since_s = BEGIN_S - 0.5 * (number * 0.618 % 1.0)  # they do not all look at the same time
        return Worker(said.id, pod, running, journal, looked_s=waits_since_s)

    def _put(self, path: str, node: Node) -> None:
        parent, _, name = path.rpartition("/")
        self.tree.directories[parent].entries[name] = node

    def _submit(self, _worker: int, at_s: float) -> None:
        """Fill the queue up; whoever does that looks again a second later."""
        queue = self.tree.directories[self.layout.jobqueue]
        before = self._submitted
        while self._submitted < len(self._lengths) and len(queue.entries) < self._backlog:
            queue.entries[f"job{self._submitted}"] = File(self.clock.disk_ns - _OLD_NS, _JOB)
            self._submitted += 1
        if self._submitted > before:
            queue.st_mtime_ns = self.clock.disk_ns
        if self._submitted < len(self._lengths):
            self.events.at(at_s + 1.0, self._submit, 0)

    # ---- running it

    def run(self) -> None:
        """Dispatch until all jobs have ended, or the limit is over."""
        with self._installed():
            self.dispatcher = Dispatcher(self.layout, clock=self.clock)
            self.clock.resume()
            self.dispatcher.run(_Waits(self), until=Until.EMPTY, paints=False)
            self.clock.pause()

    @contextlib.contextmanager
    def _installed(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:

            def put(owner: object, name: str, value: object) -> None:
                stack.enter_context(mock.patch.object(owner, name, value))

            for module in _USES_OS:
                put(module, "os", self.system)
            put(freshness, "fstat", self.system.fresh_fstat)
            put(noreplace, "rename", self.system.rename_new)
            put(wholeness, "fcntl", Leases(self.system))
            put(filesystems, "type_of", lambda _path: "nfs4" if self.storage.is_network else "ext4")
            put(wholeness, "_leases_work", lambda _path: True)
            put(Announcement, "process_lives", self._process_lives)
            put(loop, "Lease", _Lease)
            put(loop, "WritesDown", _WritesDown)
            put(loop, "Watch", lambda directories, clock: _Watch(self, directories))
            for module in (act, listing, loop):
                put(module, "time", self.clock)
            yield

    def _process_lives(self) -> bool:
        """One file of /proc is read."""
        self.system.pass_time("proc", 15e-6)
        return True

    # ---- time in which the dispatcher waits

    def wait_until(self, at_s: float) -> None:
        """Let time pass while nobody uses the processor."""
        self.clock.pause()
        self.events.run_until(at_s)
        if self.crew.left:
            self.waited_s += max(0.0, at_s - self.clock.now_s)
        self.clock.now_s = max(self.clock.now_s, at_s)
        self.clock.resume()


class _Waits:
    """Stands in for the event that ends a dispatcher: set when the limit is over."""

    def __init__(self, world: World) -> None:
        self._world = world

    def is_set(self) -> bool:
        return self._world.clock.now_s >= self._world.limit_s

    def wait(self, timeout: float | None = None) -> bool:
        self._world.wait_until(self._world.clock() + (timeout or 0.0))
        return self.is_set()


class _Watch:
    """Stands in for `fjd.spool.watch.Watch`: on a local disk it is told of all changes, over a network of our own."""

    is_blind = False

    def __init__(self, world: World, directories: Sequence[str]) -> None:
        self._world = world
        self._directories = directories
        self._is_new = True

    def close(self) -> None:
        self._is_new = True

    def wait(self, timeout_s: float, stop: Stop) -> Hints:
        """Wait for the first change; what changes soon after is told with it."""
        if timeout_s <= 0:
            return {}  # what has changed is told at the next wait
        world = self._world
        begin_s = world.clock()
        until_s = begin_s + timeout_s
        if self._is_new:
            self._is_new = False
            self._take()
            world.wait_until(begin_s + min(timeout_s, _FIRST_LOOK_S))
            return {directory: set() for directory in self._directories}
        while not (changed := self._take()) and world.clock.now_s < until_s:
            self._pass_to(min(until_s, world.events.next_s, self._next_beat_s()))
        if not changed:
            return {}
        world.wait_until(min(until_s, world.clock.now_s + _TELLS_S))
        for directory, names in self._take().items():
            changed.setdefault(directory, set()).update(names)
        return changed

    def _pass_to(self, at_s: float) -> None:
        self._world.wait_until(at_s)
        if at_s >= self._next_beat_s():
            self._world.changed.setdefault(self._world.layout.workerqueue, set()).add("w0.worker")

    def _next_beat_s(self) -> float:
        """Return when the next of the crew touches its announcement, where that is seen."""
        world = self._world
        if world.storage.is_network:
            return math.inf
        gap_s = _BEAT_S / len(world.workers)
        return BEGIN_S + (math.floor((world.clock.now_s - BEGIN_S) / gap_s + 1e-6) + 1) * gap_s

    def _take(self) -> Hints:
        """Return what has changed since the last time, in the directories that are watched."""
        world = self._world
        changed, world.changed = world.changed, {}
        journals, world.crew.journal_changed = world.crew.journal_changed, []
        if journals and not world.storage.is_network:
            changed[world.layout.journals] = {f"{worker}.jsonl" for worker in journals}
        return {directory: names for directory, names in changed.items() if directory in self._directories}


class _WritesDown:
    """Stands in for `fjd.dispatcher.history.WritesDown`, which reads once in 100,000 jobs, in a thread of its own."""

    def __init__(self, _layout: Layout) -> None:
        pass

    def look(self, _ended: int) -> None:
        pass


class _Lease:
    """Stands in for `fjd.spool.lease.Lease`: it is ours, and kept by a thread of its own."""

    def __init__(self, *_: object) -> None:
        pass

    def is_ours(self) -> bool:
        return True

    def holder(self) -> str:
        return ""

    def release(self) -> None:
        pass
