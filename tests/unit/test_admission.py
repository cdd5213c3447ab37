"""Admission: what becomes of each kind of file in the queue."""

import itertools
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd.dispatcher import Dispatcher
from fjd.dispatcher.admission import Admission
from fjd.dispatcher.terms import TermsReader
from fjd.errors import DiskError, FileRefused
from fjd.ledger import Ledger, Readiness
from fjd.settings import Timings
from fjd.snapshot import EventKind
from fjd.spool import fsio
from fjd.spool.layout import Layout
from tests.crew import job_text, until
from tests.unit.made import Clock, HandWorker, submit
from tests.unit.test_dispatcher import end, step_until

TIMINGS = Timings(look_s=0.01, alive_s=0.01, reconcile_s=0.02, settle_s=0.05)


@pytest.fixture
def dispatcher(layout: Layout) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(layout, TIMINGS)
    yield dispatcher
    end(dispatcher)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(layout: Layout, clock: Clock) -> Admission:
    return Admission(layout, Ledger(), TermsReader(), settle_s=2, clock=clock)


def told(dispatcher: Dispatcher) -> list[str]:
    return [event.text for event in dispatcher.ledger.events if event.kind is EventKind.NOT_A_JOB]


def readiness(admission: Admission, name: str) -> Readiness:
    return admission._ledger.waiting[name].readiness


BAD = {
    "empty": (b"", r"\[control\]"),
    "no-section": (b"executable: true\n", r"section|\[control\]"),
    "other-section": (b"[params]\na: 1\n", r"\[control\]"),
    "no-executable": (b"[control]\nlogfile: x\n", "executable"),
    "empty-executable": (b"[control]\nexecutable:\n", "executable"),
    "binary": (bytes(range(256)) * 10, "."),
    "not-utf8": (b"[control]\nexecutable: \xff\n", "."),
    "nul": (b"[control]\nexecutable: tr\0ue\n", "."),
    "large": (b"[control]\nexecutable: true\n" + b"#" * (1 << 20), "large|bytes|MiB|MB"),
    "twice": (b"[control]\nexecutable: a\nexecutable: b\n", "executable"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_job_goes_to_failed_with_a_reason(layout: Layout, dispatcher: Dispatcher, name: str) -> None:
    data, why = BAD[name]
    submit(layout, name, text=data)
    step_until(dispatcher, lambda: dispatcher.ledger.failed)
    reason = dispatcher.ledger.failed[name].reason
    assert os.listdir(layout.failed_dir) == [name]
    assert os.listdir(layout.jobqueue) == []
    assert re.search(why, reason), reason
    assert reason.isprintable()
    journal = Path(dispatcher._actor.journal.path).read_text()
    assert '"event":"rejected"' in journal


def test_a_job_that_everybody_could_have_written_is_not_run(layout: Layout, dispatcher: Dispatcher) -> None:
    submit(layout, "job")
    os.chmod(layout.queued("job"), 0o666)
    step_until(dispatcher, lambda: dispatcher.ledger.failed)
    assert "everybody can write it" in dispatcher.ledger.failed["job"].reason


def test_the_rest_of_the_queue_goes_on(layout: Layout, dispatcher: Dispatcher) -> None:
    for name, (data, _) in BAD.items():
        submit(layout, name, text=data)
    submit(layout, "good")
    worker = HandWorker(layout, "w")
    step_until(dispatcher, lambda: len(dispatcher.ledger.failed) == len(BAD) and worker.pod == ["good"])
    worker.close()


@pytest.mark.parametrize("kind", ["directory", "link", "fifo", "socket"])
def test_what_is_no_plain_file_is_left_where_it_is_and_told_once(
    layout: Layout, dispatcher: Dispatcher, tmp_path: Path, kind: str
) -> None:
    path = Path(layout.queued("thing"))
    if kind == "directory":
        path.mkdir()
    elif kind == "link":
        submit(layout, "target")
        os.rename(layout.queued("target"), tmp_path / "target")
        path.symlink_to(tmp_path / "target")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    step_until(dispatcher, lambda: told(dispatcher))
    for turn in range(10):
        if kind == "directory":
            (path / str(turn)).write_bytes(b"")
        os.utime(path, (turn, turn), follow_symlinks=False)
        dispatcher.step({layout.jobqueue: {"thing"}})
        dispatcher.step({layout.jobqueue: set()})
    assert len(told(dispatcher)) == 1
    assert told(dispatcher)[0].startswith("thing in jobqueue/ is a")
    assert os.listdir(layout.jobqueue) == ["thing"]
    assert dispatcher.ledger.counts.unfinished == 0


def test_a_link_that_is_replaced_by_a_file_is_a_job(layout: Layout, dispatcher: Dispatcher) -> None:
    os.symlink("nowhere", layout.queued("job"))
    step_until(dispatcher, lambda: told(dispatcher))
    submit(layout, "job")
    step_until(dispatcher, lambda: any(dispatcher.ledger.ready()))


@pytest.mark.parametrize("name", [".hidden", "a~", "a.tmp", "a.swp", "a.part"])
def test_leftovers_of_editors_and_copiers_are_not_looked_at(layout: Layout, dispatcher: Dispatcher, name: str) -> None:
    submit(layout, name, text="")
    for _ in range(5):
        dispatcher.step({layout.jobqueue: {name}})
    assert not dispatcher.ledger.waiting
    assert os.listdir(layout.jobqueue) == [name]


# ---- writers


def test_a_file_that_is_being_written_is_held_and_then_taken_whole(layout: Layout, dispatcher: Dispatcher) -> None:
    """The first half is a job by itself."""
    worker = HandWorker(layout, "w")
    half = job_text("true")
    with open(layout.queued("job"), "w") as file:
        file.write(half)
        file.flush()
        step_until(dispatcher, lambda: dispatcher.ledger.waiting)
        for _ in range(10):
            dispatcher.step()
        assert worker.pod == []
        assert dispatcher.ledger.waiting["job"].readiness is Readiness.WRITTEN
        file.write("[params]\nb: 2\n")
    step_until(dispatcher, lambda: worker.pod)
    assert Path(layout.handed("w", "job")).read_text() == half + "[params]\nb: 2\n"
    worker.close()


def test_a_job_that_somebody_opens_to_change_it_is_not_handed_out(
    layout: Layout, admission: Admission, clock: Clock
) -> None:
    submit(layout, "job")
    admission._ledger.job_appeared("job")
    admission.admit()
    assert admission.is_still_good("job", clock())
    with open(layout.queued("job"), "a"):
        assert not admission.is_still_good("job", clock())
        assert readiness(admission, "job") is Readiness.WRITTEN
    admission.admit()
    assert readiness(admission, "job") is Readiness.WRITTEN
    clock.now_s += 1
    admission.admit()
    assert admission.is_still_good("job", clock())


def test_a_job_that_was_edited_after_it_was_read_is_read_again(
    layout: Layout, admission: Admission, clock: Clock
) -> None:
    submit(layout, "job")
    admission._ledger.job_appeared("job")
    admission.admit()
    submit(layout, "job", text=job_text("false"))
    assert not admission.is_still_good("job", clock())
    admission.admit()
    assert admission.is_still_good("job", clock())
    assert admission._ledger.waiting["job"].command == "false"


def test_a_job_that_is_not_known_is_not_good(admission: Admission) -> None:
    assert not admission.is_still_good("job", 0)


# ---- how much, and what the disk refuses


def test_a_step_reads_only_a_part_of_a_long_queue(
    layout: Layout, admission: Admission, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"job{number}" for number in range(20)]
    submit(layout, *names)
    for name in names:
        admission._ledger.job_appeared(name)

    is_whole = admission._wholeness.is_whole

    def slow(path: str, now_s: float, descriptor: int) -> bool:
        clock.now_s += 0.005
        return is_whole(path, now_s, descriptor)

    monkeypatch.setattr(admission._wholeness, "is_whole", slow)
    admission.admit()
    assert 0 < len(list(admission._ledger.ready())) < 20
    steps = 1
    while admission.has_unread:
        admission.admit()
        steps += 1
    assert len(list(admission._ledger.ready())) == 20
    assert 3 <= steps <= 20


def test_a_file_that_the_disk_refuses_is_read_later(
    layout: Layout, admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(layout, "job")
    admission._ledger.job_appeared("job")

    def refusing(_path: str, _limit: int, _is_whole: object) -> None:
        raise DiskError("input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(fsio, "read_plain", refusing)
        with pytest.raises(DiskError):
            admission.admit()
    assert admission.has_unread
    admission.admit()
    assert readiness(admission, "job") is Readiness.READY


def test_a_file_that_the_disk_refuses_is_passed_by_and_tried_at_growing_distances(
    layout: Layout, admission: Admission, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passes by ``Admission.pass_by``: such a file was read again and again, and nothing behind it ever."""
    ledger, read_plain, tries = admission._ledger, fsio.read_plain, []

    def refusing(path: str, limit: int, is_whole: object) -> fsio.Contents | None:
        if path == layout.queued("a"):
            tries.append(clock.now_s)
            raise FileRefused("cannot read a: Input/output error")
        return read_plain(path, limit)

    submit(layout, "a", "b")
    for name in ("a", "b"):
        ledger.job_appeared(name)
    with monkeypatch.context() as patch:
        patch.setattr(fsio, "read_plain", refusing)
        for _ in range(80):
            admission.admit()
            clock.now_s += 0.25
    assert readiness(admission, "b") is Readiness.READY
    assert readiness(admission, "a") is Readiness.REFUSED
    assert [later - sooner for sooner, later in itertools.pairwise(tries)] == [0.5, 1, 2, 4, 8]
    clock.now_s += 60
    admission.admit()
    assert readiness(admission, "a") is Readiness.READY
    ledger.job_left_queue("a")
    admission.admit()
    assert [event.text for event in ledger.events] == [
        "a is passed by for now: cannot read a: Input/output error",
        "the disk does as asked again; going on",
    ]


def test_what_is_to_be_given_up_comes_again_until_it_was(layout: Layout, admission: Admission) -> None:
    submit(layout, "job", text="")
    admission._ledger.job_appeared("job")
    admission.admit()
    assert [one.job for one in admission.to_give_up()] == ["job"]
    assert [one.job for one in admission.to_give_up()] == ["job"]
    admission.given_up("job")
    assert admission.to_give_up() == []


def test_what_was_mended_before_it_was_given_up_is_read_again(layout: Layout, admission: Admission) -> None:
    submit(layout, "job", text="")
    admission._ledger.job_appeared("job")
    admission.admit()
    submit(layout, "job")
    assert admission.to_give_up() == []
    admission.admit()
    assert readiness(admission, "job") is Readiness.READY


def test_a_job_that_went_away_before_it_was_read_is_forgotten(admission: Admission) -> None:
    admission._ledger.job_appeared("job")
    admission.admit()
    until(lambda: not admission._ledger.waiting)
