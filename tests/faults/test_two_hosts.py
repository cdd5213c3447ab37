"""Two hosts on a filesystem without events and with cached attributes: the same as on one, only later."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import needs
from tests.crew import until
from tests.faults import disks
from tests.faults.hosts import Pair, two_hosts
from tests.faults.roles import WAITS, dispatching

pytestmark = needs.root()

TIMINGS = "grace_s=1 heartbeat_s=0.3 look_s=0.5 reconcile_s=1 poll_s=0.3 settle_s=1"

Hosts = Callable[..., Pair]


@pytest.fixture(params=[pytest.param(kind, marks=needs.program(kind)) for kind in ("bindfs", "sshfs")])
def hosts(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hosts]:
    with ExitStack() as stack:
        yield lambda timings="lease_s=20": stack.enter_context(
            two_hosts(tmp_path, request.param, f"{TIMINGS} {timings}")
        )


def test_jobs_dropped_here_run_there_and_are_seen_done_here(hosts: Hosts, talk: Path) -> None:
    """Passes by ``fsio.names(fresh=True)``; on NFS and sshfs a listing does not show what came, on bindfs it does.

    The times of the files are yesterday's, today's and tomorrow's.
    """
    pair = hosts()
    pair.there.workers(2)
    dispatcher = dispatching(pair.here, talk)
    jobs = {f"job{number}" for number in range(6)}
    for number, job in enumerate(jobs):
        pair.here.submit(f".{job}", "echo $FJD_WORKER; :")
        mtime_s = time.time() + (-86400, 0, 86400)[number % 3]
        os.utime(pair.here.root / f"jobqueue/.{job}", (mtime_s, mtime_s))
        os.rename(pair.here.root / f"jobqueue/.{job}", pair.here.root / "jobqueue" / job)
    status, _, _ = pair.here.finish(dispatcher)
    assert status == 0, talk.read_text()
    assert pair.here.names("done") == jobs
    assert all(pair.here.output(job).startswith("there-") for job in jobs)
    assert len(pair.there.journal("start")) == len(jobs)


def test_a_worker_killed_there_is_lost_after_the_lease(hosts: Hosts, talk: Path) -> None:
    """The other, which lives, is not: its heartbeat is asked of the server (``freshness.fstat``)."""
    pair = hosts("lease_s=3")
    first = pair.there.worker()
    dispatcher = dispatching(pair.here, talk)
    pair.here.submit("job", f'test "$FJD_ATTEMPT" = 2 || {WAITS}')
    until(lambda: pair.there.running())
    until(lambda: pair.there.journal("start"))
    second = pair.there.worker()
    pair.there.kill(first)
    assert pair.here.finish(dispatcher)[0] == 0
    (pair.there.root / "go").touch()
    assert disks.count(talk, "is lost: no sign of life for 3 s") == 1, talk.read_text()
    assert pair.here.names("done") == {"job"}
    assert second.poll() is None
    assert pair.there.id_of(second)


def test_an_order_to_leave_reaches_there(hosts: Hosts, talk: Path) -> None:
    """Passes by the fresh listing of its pod in ``Life._read_pod``; a FIFO does not connect two hosts."""
    pair = hosts()
    worker = pair.there.worker()
    dispatcher = dispatching(pair.here, talk, "--keep-going")
    pair.here.submit("job", WAITS)
    until(lambda: pair.there.running())
    status, lines, errors = pair.here.finish(pair.here.start("recruiter.py", "fire"))
    assert (status, lines) == (0, ["[FJD] Fired 1 worker on there."]), errors
    assert worker.wait(10) == 0
    until(lambda: pair.here.names("jobqueue") == {"job"})
    pair.here.kill(dispatcher, signal.SIGINT)


def test_what_is_still_written_there_is_not_taken(hosts: Hosts, talk: Path) -> None:
    """Passes by ``fsio.fresh_stamp`` in ``Wholeness._has_settled``: a bare stat shows the file standing still.

    What is there at first would be a whole job, too. The writer stops for half of the settle time again and again.
    """
    pair = hosts()
    pair.there.worker()
    dispatcher = dispatching(pair.here, talk)
    with (pair.there.root / "jobqueue/job").open("w") as file:
        file.write("[control]\nexecutable: cat\n[params]\n")
        for number in range(8):
            file.write(f"line{number}: {number}\n")
            file.flush()
            assert disks.settled(lambda: not pair.there.running() and not pair.there.names("done"), 0.5)
    assert pair.here.finish(dispatcher)[0] == 0
    assert "line7: 7" in pair.there.output("job")


@needs.program("bindfs")
def test_a_mount_that_turns_read_only_is_one_trouble(tmp_path: Path, talk: Path) -> None:
    """Passes by ``Pace.__exit__``: what failed is due at the next step, which else is taken for the end of the trouble.

    Here it is the touch before each listing that fails, and that is not done at each step.
    """
    with two_hosts(tmp_path, "bindfs", f"{TIMINGS} lease_s=60") as pair:
        dispatcher = dispatching(pair.here, talk)
        with disks.read_only(pair.here.root):
            until(lambda: "Read-only" in talk.read_text())
            assert disks.Cost(dispatcher).highest(3.0) < 0.25
            assert disks.count(talk, "Read-only") <= 2, talk.read_text()
            assert disks.count(talk, "as asked again") == 0
        pair.there.worker()
        pair.there.submit("job", "/bin/true")
        assert pair.here.finish(dispatcher)[0] == 0
        assert disks.count(talk, "as asked again") == 1


@needs.program("bindfs")
def test_nobody_is_lost_when_the_server_was_away_for_longer_than_the_lease(tmp_path: Path, talk: Path) -> None:
    """Passes by ``Ledger.worker_beat``, which does not count as silence what nobody could have heard.

    And by `Pace`, for which one hang is not what a look costs: else nobody would be looked at for minutes.
    """
    with two_hosts(tmp_path, "bindfs", f"{TIMINGS} lease_s=8") as pair:
        pair.there.worker()
        dispatcher = dispatching(pair.here, talk)
        pair.here.submit("job", WAITS)
        until(lambda: pair.there.running())
        with pair.hung():
            disks.Cost().elapse(7.0)
        assert disks.settled(lambda: not disks.count(talk, "is lost"), 1.5), talk.read_text()
        (pair.there.root / "go").touch()
        assert pair.here.finish(dispatcher)[0] == 0
        assert len(pair.there.journal("start")) == 1
        assert pair.here.names("done") == {"job"}


def test_of_two_dispatchers_one_watches_and_takes_over(hosts: Hosts, talk: Path, tmp_path: Path) -> None:
    """Passes by `Lease`; here with a lease that is longer than what the mounts believe."""
    pair = hosts("lease_s=8")
    pair.there.worker()
    first = dispatching(pair.here, talk, "--keep-going")
    with (tmp_path / "second-talk").open("w") as file:
        second = pair.there.start("dispatcher.py", stderr=file)
    until(lambda: "dispatches this spool already; watching" in (tmp_path / "second-talk").read_text())
    pair.here.submit("job", WAITS)
    until(lambda: "job" in pair.there.running())
    pair.here.kill(first)
    pair.here.submit("next", "/bin/true")
    (pair.there.root / "go").touch()
    until(lambda: "takes over" in (tmp_path / "second-talk").read_text(), 40)
    assert pair.there.finish(second)[0] == 0
    assert pair.there.names("done") == {"job", "next"}
    assert len(pair.there.journal("start")) == 2


def test_the_doctor_tries_such_a_filesystem_from_both_sides(hosts: Hosts, tmp_path: Path) -> None:
    """Passes by the same looks as a crew's: bare ones see nothing of what the other did for as long as is cached."""
    pair = hosts()
    ssh = tmp_path / "lan"
    there = 'hostname there && exec sh -c "$0"'
    ssh.write_text(f"#!/bin/sh\nshift 2\nexec unshare --uts sh -c '{there}' \"$1\"\n")
    ssh.chmod(0o755)
    (pair.here.root / "remote.conf").write_text(f"[there]\ndir = {pair.there.root}\n")
    pair.here.finish(pair.here.start("dispatcher.py", "--once"))
    doctor = pair.here.start("fjd", "doctor", "--host", "there", environment={"FJD_SSH": str(ssh)})
    status, lines, err = pair.here.finish(doctor, 90)
    assert (status, err) == (0, ""), lines
    said = {line.split()[1]: line.split()[0] for line in lines}
    assert {name: said[name] for name in ("see-listing", "see-beat", "see-text")} == dict.fromkeys(
        ("see-listing", "see-beat", "see-text"), "ok"
    )
    assert said["host"] == "ok"
    assert said["race-rename"] in ("ok", "note")
    assert os.listdir(pair.base / ".fjd/tmp") == []
