"""The spool against a model: users, dispatchers, workers in any order, and nothing is lost or recorded twice.

The dispatchers are the real ones, stepped by hand on a clock that stands still until it is set forward; the workers are
the real ones, of which one move at a time is made (`actors`); `books` says what must hold. A dispatcher's step is also
struck in its middle: at the n-th change that it makes to the disk, somebody else makes a move first.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from unittest import mock

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fjd import control, identity, recovery
from fjd.dispatcher import Dispatcher, Until, loop
from fjd.errors import NameTaken
from fjd.settings import Timings
from fjd.spool import create, fsio, syscalls
from tests.properties.actors import SECONDS, Living, PassedLease, SteppedWorker, Table
from tests.properties.books import Books, Place, job_bytes
from tests.properties.profiles import PROFILE
from tests.unit.made import Clock

T = TypeVar("T")

TIMINGS = Timings(crash_limit=2)
NAMES = ("job.conf", "job-2.conf", "\udcff [red]\n", "b")
"""Few, so that they meet; the second is what the first comes back as when its name is taken."""

names = st.sampled_from(NAMES)
numbers = st.integers(0, 5)
_WORKERS_MAX = 4
_ROUNDS_MAX = 100


def pick(things: Sequence[T], number: int) -> T:
    return things[number % len(things)]


class SpoolMachine(RuleBasedStateMachine):
    """One spool, up to two dispatchers, up to four workers, and users who do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.root = tempfile.mkdtemp(prefix="fjd-machine-")
        self.layout = create.open_spool(self.root)
        self.clock = Clock()
        self.table = Table()
        self.living = Living()
        self.books = Books(self.layout)
        self.workers: list[SteppedWorker] = []
        self.coming: list[SteppedWorker] = []
        self.hired = 0
        self.excused: set[tuple[str, str]] = set()
        """Worker and name of what was taken from it by hand: an order to kill it may hit the next of that name."""
        self.patches = contextlib.ExitStack()
        self.patches.enter_context(mock.patch.object(identity, "is_alive", self.living.is_alive))
        self.patches.enter_context(mock.patch.object(recovery, "end_leftovers", return_value=0))
        self.dispatchers: list[Dispatcher] = []
        self.leases: list[PassedLease] = []
        """One for each dispatcher, in the same order."""
        self.another_dispatcher()

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            self.books.close()
            for dispatcher in self.dispatchers:
                dispatcher._close()
            for worker in (*self.workers, *self.coming):
                worker.die()
            self.patches.close()
            shutil.rmtree(self.root)

    # ---- time

    @rule(seconds=st.sampled_from((0.01, 0.3, 1.1, 5.1, 31.0)))
    def time_passes(self, seconds: float) -> None:
        self.clock.now_s += seconds

    # ---- users

    @rule(name=names, is_good=st.sampled_from((True, True, True, False)), retries=st.sampled_from((0, 0, 1, 3)))
    def submit(self, name: str, is_good: bool, retries: int = 0) -> None:
        token = self.books.new(is_good=is_good, retries=retries)
        is_taken = os.path.lexists(self.layout.queued(name))
        data = job_bytes(token, is_good=is_good, retries=retries)
        made = fsio.publish(self.layout.tmp, self.layout.queued(name), data)
        assert made is not is_taken

    @rule(number=numbers, is_good=st.booleans())
    @precondition(lambda self: self.free_to_change("jobqueue"))
    def replace_a_waiting_job(self, number: int, is_good: bool) -> None:
        old, place = pick(self.free_to_change("jobqueue"), number)
        self.books.removed.add(old)
        token = self.books.new(is_good=is_good)
        fsio.publish(self.layout.tmp, self.path(place), job_bytes(token, is_good=is_good), replace=True)

    @rule(number=numbers, is_good=st.booleans())
    @precondition(lambda self: self.free_to_change("jobqueue", "failed"))
    def edit(self, number: int, is_good: bool) -> None:
        """In place, as some editors do."""
        token, place = pick(self.free_to_change("jobqueue", "failed"), number)
        (self.books.bad.discard if is_good else self.books.bad.add)(token)
        text = b"#" * self.books.new() + b"\n" + job_bytes(token, is_good=is_good)
        Path(self.path(place)).write_bytes(text)

    @rule(name=names)
    def begin_to_write(self, name: str) -> None:
        """As ``>`` does; at this moment the file would be refused."""
        if os.path.lexists(self.layout.queued(name)):
            return
        token = self.books.new()
        descriptor = os.open(self.layout.queued(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, b"# token: %d\n" % token)
        self.books.written[token] = descriptor

    @rule(number=numbers)
    @precondition(lambda self: self.books.written)
    def write_the_rest(self, number: int) -> None:
        token = pick(sorted(self.books.written), number)
        descriptor = self.books.written.pop(token)
        os.write(descriptor, b"[control]\nexecutable: true\n")
        os.close(descriptor)

    @rule(number=numbers, states=st.sampled_from([("jobqueue",), ("done", "failed"), ("jobpod", "running")]))
    def delete_by_hand(self, number: int, states: tuple[str, ...]) -> None:
        if found := self.free_to_change(*states):
            token, place = pick(found, number)
            self.books.removed.add(token)
            os.unlink(self.path(place))
            self.taken_by_hand(place)

    @rule(number=numbers)
    @precondition(lambda self: self.books.at("failed"))
    def retry(self, number: int) -> None:
        token, place = pick(self.books.at("failed"), number)
        is_taken = os.path.lexists(self.layout.queued(place.name))
        try:
            control.retry(self.layout, place.name)
        except NameTaken:
            assert is_taken
        else:
            assert not is_taken
            self.submitted_again(token)

    @rule(number=numbers, state=st.sampled_from(["done", "jobpod", "running"]))
    def move_to_the_queue_by_hand(self, number: int, state: str) -> None:
        """As ``mv -n`` does it."""
        found = [(token, place) for token, place in self.books.at(state) if not self.is_waiting(place.name)]
        if found:
            token, place = pick(found, number)
            os.rename(self.path(place), self.layout.queued(place.name))
            self.submitted_again(token)
            self.taken_by_hand(place)

    @rule(number=numbers)
    @precondition(lambda self: self.free_to_change("jobqueue"))
    def cancel(self, number: int) -> None:
        control.cancel(self.layout, pick(self.free_to_change("jobqueue"), number)[1].name)

    @rule()
    def pause_or_resume(self) -> None:
        (control.resume if os.path.exists(self.layout.paused_file) else control.pause)(self.layout)

    @rule(number=numbers)
    @precondition(lambda self: self.books.at("jobpod", "running"))
    def kill(self, number: int) -> None:
        token, place = pick(self.books.at("jobpod", "running"), number)
        control.kill(self.layout, place.worker, place.name)
        self.books.killed.add(token)

    # ---- dispatchers

    @rule(number=numbers, seconds=st.sampled_from((0.0, 0.01, 1.1, 5.1)))
    def step(self, number: int, seconds: float) -> None:
        self.clock.now_s += seconds
        before = self.books.places
        pick(self.dispatchers, number).step()
        self.books.check()
        for token, place in before.items():
            self.check_move(token, place)

    @rule(number=numbers, at=st.integers(1, 12), which=st.data())
    def step_and_somebody_is_first(self, number: int, at: int, which: st.DataObject) -> None:
        """At the ``at``-th change of the disk within a step, somebody else makes a move."""
        deeds = self.deeds_between(number)
        deed = deeds[which.draw(st.sampled_from(sorted(deeds)), label="deed")]
        left = [at]

        def strike(when: str, what: str, path: str) -> None:
            left[0] -= when == "before"
            if left[0] == 0 and when == "before":
                deed()  # its own changes count on, below 0

        syscalls.probe = strike
        try:
            pick(self.dispatchers, number).step()
        finally:
            syscalls.probe = None

    def deeds_between(self, number: int) -> dict[str, Callable[[], object]]:
        """What somebody may do in the midst of a dispatcher's step; each looks anew what there is to do it to."""
        other = pick(self.dispatchers, number + 1)
        deeds: dict[str, Callable[[], object]] = {
            "submit": lambda: self.submit(NAMES[0], True),
            "submit other": lambda: self.submit(NAMES[1], True),
        }
        if len(self.dispatchers) > 1:
            deeds["other steps"] = other.step
        for worker in self.workers:
            deeds |= {
                f"{worker.id} takes": lambda worker=worker: self.take_and_begin(worker),  # type: ignore[misc]
                f"{worker.id} ends": lambda worker=worker: self.record_if_any(worker),  # type: ignore[misc]
                f"{worker.id} leaves": lambda worker=worker: self.fire_and_leave(worker),  # type: ignore[misc]
            }
        return deeds

    @rule()
    @precondition(lambda self: len(self.dispatchers) < 2)
    def another_dispatcher(self) -> None:
        self.leases.append(PassedLease(self.table))
        with mock.patch.object(loop, "Lease", return_value=self.leases[-1]):
            self.dispatchers.append(Dispatcher(self.layout, TIMINGS, clock=self.clock))

    @rule()
    @precondition(lambda self: len(self.dispatchers) == 2)
    def the_lease_passes(self) -> None:
        """The holder was frozen for too long; it finds out when it next asks."""
        self.books.is_split = True
        self.table.holder = next(lease for lease in self.leases if lease is not self.table.holder)

    @rule(number=numbers)
    def a_dispatcher_dies(self, number: int) -> None:
        """One without memory follows it when it was the last."""
        number %= len(self.dispatchers)
        self.dispatchers.pop(number)._close()
        del self.leases[number]
        if not self.dispatchers:
            self.another_dispatcher()

    # ---- workers

    @initialize(
        workers=st.lists(st.booleans(), min_size=1, max_size=3),
        jobs=st.lists(names, max_size=4, unique=True),
        is_deep=st.booleans(),
        rounds=st.integers(0, 2),
    )
    def work_is_under_way(self, workers: list[bool], jobs: list[str], is_deep: bool, rounds: int) -> None:
        """So that most cases need not come to it by luck; with ``is_deep`` a pod holds several jobs."""
        if is_deep:
            self.dispatchers[0].ledger.mean_run_s = SECONDS
        for is_remote in workers:
            self.hire(is_remote)
        for name in jobs:
            self.submit(name, is_good=True)
        for _ in range(rounds):
            self.a_round(1.1)

    @rule(seconds=st.sampled_from((0.3, 1.1, 5.1)))
    def a_round(self, seconds: float) -> None:
        """Dispatchers step, and each worker goes on until it has begun a job."""
        self.clock.now_s += seconds
        for dispatcher in self.dispatchers:
            dispatcher.step()
        self.books.check()
        for worker in self.workers:
            self.take_and_begin(worker)

    @rule(succeeds=st.booleans())
    @precondition(lambda self: any(worker.run for worker in self.workers))
    def all_end(self, succeeds: bool) -> None:
        for worker in self.workers:
            if worker.run:
                self.record(worker, succeeds=succeeds)

    @rule()
    @precondition(lambda self: any(worker.run for worker in self.workers))
    def all_at_work_die(self) -> None:
        for worker in [worker for worker in self.workers if worker.run]:
            self.lose(worker)

    @rule(is_remote=st.booleans())
    @precondition(lambda self: len(self.workers) < _WORKERS_MAX)
    def hire(self, is_remote: bool) -> None:
        self.workers.append(self.new_worker(is_remote))
        self.workers[-1].announce()

    @rule(is_remote=st.booleans())
    @precondition(lambda self: not self.coming)
    def begin_to_come(self, is_remote: bool) -> None:
        """Its directories stand, and nobody announces it yet."""
        self.coming.append(self.new_worker(is_remote))

    @rule()
    @precondition(lambda self: self.coming)
    def announce(self) -> None:
        self.workers.append(self.coming.pop())
        self.workers[-1].announce()

    @rule(number=numbers)
    @precondition(lambda self: self.workers)
    def beat(self, number: int) -> None:
        worker = pick(self.workers, number)
        worker.is_frozen = False
        worker.beat()

    @rule(number=numbers)
    @precondition(lambda self: self.workers)
    def look(self, number: int) -> None:
        pick(self.workers, number).look()

    @rule(number=numbers)
    @precondition(lambda self: any(worker.may_claim for worker in self.workers))
    def claim(self, number: int) -> None:
        pick([worker for worker in self.workers if worker.may_claim], number).claim()

    @rule(number=numbers)
    @precondition(lambda self: any(worker.may_begin for worker in self.workers))
    def begin(self, number: int) -> None:
        pick([worker for worker in self.workers if worker.may_begin], number).begin()

    @rule(number=numbers)
    @precondition(lambda self: self.workers)
    def take(self, number: int) -> None:
        """Look, claim and begin without anything between."""
        self.take_and_begin(pick(self.workers, number))

    @rule(number=numbers, succeeds=st.sampled_from((True, True, False)))
    @precondition(lambda self: any(worker.run for worker in self.workers))
    def end(self, number: int, succeeds: bool) -> None:
        self.record(pick([worker for worker in self.workers if worker.run], number), succeeds=succeeds)

    @rule(number=numbers, succeeds=st.booleans())
    @precondition(lambda self: any(worker.run for worker in self.workers))
    def end_and_die_before_telling(self, number: int, succeeds: bool) -> None:
        worker = pick([worker for worker in self.workers if worker.run], number)
        self.record(worker, succeeds=succeeds, tells=False)
        self.lose(worker)

    @rule(number=numbers)
    @precondition(lambda self: self.workers)
    def die(self, number: int) -> None:
        self.lose(pick(self.workers, number))

    @rule(number=numbers)
    @precondition(lambda self: any(worker.is_remote for worker in self.workers))
    def freeze(self, number: int) -> None:
        """It may come back as a zombie: any move of it may still follow."""
        pick([worker for worker in self.workers if worker.is_remote], number).is_frozen = True

    @rule(number=numbers, order=st.sampled_from(["fire", "drain"]), content=st.sampled_from([b"", b"cancel"]))
    @precondition(lambda self: self.workers)
    def order_to_leave(self, number: int, order: str, content: bytes) -> None:
        worker = pick(self.workers, number)
        if os.path.isdir(self.layout.pod(worker.id)):
            fsio.publish(self.layout.tmp, self.layout.order(worker.id, order), content, replace=True)

    @rule(number=numbers)
    @precondition(lambda self: any(worker.may_leave for worker in self.workers))
    def leave(self, number: int) -> None:
        worker = pick([worker for worker in self.workers if worker.may_leave], number)
        self.workers.remove(worker)
        worker.leave()

    # ---- what must hold

    @invariant()
    def the_books_are_right(self) -> None:
        self.books.check()

    @invariant()
    def no_name_is_held_twice(self) -> None:
        held = [place.name for _, place in self.books.at("jobpod", "running")]
        assert self.books.is_split or len(held) == len(set(held)), held

    @rule()
    def the_counts_are_those_of_the_directories(self) -> None:
        """As soon as nothing has moved for a while."""
        quiet = 0
        while quiet < 4:
            before = self.books.places, set(os.listdir(self.layout.workerqueue))
            self.quiet_round(6.0)
            quiet = quiet + 1 if before == (self.books.places, set(os.listdir(self.layout.workerqueue))) else 0
        for dispatcher in self.dispatchers:
            self.compare_counts(dispatcher)

    # ---- helpers: what is where

    def path(self, place: Place) -> str:
        return os.path.join(self.layout.root, place.state, place.worker, place.name)

    def is_waiting(self, name: str) -> bool:
        return os.path.lexists(self.layout.queued(name))

    def free_to_change(self, *states: str) -> list[tuple[int, Place]]:
        return [(token, place) for token, place in self.books.at(*states) if token not in self.books.written]

    def taken_by_hand(self, place: Place) -> None:
        self.excused.add((place.worker, place.name))
        self.books.by_hand.add(place.name)

    def submitted_again(self, token: int) -> None:
        del self.books.done[token]

    def check_move(self, token: int, before: Place) -> None:
        """A dispatcher moves jobs between queue, pods and lost workers, and fails only what is bad or given up."""
        after = self.books.places.get(token, before)
        if before.state == "failed" and token in self.books.tried_again:
            assert after.state in ("failed", "jobqueue", "jobpod")
        elif before.state in ("done", "failed"):
            assert after == before
        elif after.state == "failed":
            assert before.state == "jobqueue"
            assert token in self.books.bad or any(
                dispatcher.ledger.failed[before.name].reason.startswith("2 workers")
                for dispatcher in self.dispatchers
                if before.name in dispatcher.ledger.failed
            ), f"good job {token} was failed"
        else:
            assert after.state != "done"

    # ---- helpers: moves of several parts

    def new_worker(self, is_remote: bool) -> SteppedWorker:
        self.hired += 1
        return SteppedWorker(self.layout, self.hired, self.living, self.clock, is_remote=is_remote)

    def take_and_begin(self, worker: SteppedWorker) -> None:
        worker.look()
        if worker.may_claim:
            worker.claim()
        if worker.may_begin:
            worker.begin()

    def record_if_any(self, worker: SteppedWorker) -> None:
        if worker.run:
            self.record(worker, succeeds=True)

    def record(self, worker: SteppedWorker, *, succeeds: bool, tells: bool = True) -> None:
        """Let the run end; the books note what the worker's own rename has decided."""
        assert worker.run
        token, job = self.books.token_at(worker.run.path), worker.run.job
        outcome = worker.outcome(succeeds=succeeds)
        if outcome.reason == "killed":
            is_asked = token is None or token in self.books.killed or (worker.id, job) in self.excused
            assert is_asked, f"job {token} was killed, and nobody had asked for it"
        if tells:
            worker.record(outcome)
        else:
            worker.commit(outcome)
        if token is not None and outcome.result in ("done", "failed"):
            self.books.done[token] += outcome.result == "done"
            told = self.books.told_done if outcome.result == "done" else self.books.told_failed
            told[job] += tells
            self.books.untold[job, outcome.result] += not tells

    def lose(self, worker: SteppedWorker) -> None:
        self.workers.remove(worker)
        worker.die()

    def fire_and_leave(self, worker: SteppedWorker) -> None:
        if worker in self.workers and os.path.isdir(self.layout.pod(worker.id)):
            fsio.publish(self.layout.tmp, self.layout.order(worker.id, "fire"), b"", replace=True)
            worker.look()
            self.record_if_any(worker)
            self.workers.remove(worker)
            worker.leave()

    # ---- helpers: rounds

    def quiet_round(self, seconds: float) -> None:
        """Time passes, who lives shows it, and dispatchers step."""
        self.clock.now_s += seconds
        for worker in self.workers:
            if not worker.is_frozen:
                worker.beat()
        for dispatcher in self.dispatchers:
            dispatcher.step()
        self.books.check()

    def compare_counts(self, dispatcher: Dispatcher) -> None:
        counts = dispatcher.ledger.counts
        seen = (counts.waiting, counts.handed, counts.running, counts.done, counts.failed)
        there = tuple(len(self.books.at(state)) for state in ("jobqueue", "jobpod", "running", "done", "failed"))
        assert seen == there, f"the ledger has {seen}, the directories {there}"

    def drain(self) -> None:
        """With a healthy worker everything ends, and the dispatchers know that they have nothing left to do."""
        while self.books.written:
            self.write_the_rest(0)
        control.resume(self.layout)
        if self.coming:
            self.announce()
        self.hire(False)
        for _ in range(_ROUNDS_MAX):
            self.quiet_round(3.1)
            for worker in list(self.workers):
                self.work_on(worker)
            if not self.books.at("jobqueue", "jobpod", "running") and self.is_through():
                break
        self.books.check()
        assert not self.books.at("jobqueue", "jobpod", "running")
        self.the_counts_are_those_of_the_directories()
        for dispatcher in self.dispatchers:
            assert dispatcher._is_finished(Until.ONCE)

    def is_through(self) -> bool:
        """Tell whether nothing is about to be moved back from ``failed/``."""
        return not any(dispatcher.ledger.retrying for dispatcher in self.dispatchers)

    def work_on(self, worker: SteppedWorker) -> None:
        """Do all that lies in the pod, and leave when told to; who is frozen does not."""
        if worker.is_frozen:
            return
        self.take_and_begin(worker)
        while worker.run:
            self.record(worker, succeeds=True)
            self.take_and_begin(worker)
        if worker.may_leave:
            self.workers.remove(worker)
            worker.leave()


TestSpool = SpoolMachine.TestCase
TestSpool.settings = PROFILE
