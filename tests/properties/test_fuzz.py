"""Whatever bytes stand in a spool, nobody ends with a traceback or hangs over them: an answer or a reason comes out."""

import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fjd import control, jobfile
from fjd.dispatcher import Dispatcher
from fjd.errors import FjdError, JobFileError, SpoolError
from fjd.settings import Timings
from fjd.snapshot import Mode
from fjd.spool import announce, create
from fjd.spool.announce import Announcement
from fjd.spool.journal import Tail
from fjd.spool.layout import Layout
from fjd.worker import Leaving, Worker
from tests.properties.profiles import FUZZ, PROFILE
from tests.unit.made import Clock, announcement

W = "w1"
_SOON_S = 5.0


@contextmanager
def spool() -> Iterator[Layout]:
    """An empty spool for one example."""
    root = tempfile.mkdtemp(prefix="fjd-fuzz-")
    try:
        yield create.open_spool(root)
    finally:
        shutil.rmtree(root)


@contextmanager
def soon() -> Iterator[None]:
    """What is done in here takes little of the processor."""
    began_s = time.process_time()
    yield
    assert time.process_time() - began_s < _SOON_S


def steps(layout: Layout, clock: Clock, *, count: int = 3) -> Dispatcher:
    """Let a dispatcher begin and look at everything ``count`` times; return it as it was at the end."""
    dispatcher = Dispatcher(layout, Timings(crash_limit=2), clock=clock)
    try:
        with soon():
            for _ in range(count):
                dispatcher.step()
                dispatcher._paint(at_once=True)
                clock.now_s += 6
    finally:
        dispatcher._close()
    return dispatcher


PIECES = [
    *(b"\n", b"\r", b"\0", b"\xff", b"[", b"]", b"=", b":", b"#", b'"', b"{}", b"%s", b"../", b"\x1b[2J"),
    *(b"\\ud800", b"\\u0000", b"\xed\xa0\x80", b"1e999", b"NaN", b"-1", b"null"),
    *(b" " * 5000, b"9" * 400, b"9" * 5000, b"[" * 2000),
]
"""What parsers stumble over."""


def mutated(data: bytes) -> st.SearchStrategy[bytes]:
    """Valid bytes, of which pieces are cut out, doubled, or replaced by others."""

    pieces = st.binary(max_size=8) | st.sampled_from(PIECES)
    cuts = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 30), pieces), max_size=4)
    return cuts.map(lambda found: reduce(_spliced, found, data))


def _spliced(data: bytes, cut: tuple[int, int, bytes]) -> bytes:
    start, length, piece = cut
    start %= len(data) + 1
    return data[:start] + piece + data[start + length :]


# ---- job files

JOB = b"""\
[control]
executable: python ajob.py --deep "a b" ; echo $1
logfile: data/job0.dat

[params]
param1: value0
  goes on
"""
JOBS = st.binary(max_size=300) | mutated(JOB)


@FUZZ
@given(JOBS)
def test_any_bytes_are_a_job_or_a_reason(data: bytes) -> None:
    reason = ""
    with soon():
        try:
            spec = jobfile.parse(data)
            assert spec.executable.strip()
            assert isinstance(jobfile.needs_shell(spec.executable), bool)
            assert isinstance(jobfile.takes_path(spec.executable), bool)
        except JobFileError as error:
            reason = str(error)
            assert reason
    assert "\x1b" not in reason


@PROFILE
@given(JOBS)
def test_any_bytes_in_the_queue_wait_or_fail_with_a_reason(data: bytes) -> None:
    with spool() as layout:
        Path(layout.queued("job")).write_bytes(data)
        dispatcher = steps(layout, Clock())
        if os.listdir(layout.jobqueue):
            assert [one.name for one in dispatcher.ledger.ready()] == ["job"]
            assert dispatcher.ledger.waiting["job"].command
        else:
            assert os.listdir(layout.failed_dir) == ["job"]
            assert dispatcher.ledger.failed["job"].reason


@pytest.mark.parametrize(
    "data", [b" " * (1 << 21), b"a\n" * (1 << 19), b"[control]\n" + b"x" * (1 << 20), b"\n" * (1 << 20)]
)
def test_a_very_large_file_is_refused_soon(layout: Layout, data: bytes) -> None:
    Path(layout.queued("job")).write_bytes(data)
    assert steps(layout, Clock()).ledger.failed["job"].reason


# ---- journals

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        [10**400, -(10**400), 10**4299, math.nan, math.inf, -math.inf, "\ud800", "a\0b", "../x", "..", ""]
    )
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.sampled_from(["job", "done", "failed", "requeued", "superseded", "start", "end", "found", "rejected", W]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "t",
    "event",
    "job",
    "attempt",
    "pid",
    "outcome",
    "reason",
    "seconds",
    "worker",
    "name",
    "crashes",
    "jobs",
    "exit",
)
JOB_NAMES = st.sampled_from(["job", "other", "\udcff"]) | VALUES
EVENTS = st.sampled_from(["start", "end", "requeued", "rejected", "found", "lost"])
RECORDS = st.fixed_dictionaries(
    {"event": EVENTS, "job": JOB_NAMES}, optional={key: VALUES for key in KEYS if key not in ("event", "job")}
) | st.dictionaries(st.sampled_from(KEYS), VALUES)
LINES = st.lists(RECORDS.map(lambda record: json.dumps(record).encode()) | st.binary(max_size=40), max_size=8)
GOOD_LINES = b"".join(
    json.dumps(record).encode() + b"\n"
    for record in (
        {"t": 1.5, "event": "start", "job": "job", "attempt": 1, "pid": 7},
        {"t": 2.5, "event": "end", "job": "job", "outcome": "failed", "reason": "exit 1", "seconds": 0.5},
        {"t": 3.5, "event": "requeued", "job": "job", "name": "job-2", "crashes": 1},
    )
)
JOURNALS = st.binary(max_size=300) | LINES.map(b"\n".join) | mutated(GOOD_LINES)


@FUZZ
@given(st.lists(JOURNALS, max_size=4))
@example([b'{"event": "x"', b"}\n"])
@example([b"[" * 100_000, b"\n", b'{"a":' * 100_000 + b"\n"])
def test_a_journal_is_read_alike_in_whatever_pieces_it_comes(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, whole = Path(directory, "w.jsonl"), Path(directory, "whole.jsonl")
        whole.write_bytes(b"".join(pieces))
        in_pieces, at_once = Tail(str(path)), Tail(str(whole))
        records = []
        with soon(), path.open("ab") as file:
            for piece in pieces:
                file.write(piece)
                file.flush()
                records += in_pieces.read()
            assert repr(records) == repr(at_once.read())  # by their looks, since NaN is not equal to itself
        assert in_pieces.torn == at_once.torn
        assert all(isinstance(record["event"], str) for record in records)


@PROFILE
@given(JOURNALS, JOURNALS, JOURNALS)
@example(b'{"event": "start", "job": "\\ud800"}\n', b"", b"")
@example(b'{"event": "start", "job": "a\\u0000b"}\n', b"", b"")
@example(b'{"event": "start", "job": "../jobqueue/job"}\n', b"", b"")
@example(b'{"event": "start", "job": "job", "attempt": %s}\n' % (b"9" * 4300), b"", b"")
@example(b"", b'{"event": "requeued", "job": "job", "crashes": %s}\n' % (b"9" * 4300), b"")
@example(b'{"event": "end", "job": "job", "outcome": "failed", "reason": %s}\n' % (b"[" * 900 + b"]" * 900), b"", b"")
def test_any_journal_is_read_by_a_dispatcher_and_work_goes_on(past: bytes, others: bytes, later: bytes) -> None:
    """Of a living worker and of another; when the dispatcher begins, and as they grow."""
    with spool() as layout:
        os.mkdir(layout.pod(W))
        os.mkdir(layout.running_dir(W))
        announce.publish(layout, announcement(W))
        Path(layout.journal(W)).write_bytes(past)
        Path(layout.journal("other")).write_bytes(others)
        clock = Clock()
        dispatcher = Dispatcher(layout, Timings(crash_limit=2), clock=clock)
        try:
            with soon():
                dispatcher.step()
                with open(layout.journal(W), "ab") as file:
                    file.write(b"\n" + later)
                Path(layout.queued("job")).write_bytes(JOB)
                for _ in range(5):
                    dispatcher.step()
                    dispatcher._paint(at_once=True)
                    clock.now_s += 6
        finally:
            dispatcher._close()
        assert "job" in os.listdir(layout.pod(W)) + os.listdir(layout.failed_dir)


# ---- announcements


def absurd(**changes: object) -> bytes:
    """An announcement that its writer never made."""
    me = announcement(W)
    values = {field: getattr(me, field) for field in Announcement.__slots__} | changes
    return b"[worker]\n" + b"".join(f"{key}: {json.dumps(value)}\n".encode() for key, value in values.items())


ABSURD = st.dictionaries(st.sampled_from([*Announcement.__slots__]), VALUES, max_size=3).map(
    lambda changes: absurd(**changes)
)
ANNOUNCEMENTS = st.binary(max_size=300) | mutated(absurd()) | ABSURD


@FUZZ
@given(ANNOUNCEMENTS)
@example(b"[worker]\nx" + b" " * 60_000 + b"y")
@example(b"[worker]\n" + b"x\n" * 30_000)
def test_any_bytes_are_an_announcement_or_none(data: bytes) -> None:
    said = ""
    with soon():
        try:
            assert announce.parse(data, W).id == W
        except JobFileError as error:
            said = str(error)
    assert not said or "is no announcement" in said


@PROFILE
@given(ANNOUNCEMENTS)
@example(absurd(pid=-1))
@example(absurd(pid=10**400))
@example(absurd(number=10**400))
@example(absurd(started="yesterday"))
@example(absurd(since=math.nan))
@example(absurd(host="elsewhere", cwd="\ud800", log="a\0b", session="\ud800"))
def test_beside_any_announcement_a_dispatcher_goes_on(data: bytes) -> None:
    with spool() as layout:
        Path(layout.workerqueue, f"{W}.worker").write_bytes(data)
        good = "w2"
        os.mkdir(layout.pod(good))
        os.mkdir(layout.running_dir(good))
        announce.publish(layout, announcement(good))
        os.mkdir(layout.pod(W))
        for name in ("a", "b"):
            Path(layout.queued(name)).write_bytes(JOB)
        dispatcher = steps(layout, Clock())
        assert good in dispatcher.ledger.workers
        assert len([name for name in os.listdir(layout.pod(good)) if name[0] != "."]) == 1


# ---- orders and notes to a worker


@contextmanager
def lone_worker(layout: Layout) -> Iterator[Worker]:
    """A worker that has come, and looks when it is told to."""
    for directory in (layout.pod(W), layout.running_dir(W)):
        os.mkdir(directory)
    worker = Worker(layout, announcement(W), say=lambda _text: None)
    yield worker
    worker._journal.close()


@FUZZ
@given(st.binary(max_size=50) | mutated(b"cancel"))
@example(b"cancel")
def test_any_order_to_leave_is_obeyed(data: bytes) -> None:
    with spool() as layout, lone_worker(layout) as worker:
        Path(layout.order(W, "fire")).write_bytes(data)
        worker._life._look(0.0)
        assert worker._life.leaving is Leaving.FIRED
        assert worker._life.cancels is (data == b"cancel")


@FUZZ
@given(st.binary(max_size=50) | mutated(b"3") | st.integers().map(lambda number: b"%d" % number))
@example("²".encode())
@example(b"9" * 5000)
def test_any_note_of_an_attempt_is_a_number(data: bytes) -> None:
    with spool() as layout, lone_worker(layout) as worker:
        Path(layout.attempt(W, "job")).write_bytes(data)
        worker._life._look(0.0)
        assert 0 <= worker._life.orders.attempt("job") < 1 << 70


def make(path: str, kind: str) -> None:
    """Put something that is no plain file there."""
    if kind == "directory":
        os.mkdir(path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        os.symlink("/nowhere", path)
    else:
        Path(path).write_bytes(b"cancel")
        os.chmod(path, 0o666)


KINDS = ["directory", "fifo", "link", "open to all"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_that_is_no_file_is_obeyed_and_cancels_nothing(layout: Layout, kind: str) -> None:
    with lone_worker(layout) as worker:
        make(layout.order(W, "fire"), kind)
        worker._life._look(0.0)
        assert worker._life.leaving is Leaving.FIRED
        assert not worker._life.cancels


# ---- what is private to fjd


@FUZZ
@given(st.binary(max_size=150) | mutated(b"1\n"))
def test_any_version_is_ours_or_refused_with_a_sentence(data: bytes) -> None:
    with spool() as layout:
        Path(layout.version_file).write_bytes(data)
        with soon():
            if data[:101].strip() == b"1":  # no more than this is read
                control.open_spool(layout.root)
            else:
                with pytest.raises(SpoolError, match="protocol"):
                    control.open_spool(layout.root)


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_that_is_no_file_is_refused_with_a_sentence(layout: Layout, kind: str) -> None:
    os.unlink(layout.version_file)
    make(layout.version_file, kind)
    with soon(), pytest.raises(FjdError):
        control.open_spool(layout.root)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_called_paused_pauses(layout: Layout, kind: str) -> None:
    make(layout.paused_file, kind)
    assert steps(layout, Clock()).ledger.is_paused


@PROFILE
@given(st.binary(max_size=300) | mutated(b'{"token": "x", "pid": 1, "hostname": "nova", "lease_duration": 30.0}\n'))
def test_whatever_stands_in_the_lease_a_dispatcher_works_or_watches(data: bytes) -> None:
    with spool() as layout:
        Path(layout.lease_file).write_bytes(data)
        dispatcher = Dispatcher(layout, clock=Clock())
        try:
            with soon():
                dispatcher.step()
                assert dispatcher._mode in (Mode.DISPATCHING, Mode.WATCHING)
        finally:
            dispatcher._close()
