"""Announcements: whatever they say is read back, and whatever is no announcement is said to be none."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fjd import identity
from fjd.errors import JobFileError
from fjd.spool import announce
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout

TEXTS = (
    st.text(st.characters(codec="utf-8"))
    | st.text(st.characters(categories=["Cc", "Zl", "Po"]))
    | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))
).filter(lambda text: "\0" not in text)
"""Any text that the system gives: newlines, quotes, percent signs, and the surrogates of what is no UTF-8."""

ANNOUNCEMENTS = st.builds(
    Announcement,
    id=TEXTS,
    number=st.integers(-(1 << 62), 1 << 62),
    host=TEXTS,
    boot_id=TEXTS,
    pid_space=TEXTS,
    pid=st.integers(0, 1 << 40),
    started=st.integers(0, 1 << 60),
    since=st.floats(-1e18, 1e18),
    cwd=TEXTS,
    kind=TEXTS,
    session=TEXTS,
    log=TEXTS,
)


def made(**changes: object) -> Announcement:
    host = identity.this_host()
    pid = os.getpid()
    me = Announcement(
        id="nova-1-abc",
        number=1,
        host=host.name,
        boot_id=host.boot_id,
        pid_space=host.pid_space,
        pid=pid,
        started=identity.start_time(pid) or 0,
        since=1.5,
        cwd="/work",
        kind="hand",
    )
    return replace(me, **changes)  # type: ignore[arg-type]


@given(ANNOUNCEMENTS)
def test_what_is_announced_is_read_back(announcement: Announcement) -> None:
    assert announce.parse(announce.render(announcement), announcement.id) == announcement


GOOD = announce.render(made())


@given(
    st.binary(max_size=400)
    | st.builds(
        lambda start, middle, end: GOOD[: start % len(GOOD)] + middle + GOOD[end % len(GOOD) :],
        st.integers(0),
        st.binary(max_size=20),
        st.integers(0),
    )
)
@example(b"")
@example(b"[worker]\nid: " + b"[" * 60_000)
@example(GOOD.replace(b"\npid: ", b"\npid: 1e999, "))
@example(GOOD.replace(b'"hand"', b"null"))
@example(b"[DEFAULT]\n[worker]\n = 1\n")
def test_any_bytes_are_an_announcement_or_said_to_be_none(data: bytes) -> None:
    said = ""
    try:
        assert announce.parse(data, "nova-1-abc").id == "nova-1-abc"
    except JobFileError as error:
        said = str(error)
    assert not said or "is no announcement" in said
    assert "\n" not in said


def test_an_announcement_is_one_workers_own() -> None:
    with pytest.raises(JobFileError, match="no announcement of somebody"):
        announce.parse(GOOD, "somebody")


def test_what_a_newer_version_says_besides_is_passed_over() -> None:
    assert announce.parse(GOOD + b"novelty: 1\n", "nova-1-abc") == made()


@pytest.mark.parametrize(
    "host", ["nova", "nova.example.org", "a/b", "..", "", "ö", "\udcff", "a\nb", "x" * 300, "a b", "$(id)", "-rf"]
)
def test_a_worker_id_can_be_a_file_name_whatever_the_host(host: str) -> None:
    worker = announce.new_id(host, 7)
    layout = Layout("/spool")
    for path in (layout.announcement(worker), layout.journal(worker), layout.workerlog(worker), layout.pod(worker)):
        name = os.path.basename(path)
        assert len(os.fsencode(name)) <= 255
        assert name.isascii()
        assert not name.startswith(".")
    assert announce.worker_of(os.path.basename(layout.announcement(worker))) == worker
    assert "-7-" in worker


def test_no_worker_id_is_used_twice() -> None:
    assert len({announce.new_id("nova", 1) for _ in range(200)}) == 200


@pytest.mark.parametrize("name", ["", ".worker", ".a.worker", "a.worker~", "a"])
def test_files_that_are_no_announcement_by_name(name: str) -> None:
    assert announce.worker_of(name) is None


def test_a_published_announcement_is_read_and_one_that_is_gone_is_not(layout: Layout) -> None:
    announce.publish(layout, made())
    assert announce.read(layout, "nova-1-abc") == made()
    assert announce.read(layout, "somebody") is None


def test_reading_all_passes_by_what_cannot_be_understood(layout: Layout) -> None:
    announce.publish(layout, made())
    queue = Path(layout.workerqueue)
    (queue / "bad.worker").write_bytes(b"\xff")
    (queue / "dir.worker").mkdir()
    (queue / "note").write_bytes(GOOD)
    open_to_all = queue / "open.worker"
    open_to_all.write_bytes(GOOD)
    open_to_all.chmod(0o666)
    assert announce.read_all(layout) == {"nova-1-abc": made()}


def test_a_worker_of_this_host_can_be_asked_for() -> None:
    assert made().is_here()
    assert made().process_lives()
    assert not made(started=made().started + 1).process_lives()


@pytest.mark.parametrize("field", ["host", "boot_id", "pid_space"])
def test_a_worker_of_another_host_boot_or_container_is_not_here(field: str) -> None:
    assert not made(**{field: "other"}).is_here()


def test_a_host_is_known_by_its_short_name() -> None:
    assert identity.this_host().name == socket.gethostname().partition(".")[0]
