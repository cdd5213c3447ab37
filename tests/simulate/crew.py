"""The workers, as `fjd.worker` behaves towards the spool: when it looks, what it renames, when it tells.

One that waits looks into its pod every ``poll_s``, and so does one that waits for its job to end, but not in between;
on the dispatcher's host it is nudged. It takes what it has seen by names, one after the other, and then waits again.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fjd.order import natural_key
from fjd.settings import Timings
from tests.simulate.clock import BEGIN_S, Clock
from tests.simulate.disk import Directory, Growing
from tests.simulate.events import Events
from tests.simulate.storage import Storage

_NEVER: Final = float("inf")


@dataclass(slots=True)
class Worker:
    """One of them."""

    id: str
    pod: Directory
    running: Directory
    journal: Growing
    job: str = ""
    told: bytes = b""
    """What is to be told with the next write."""
    todo: list[str] = field(default_factory=list)
    looked_s: float = BEGIN_S
    began_s: float = 0.0
    is_waiting: bool = True
    """For a job, from `looked_s` on, every ``poll_s``."""
    wakes_s: float = _NEVER


class Crew:
    """All of them. ``lengths`` is how long each job takes, by its number."""

    def __init__(
        self, workers: list[Worker], lengths: Sequence[float], done: Directory, world: "tuple[Clock, Events, Storage]"
    ) -> None:
        self._workers = workers
        self._lengths = lengths
        self._done = done
        self._clock, self._events, self._storage = world
        self._poll_s = Timings().poll_s
        self.journal_changed: list[str] = []
        """Whose journals have grown, for whoever watches them."""
        self.begun = array("d", bytes(8 * len(lengths)))
        """When each job began."""
        self.ended = 0
        self.first_s = _NEVER
        self.last_s = 0.0
        self.left = len(lengths)
        """How many have not begun."""
        self.last_begin_s = BEGIN_S

    # ---- what others do

    def placed(self, worker: int) -> None:
        """Something was put into its pod: it sees it at its next look."""
        one, now_s = self._workers[worker], self._clock.now_s
        if one.is_waiting and one.wakes_s == _NEVER:
            looks = math.floor((now_s - one.looked_s) / self._poll_s) + 1
            self._wake(worker, one.looked_s + looks * self._poll_s)

    def nudged(self, worker: int) -> None:
        """It looks at once, if it waits for a job or for the end of one."""
        one, now_s = self._workers[worker], self._clock.now_s
        if one.is_waiting and one.wakes_s > now_s:
            self._wake(worker, now_s)
        elif one.job:
            one.todo, one.looked_s = self._seen_in(one, now_s), now_s

    def _wake(self, worker: int, at_s: float) -> None:
        self._workers[worker].wakes_s = at_s
        self._events.at(at_s, self._look, worker)

    # ---- what it does

    def _look(self, worker: int, at_s: float) -> None:
        one = self._workers[worker]
        if one.wakes_s != at_s:
            return  # it was nudged before
        one.wakes_s = _NEVER
        one.looked_s = at_s
        one.todo = self._seen_in(one, at_s)
        if one.todo:
            one.is_waiting = False
            self._events.at(at_s + self._storage.worker_list_s, self._claim, worker)

    def _seen_in(self, one: Worker, by_s: float) -> list[str]:
        """Return the jobs that a look at that time showed, the next one last."""
        by_ns = self._clock.disk_ns + int((by_s - self._clock.now_s) * 1e9)
        names = [
            name for name, node in one.pod.entries.items() if not name.startswith(".") and node.st_ctime_ns <= by_ns
        ]
        return sorted(names, key=natural_key, reverse=True) if len(names) > 1 else names

    def _claim(self, worker: int, at_s: float) -> None:
        """Take the next: one rename, and whoever comes first has it."""
        one = self._workers[worker]
        while one.todo:
            name = one.todo.pop()
            node = one.pod.entries.pop(name, None)
            if node is not None:
                one.running.entries[name] = node
                one.job = name
                self._events.at(at_s + self._storage.worker_begin_s, self._begin, worker)
                return
        self._tell(worker, at_s)

    def _begin(self, worker: int, at_s: float) -> None:
        """It runs, and that is told."""
        one = self._workers[worker]
        number = number_of(one.job)
        assert not self.begun[number], f"{one.job} runs twice"
        self.begun[number] = one.began_s = at_s
        self.first_s = min(self.first_s, at_s)
        self.left, self.last_begin_s = self.left - 1, at_s
        one.told += b'{"t":%.3f,"event":"start","job":"%s","attempt":1,"pid":4711,"started":1234567}\n' % (
            at_s,
            one.job.encode(),
        )
        self._write(one)
        self._events.at(at_s + self._lengths[number], self._end, worker)

    def _end(self, worker: int, at_s: float) -> None:
        """The job is over: the rename commits it, and then it is told, together with the next start if there is one."""
        one = self._workers[worker]
        self._done.entries[one.job] = one.running.entries.pop(one.job)
        self._done.st_mtime_ns = self._clock.disk_ns
        self.ended += 1
        self.last_s = at_s
        one.told += (
            b'{"t":%.3f,"event":"end","job":"%s","attempt":1,"outcome":"done","reason":"","exit":0,"signal":null,'
            b'"seconds":%.4f,"rss_kb":5120}\n' % (at_s, one.job.encode(), at_s - one.began_s)
        )
        one.job = ""
        looks = math.floor((at_s - one.looked_s) / self._poll_s)
        one.looked_s += looks * self._poll_s
        if looks or not one.todo:
            one.todo = self._seen_in(one, one.looked_s)
        self._events.at(at_s + self._storage.worker_end_s, self._claim if one.todo else self._tell, worker)

    def _tell(self, worker: int, at_s: float) -> None:
        """There is nothing to begin: tell how the last one ended, and wait."""
        one = self._workers[worker]
        self._write(one)
        one.is_waiting, one.looked_s = True, at_s
        if len(one.pod.entries) > 1:  # beside the bell
            self._wake(worker, at_s + self._poll_s)

    def _write(self, one: Worker) -> None:
        if one.told:
            one.journal.append(one.told, self._clock.disk_ns)
            one.told = b""
            self.journal_changed.append(one.id)


def number_of(job: str) -> int:
    """Return the number of a job: they are job0, job1, and so on."""
    return int(job[3:])
