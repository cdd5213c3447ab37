"""The dispatcher, step by step, with workers that are moved by hand."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fjd import control
from fjd.dispatcher import Dispatcher, Ended, Until
from fjd.errors import DiskError
from fjd.jobfile import JobSpec
from fjd.ledger import queue
from fjd.policy import HandOut, TakeBack
from fjd.settings import Timings
from fjd.snapshot import EventKind, Mode, Snapshot
from fjd.spool import announce, filesystems, fsio, syscalls
from fjd.spool.journal import Journal, Tail
from fjd.spool.layout import Layout
from tests.crew import job_text, until
from tests.unit.made import Clock, HandWorker, announcement, submit

TIMINGS = Timings(look_s=0.01, alive_s=0.01, reconcile_s=0.02, settle_s=0.05, lease_s=0.5)

Make = Callable[..., Dispatcher]
Hire = Callable[..., HandWorker]


@pytest.fixture
def dispatchers(layout: Layout) -> Iterator[Make]:
    made: list[Dispatcher] = []

    def make(**timings: Any) -> Dispatcher:
        made.append(Dispatcher(layout, replace(TIMINGS, **timings)))
        return made[-1]

    yield make
    for dispatcher in made:
        end(dispatcher)


@pytest.fixture
def dispatcher(dispatchers: Make) -> Dispatcher:
    return dispatchers()


@pytest.fixture
def hire(layout: Layout) -> Iterator[Hire]:
    hired: list[HandWorker] = []

    def make(name: str = "w1", **announced: object) -> HandWorker:
        hired.append(HandWorker(layout, name, **announced))
        return hired[-1]

    yield make
    for worker in hired:
        worker.close()


def end(dispatcher: Dispatcher) -> None:
    """End it as its loop does, leaving the spool as it is."""
    stop = threading.Event()
    stop.set()
    dispatcher.run(stop)


def step_until(dispatcher: Dispatcher, condition: Callable[[], object]) -> None:
    def step() -> object:
        dispatcher.step()
        return condition()

    until(step)


def mode(dispatcher: Dispatcher) -> Mode:
    return dispatcher._mode


def events(dispatcher: Dispatcher, kind: EventKind) -> list[str]:
    return [event.text for event in dispatcher.ledger.events if event.kind is kind]


def stories(dispatcher: Dispatcher) -> list[str]:
    """What it has told in its own journal."""
    return [record["event"] for record in Tail(dispatcher._actor.journal.path).read()]


# ---- handing out


def test_a_job_goes_to_a_worker_and_to_done(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    worker = hire()
    submit(layout, "job1", "job2")
    step_until(dispatcher, lambda: worker.pod)
    assert worker.pod == ["job1"]
    worker.begin("job1")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    assert os.listdir(layout.jobqueue) == ["job2"]
    worker.end("job1")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.done)
    step_until(dispatcher, lambda: worker.pod == ["job2"])


def test_jobs_are_handed_out_in_natural_order(layout: Layout, dispatchers: Make, hire: Hire) -> None:
    dispatcher, worker = dispatchers(depth_max=1), hire()
    submit(layout, "job10", "job9", "job1")
    order = []
    for _ in range(3):
        step_until(dispatcher, lambda: worker.pod)
        order += worker.pod
        worker.begin(order[-1])
        worker.end(order[-1])
    assert order == ["job1", "job9", "job10"]


def test_workers_may_come_after_the_jobs(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    submit(layout, "job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.waiting)
    worker = hire()
    step_until(dispatcher, lambda: worker.pod)


def test_while_it_is_paused_nothing_is_handed_out(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    worker = hire()
    control.pause(layout)
    submit(layout, "job")
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))
    for _ in range(5):
        dispatcher.step()
    assert worker.pod == []
    control.resume(layout)
    step_until(dispatcher, lambda: worker.pod)


def test_on_a_network_the_server_is_asked_anew_whether_it_is_paused(
    layout: Layout, dispatchers: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client believes for half a minute that the file is not there, unless the directory changes; and so it does."""
    touched: list[str] = []
    monkeypatch.setattr(filesystems, "type_of", lambda _path: "nfs4")
    monkeypatch.setattr(syscalls, "probe", lambda _when, what, path: touched.append(path) if what == "utime" else None)
    dispatcher = dispatchers()
    for _ in range(3):
        step_until(dispatcher, lambda: layout.private in touched)
        touched.clear()


@pytest.mark.parametrize("order", ["fire", "drain"])
def test_who_was_told_to_leave_gets_nothing(layout: Layout, dispatcher: Dispatcher, hire: Hire, order: str) -> None:
    worker = hire()
    Path(layout.order(worker.id, order)).write_bytes(b"")
    step_until(dispatcher, lambda: dispatcher.ledger.workers)
    submit(layout, "job")
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))
    for _ in range(5):
        dispatcher.step()
    assert worker.pod == []


def test_a_job_that_a_user_takes_away_is_not_handed_out(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    submit(layout, "job")
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))
    os.unlink(layout.queued("job"))
    worker = hire()
    step_until(dispatcher, lambda: not dispatcher.ledger.waiting)
    assert worker.pod == []


def test_a_job_that_was_changed_since_it_was_read_is_read_again(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    submit(layout, "job")
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))
    submit(layout, "job", text="[control]\n")
    hire()
    step_until(dispatcher, lambda: os.listdir(layout.failed_dir) == ["job"])


def test_a_second_job_of_a_name_waits_until_the_first_has_ended(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    one, other = hire("w1"), hire("w2")
    submit(layout, "job")
    step_until(dispatcher, lambda: dispatcher.ledger.active)
    holder = one if one.pod else other
    holder.begin("job")
    submit(layout, "job")
    step_until(dispatcher, lambda: "job" in dispatcher.ledger.waiting and not dispatcher.ledger.unread)
    for _ in range(5):
        dispatcher.step()
    assert one.pod == other.pod == []
    holder.end("job")
    step_until(dispatcher, lambda: one.pod or other.pod)


def test_jobs_of_which_little_is_kept_are_read_again_when_their_turn_comes(
    layout: Layout, dispatcher: Dispatcher, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a long queue. What has changed meanwhile counts: a job that is none any more, its tags, its writer."""
    monkeypatch.setattr(queue, "RECORDS_MAX", 0)
    submit(layout, "a", "b", "c", "d")
    dispatcher.step()
    monkeypatch.setattr(dispatcher._observer._queue_pace, "due", lambda: False)  # nor is any change of them hinted at
    step_until(dispatcher, lambda: not dispatcher.ledger.unread)
    assert len(dispatcher.ledger.waiting) == 4
    assert all(waiting.is_brief for waiting in dispatcher.ledger.waiting.values())
    submit(layout, "b", text="nonsense")
    submit(layout, "c", text=f"{job_text('true')}tags = gpu\n")
    worker = hire("w1")
    with open(layout.queued("a"), "a"):
        step_until(dispatcher, lambda: worker.pod)
    assert worker.pod == ["d"]
    assert dispatcher.ledger.active["d"].command == "true"
    worker.begin("d")
    worker.end("d")
    step_until(dispatcher, lambda: "b" in dispatcher.ledger.failed and worker.pod)
    assert worker.pod == ["a"]
    assert dispatcher.ledger.waiting["c"].terms.tags == {"gpu"}


def test_what_the_disk_refuses_is_said_once_and_tried_again(
    layout: Layout, dispatcher: Dispatcher, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three bad jobs, of which the disk lets the first go only at the third try: each is failed, none forgotten."""
    submit(layout, "a", "b", "c", text="")
    move, refusals = fsio.move, [3]

    def refusing(source: str, target: str) -> fsio.Moved:
        refusals[0] -= 1
        if refusals[0] >= 0:
            raise DiskError("no room")
        return move(source, target)

    monkeypatch.setattr(fsio, "move", refusing)
    stop = threading.Event()

    def look(snapshot: Snapshot) -> None:
        if snapshot.counts.failed == 3:
            stop.set()

    watchdog = threading.Timer(20, stop.set)
    watchdog.start()
    dispatcher.run(stop, until=Until.STOPPED, on_step=look)
    watchdog.cancel()
    watchdog.join()
    assert sorted(os.listdir(layout.failed_dir)) == ["a", "b", "c"]
    assert events(dispatcher, EventKind.TROUBLE) == ["no room"]
    assert "going on" in events(dispatcher, EventKind.NOTE)[-1]


# ---- workers that are lost


def test_the_job_of_a_worker_that_died_runs_on_another(layout: Layout, dispatchers: Make, hire: Hire) -> None:
    process = subprocess.Popen(["sleep", "60"])
    lost = hire("w1", pid=process.pid)
    dispatcher = dispatchers()
    submit(layout, "job")
    step_until(dispatcher, lambda: lost.pod)
    lost.begin("job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    other = hire("w2")
    process.kill()
    process.wait()
    step_until(dispatcher, lambda: other.pod)
    assert os.listdir(layout.running_dir("w2")) == []
    assert not os.path.exists(layout.announcement("w1"))
    assert Path(layout.attempt("w2", "job")).read_bytes() == b"2"
    assert "w1 is lost: its process is gone" in events(dispatcher, EventKind.WORKER_LOST)
    assert dispatcher.ledger.crashes == {"job": 1}


def test_a_job_that_takes_every_worker_down_is_given_up(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    submit(layout, "job")
    for number in range(5):
        process = subprocess.Popen(["sleep", "60"])
        worker = hire(f"w{number}", pid=process.pid)
        step_until(dispatcher, lambda worker=worker: worker.pod)  # type: ignore[misc]
        worker.begin("job", number + 1)
        process.kill()
        process.wait()
        step_until(dispatcher, lambda: not dispatcher.ledger.workers)
    step_until(dispatcher, lambda: dispatcher.ledger.failed)
    assert os.listdir(layout.failed_dir) == ["job"]
    assert dispatcher.ledger.failed["job"].reason.startswith("5 workers were lost")


def test_a_silent_worker_of_another_host_is_lost_after_the_lease(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    remote = hire("w1", host="elsewhere")
    submit(layout, "job")
    step_until(dispatcher, lambda: remote.pod)
    step_until(dispatcher, lambda: events(dispatcher, EventKind.WORKER_LOST))
    assert os.listdir(layout.jobqueue) == ["job"]
    assert "no sign of life" in events(dispatcher, EventKind.WORKER_LOST)[0]


def test_pods_that_nobody_announces_are_emptied_after_the_lease(layout: Layout, dispatcher: Dispatcher) -> None:
    os.mkdir(layout.pod("ghost"))
    Path(layout.handed("ghost", "job")).write_text("[control]\nexecutable: true\n")
    step_until(dispatcher, lambda: os.listdir(layout.jobqueue) == ["job"])
    assert os.listdir(layout.jobpods) == []
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))


def test_who_was_seen_before_it_announced_itself_is_not_buried_after(layout: Layout) -> None:
    """However long it takes until the whole picture is compared again."""
    clock = Clock()
    dispatcher = Dispatcher(layout, Timings(reconcile_s=1000), clock=clock)
    try:
        os.mkdir(layout.pod("w1"))
        dispatcher.step()
        announce.publish(layout, announcement("w1"))
        clock.now_s += 31
        dispatcher.step()
        assert os.listdir(layout.jobpods) == ["w1"]
    finally:
        end(dispatcher)


def test_a_worker_that_leaves_gives_its_job_back_and_no_earlier_outcome_is_taken_for_it(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    Path(layout.failed("job")).write_bytes(b"of an earlier job of that name")
    worker = hire()
    submit(layout, "job")
    step_until(dispatcher, lambda: worker.pod)
    control.pause(layout)
    worker.leave()
    step_until(dispatcher, lambda: not dispatcher.ledger.workers)
    step_until(dispatcher, lambda: list(dispatcher.ledger.waiting) == ["job"])
    assert dispatcher.ledger.failed_here == 0
    assert not dispatcher.ledger.active


def test_an_outcome_without_a_story_is_found(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    process = subprocess.Popen(["sleep", "60"])
    worker = hire("w1", pid=process.pid)
    submit(layout, "job")
    step_until(dispatcher, lambda: worker.pod)
    worker.begin("job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    worker.end("job", "failed", tells=False)
    dispatcher._observer._ended.count(always=True)
    assert not dispatcher.ledger.failed  # its worker lives, by all we know, and has yet to tell
    process.kill()
    process.wait()
    step_until(dispatcher, lambda: dispatcher.ledger.failed)
    assert dispatcher.ledger.failed["job"].reason == "its worker was lost before it could tell why"
    assert dispatcher.ledger.failed_here == 1


def test_a_worker_that_lives_tells_its_story_itself_however_late(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    """Passes by ``Actor._may_tell_itself``: over NFS the line in the journal may be seen later than the rename."""
    dispatcher.ledger.timings = replace(TIMINGS, lease_s=30)
    worker = hire()
    submit(layout, "job")
    step_until(dispatcher, lambda: worker.pod)
    worker.begin("job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    worker.end("job", tells=False)
    step_until(dispatcher, lambda: dispatcher.ledger.active["job"].missing_since_s)
    until_s = time.monotonic() + 20 * TIMINGS.look_s
    step_until(dispatcher, lambda: time.monotonic() > until_s)
    worker.tell_end("job")
    step_until(dispatcher, lambda: not dispatcher.ledger.active)
    assert stories(dispatcher) == []
    assert dispatcher.ledger.ended_here == 1


def test_what_a_worker_has_told_is_not_told_again(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    """Passes by ``Actor._has_told``: a listing over NFS may show a job as running that has ended, and been heard of."""
    process = subprocess.Popen(["sleep", "60"])
    worker = hire(pid=process.pid)
    submit(layout, "job")
    step_until(dispatcher, lambda: worker.pod)
    worker.begin("job")
    worker.end("job")
    step_until(dispatcher, lambda: dispatcher.ledger.ended_here)
    dispatcher.ledger.job_started("job", "w1", time.monotonic(), 1)
    process.kill()
    process.wait()
    step_until(dispatcher, lambda: not dispatcher.ledger.active and not dispatcher.ledger.workers)
    assert "found" not in stories(dispatcher)
    assert dispatcher.ledger.ended_here == 1


def test_a_directory_by_the_name_of_a_job_is_not_its_outcome(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    """Passes by `fsio.is_plain` in ``Actor.find``."""
    worker = hire()
    submit(layout, "job")
    os.mkdir(layout.done("job"))
    step_until(dispatcher, lambda: worker.pod)
    worker.begin("job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    os.unlink(layout.running("w1", "job"))  # by a person
    step_until(dispatcher, lambda: not dispatcher.ledger.active)
    assert stories(dispatcher) == []
    assert not dispatcher.ledger.done


def test_an_announcement_that_cannot_be_understood_is_told_once(layout: Layout, dispatcher: Dispatcher) -> None:
    Path(layout.workerqueue, "bad.worker").write_bytes(b"\xff")
    for _ in range(5):
        dispatcher.step()
    step_until(dispatcher, lambda: events(dispatcher, EventKind.NOTE))
    assert len([text for text in events(dispatcher, EventKind.NOTE) if "passed by" in text]) == 1


# ---- beginning anew


def test_a_dispatcher_that_begins_knows_what_the_directories_show(
    layout: Layout, dispatchers: Make, hire: Hire
) -> None:
    first = dispatchers()
    workers = [hire("w1"), hire("w2")]
    submit(layout, "a", "b", "c", "d")
    step_until(first, lambda: all(worker.pod for worker in workers))
    begun = workers[0].pod[0]
    workers[0].begin(begun)
    workers[0].end(begun, "failed")
    running = workers[1].pod[0]
    workers[1].begin(running)
    end(first)
    second = dispatchers()
    second.step()
    counts = second.ledger.counts
    assert (counts.waiting + counts.handed, counts.running, counts.failed) == (2, 1, 1)
    assert second.ledger.failed[begun].reason == "exit 1"
    assert second.ledger.workers["w2"].running == running
    assert second.ledger.failed_here == 0


def test_a_second_dispatcher_watches_until_the_first_is_gone(layout: Layout, dispatchers: Make, hire: Hire) -> None:
    first, second = dispatchers(), dispatchers()
    first.step()
    second.step()
    assert mode(second) is Mode.WATCHING
    worker = hire()
    submit(layout, "job")
    for _ in range(5):
        second.step()
    assert worker.pod == []
    end(first)
    step_until(second, lambda: worker.pod)
    assert mode(second) is Mode.DISPATCHING
    assert "takes over" in events(second, EventKind.NOTE)[-1]


def test_a_watcher_does_not_give_up_what_was_mended_while_it_watched(
    layout: Layout, dispatchers: Make, hire: Hire
) -> None:
    first, second = dispatchers(), dispatchers()
    control.pause(layout)
    first.step()
    submit(layout, "job", text="")
    step_until(second, lambda: "job" in second.ledger.waiting)
    second.step()
    submit(layout, "job")
    end(first)
    control.resume(layout)
    worker = hire()
    step_until(second, lambda: worker.pod)
    assert os.listdir(layout.failed_dir) == []


def test_a_hand_out_buries_no_job_of_that_name(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    """Another dispatcher was first: one that was frozen for longer than its lease may act on an old picture."""
    worker = hire()
    submit(layout, "job")
    control.pause(layout)
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()) and dispatcher.ledger.workers)
    Path(layout.handed(worker.id, "job")).write_bytes(b"the other")
    assert dispatcher._actor.act([HandOut("job", worker.id, 1)], 0.0) == 0
    assert Path(layout.handed(worker.id, "job")).read_bytes() == b"the other"
    assert os.listdir(layout.jobqueue) == ["job"]
    assert dispatcher.ledger.active["job"].worker == worker.id
    assert not any(dispatcher.ledger.ready())


def test_what_is_taken_back_is_killed_where_it_went(layout: Layout, dispatcher: Dispatcher, hire: Hire) -> None:
    one, other = hire("w1"), hire("w2")
    submit(layout, "job")
    step_until(dispatcher, lambda: one.pod)
    control.kill(layout, "w1", "job")
    dispatcher._actor.act([TakeBack("job", "w1", "w2")], 0.0)
    assert other.pod == ["job"]
    assert os.path.exists(layout.order_kill("w2", "job"))
    assert not os.path.exists(layout.order_kill("w1", "job"))


def test_who_takes_over_knows_at_once_what_the_last_one_did(layout: Layout, hire: Hire) -> None:
    clock = Clock()
    first, second = (Dispatcher(layout, Timings(reconcile_s=1000), clock=clock) for _ in range(2))
    try:
        one = hire("w1")
        for dispatcher in (first, second):
            dispatcher.step()
        assert mode(second) is Mode.WATCHING
        submit(layout, "job")
        clock.now_s += 2
        first.step()
        assert one.pod == ["job"]
        handed = os.stat(layout.handed("w1", "job"))
        end(first)
        submit(layout, "job")
        hire("w2")
        clock.now_s += 2
        second.step()
        assert mode(second) is Mode.DISPATCHING
        assert os.listdir(layout.jobqueue) == ["job"]
        assert os.path.samestat(os.stat(layout.handed("w1", "job")), handed)
    finally:
        end(first)
        end(second)


def test_who_takes_over_does_not_give_up_what_was_given_up_and_tried_again(layout: Layout, hire: Hire) -> None:
    clock = Clock()
    journal = Journal(layout, "gone")
    journal.write("requeued", job="job", name="job", crashes=5)
    first, second = (Dispatcher(layout, clock=clock) for _ in range(2))
    try:
        control.pause(layout)
        for dispatcher in (first, second):
            dispatcher.step()
        submit(layout, "job")
        clock.now_s += 2
        first.step()
        assert os.listdir(layout.failed_dir) == ["job"]
        end(first)
        control.retry(layout, "job")
        clock.now_s += 2
        second.step()
        assert mode(second) in (Mode.DISPATCHING, Mode.PAUSED)
        assert os.listdir(layout.jobqueue) == ["job"]
    finally:
        journal.close()
        end(first)
        end(second)


def test_who_watches_tells_no_story_of_what_the_dispatcher_moved(layout: Layout, dispatchers: Make, hire: Hire) -> None:
    """Its picture is older, and an outcome that it finds may be of an earlier job, or told by the other already."""
    worker = hire()
    first, second = dispatchers(), dispatchers()
    submit(layout, "job")
    step_until(first, lambda: worker.pod)
    step_until(second, lambda: second.ledger.active)
    os.rename(layout.handed(worker.id, "job"), layout.done("job"))
    step_until(second, lambda: not second.ledger.active)
    assert "found" not in stories(second)
    step_until(first, lambda: not first.ledger.active)
    assert "found" in stories(first)


def test_an_earlier_outcome_is_not_taken_for_that_of_a_job_that_another_worker_has(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    one, other = hire("w1"), hire("w2")
    Path(layout.done("job")).write_bytes(b"of an earlier job of that name")
    submit(layout, "job")
    step_until(dispatcher, lambda: one.pod)
    os.rename(layout.handed("w1", "job"), layout.handed("w2", "job"))
    step_until(dispatcher, lambda: [active.worker for active in dispatcher.ledger.active.values()] == ["w2"])
    assert other.pod == ["job"]
    assert "found" not in stories(dispatcher)


def test_what_ran_and_was_handed_out_again_is_not_taken_for_running(
    layout: Layout, dispatcher: Dispatcher, hire: Hire
) -> None:
    worker = hire()
    submit(layout, "job")
    step_until(dispatcher, lambda: worker.pod)
    worker.begin("job")
    step_until(dispatcher, lambda: dispatcher.ledger.counts.running)
    os.rename(layout.running(worker.id, "job"), layout.handed(worker.id, "job"))
    step_until(dispatcher, lambda: dispatcher.ledger.counts.handed)
    assert dispatcher.ledger.counts.running == 0


def test_a_second_job_of_a_name_is_known_to_a_dispatcher_that_begins(
    layout: Layout, dispatchers: Make, hire: Hire
) -> None:
    worker = hire()
    Path(layout.handed("w1", "job")).write_text("[control]\nexecutable: true\n")
    submit(layout, "job")
    os.utime(layout.jobqueue, (0, 0))
    dispatcher = dispatchers()
    dispatcher.step()
    worker.begin("job")
    worker.end("job")
    step_until(dispatcher, lambda: worker.pod)


# ---- the end


def test_it_ends_when_all_is_done(layout: Layout, dispatcher: Dispatcher) -> None:
    submit(layout, "job", text="")
    assert dispatcher.run() is Ended.EMPTY
    assert dispatcher.snapshot().mode is Mode.STOPPED
    assert dispatcher.snapshot().counts.failed == 1


def test_it_waits_for_a_first_job_unless_it_is_to_look_once(layout: Layout, dispatchers: Make) -> None:
    assert dispatchers().run(until=Until.ONCE) is Ended.EMPTY
    steps: list[Snapshot] = []
    submitted = threading.Event()

    def look(snapshot: Snapshot) -> None:
        steps.append(snapshot)
        if len(steps) == 3:
            submit(layout, "job", text="")
            submitted.set()

    assert dispatchers().run(on_step=look) is Ended.EMPTY
    assert submitted.is_set()


def test_a_stop_ends_it_and_leaves_everything_as_it_is(layout: Layout, dispatcher: Dispatcher) -> None:
    submit(layout, "job")
    stop = threading.Event()
    running = threading.Thread(target=dispatcher.run, args=(stop,))
    running.start()
    until(lambda: dispatcher.snapshot().mode is Mode.DISPATCHING)
    stop.set()
    running.join(5)
    assert not running.is_alive()
    assert os.listdir(layout.jobqueue) == ["job"]


@pytest.mark.parametrize("when", list(Until))
def test_it_ends_when_its_spool_is_gone_and_brings_nothing_back(
    layout: Layout, dispatcher: Dispatcher, when: Until
) -> None:
    submit(layout, "job")

    def look(snapshot: Snapshot) -> None:
        if snapshot.counts.waiting:
            shutil.rmtree(layout.root, ignore_errors=True)

    watchdog = threading.Event()
    timer = threading.Timer(20, watchdog.set)
    timer.start()
    assert dispatcher.run(watchdog, until=when, on_step=look) is Ended.SPOOL_GONE
    timer.cancel()
    timer.join()
    assert not os.path.exists(layout.root)


def test_a_killed_dispatcher_is_followed_by_the_next_at_once(layout: Layout, dispatcher: Dispatcher) -> None:
    script = (
        "import sys; from fjd.dispatcher import Dispatcher; from fjd.spool.layout import Layout\n"
        "one = Dispatcher(Layout(sys.argv[1])); one.step(); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, layout.root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout
        first.stdout.readline()
        dispatcher.step()
        assert mode(dispatcher) is Mode.WATCHING
        assert dispatcher._holder.endswith(f":{first.pid}")
        first.kill()
        first.wait()
        step_until(dispatcher, lambda: mode(dispatcher) is Mode.DISPATCHING)


def test_a_job_that_was_cancelled_meanwhile_is_among_the_failed(layout: Layout, dispatcher: Dispatcher) -> None:
    control.submit(layout, "unwanted", JobSpec("/bin/true"))
    dispatcher.step()
    control.cancel(layout, "unwanted")
    step_until(dispatcher, lambda: dispatcher.ledger.failed)
    assert "cancelled" in dispatcher.ledger.failed["unwanted"].reason
    assert dispatcher.ledger.counts.waiting == 0


def test_who_cancelled_a_job_is_shown_whenever_it_was_told(layout: Layout, dispatchers: Make) -> None:
    early, late = dispatchers(), dispatchers()
    control.submit(layout, "unwanted", JobSpec("/bin/true"))
    control.submit(layout, "moved", JobSpec("/bin/true"))
    early.step()
    os.rename(layout.queued("unwanted"), layout.failed("unwanted"))
    os.rename(layout.queued("moved"), layout.failed("moved"))
    step_until(early, lambda: "unwanted" in early.ledger.failed)
    os.rename(layout.failed("unwanted"), layout.queued("unwanted"))
    step_until(early, lambda: "unwanted" not in early.ledger.failed)
    control.cancel(layout, "unwanted")
    for dispatcher in (early, late):
        step_until(dispatcher, lambda: _reason(dispatcher, "unwanted").startswith("cancelled by "))  # noqa: B023
        assert _reason(dispatcher, "moved") == "cancelled, or moved here by hand"


def _reason(dispatcher: Dispatcher, job: str) -> str:
    view = dispatcher.ledger.failed.get(job)
    return view.reason if view else ""


def test_a_job_is_not_shown_as_waiting_and_failed_at_once(layout: Layout, dispatcher: Dispatcher) -> None:
    control.submit(layout, "unwanted", JobSpec("/bin/true"))
    dispatcher.step()
    control.cancel(layout, "unwanted")
    dispatcher._observer._ended.count(always=True)  # the queue itself has not been looked at again
    assert "unwanted" in dispatcher.ledger.failed
    assert dispatcher.ledger.counts.waiting == 0
