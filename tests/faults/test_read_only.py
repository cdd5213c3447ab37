"""A disk that turns read-only, or answers renames with errors, for a while."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs
from tests.crew import Crew, until
from tests.faults import disks
from tests.faults.conftest import TIMINGS
from tests.faults.roles import WAITS, dispatching

pytestmark = needs.root()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Crew]:
    """A crew whose spool is a mount of the directory ``base``, so that it can be written to while they cannot."""
    (tmp_path / "base/jobqueue").mkdir(parents=True, mode=0o700)
    (tmp_path / "base").chmod(0o700)
    with disks.bound(tmp_path / "base", tmp_path / "spool"):
        crew = Crew(tmp_path / "spool", TIMINGS)
        crew.talk = tmp_path / "worker-talk"
        yield crew
        crew.close()


def test_all_wait_while_the_disk_is_read_only(mounted: Crew, tmp_path: Path, talk: Path) -> None:
    """One worker idle, one with a job that ends meanwhile, and a job that comes meanwhile.

    Passes by ``worker.insistence`` and ``Dispatcher._step_or_trouble``; that it is said once is due to ``Complaints``
    in the worker and ``Dispatcher._say_trouble``.
    """
    crew = mounted
    workers = crew.workers(2)
    crew.submit("job", WAITS)
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    with disks.read_only(crew.root):
        cost = disks.Cost(dispatcher, *workers)
        (tmp_path / "base/go").touch()
        crew_behind = Crew(tmp_path / "base")
        crew_behind.submit("next", "echo hello; :")
        until(lambda: "cannot record the end of job" in crew.talk.read_text())
        until(lambda: "Read-only" in talk.read_text())
        assert cost.highest(3.0) < 0.25
        assert disks.count(crew.talk, "cannot record the end of job, and will try again") == 1
        assert disks.count(crew.talk, "cannot show that I live") == 2, "once for each worker"
        assert disks.count(talk, "Read-only") <= 2, talk.read_text()
        assert disks.count(talk, "as asked again") == 0
    status, _, _ = crew.finish(dispatcher)
    assert status == 0
    assert crew.names("done") == {"job", "next"}
    assert sorted(line["job"] for line in crew.journal("end")) == ["job", "next"]
    assert len(crew.journal("start")) == 2
    assert disks.count(talk, "the disk does as asked again") == 1
    until(lambda: disks.count(crew.talk, "the disk does as asked again") == 2)
    assert "the filesystem is read-only at the moment" in talk.read_text()


def test_a_worker_told_to_leave_a_read_only_disk_leaves_after_the_grace(mounted: Crew, talk: Path) -> None:
    """Passes by the deadline in ``worker.insistence``; the job it leaves behind comes back by its burial."""
    crew = mounted
    worker = crew.worker()
    crew.submit("job", 'test "$FJD_ATTEMPT" = 2 || sleep 60; :')
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    with disks.read_only(crew.root):
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 1
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.names("done") == {"job"}


@pytest.mark.parametrize("error", ["EIO", "ESTALE", "EDQUOT"])
@pytest.mark.parametrize("role", ["worker", "dispatcher"])
@needs.program("strace")
def test_renames_that_fail_for_a_while(crew: Crew, talk: Path, role: str, error: str) -> None:
    """Passes by ``fsio.move``, which makes a `DiskError` of it, and those who try again (see above).

    A rename that fails with ESTALE for longer than it is tried must be no `Moved.ASTRAY`: nobody would speak of it.
    """
    words = {"EIO": "Input/output error", "ESTALE": "Stale file handle", "EDQUOT": "your quota is used up"}[error]
    worker = crew.worker()
    dispatcher = dispatching(crew, talk)
    crew.submit("job", WAITS)
    until(lambda: crew.running() and crew.journal("start"))
    struck, said = (worker, crew.talk) if role == "worker" else (dispatcher, talk)
    crew.worker()
    with disks.answering(struck, disks.RENAMES, error):
        crew.submit("next", "/bin/true")
        (crew.root / "go").touch()
        cost = disks.Cost(struck)
        until(lambda: words in said.read_text())
        assert cost.highest() < 0.4, "being traced costs something, too"
        assert disks.count(said, words) <= 2, f"once for each pod that it tried: {said.read_text()}"
        assert (crew.names("done") >= {"job"}) is (role == "dispatcher")
        assert (crew.names("done") >= {"next"}) is (role == "worker")
    status, _, _ = crew.finish(dispatcher)
    assert status == 0
    assert crew.names("done") == {"job", "next"}
    assert len(crew.journal("start")) == len(crew.journal("end")) == 2
    assert disks.count(said, "the disk does as asked again") == 1
