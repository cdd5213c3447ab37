"""Directories that somebody removes under a running crew: made anew while the spool stands, and else left alone."""

import signal
from pathlib import Path

import pytest

from tests import needs
from tests.crew import Crew, until
from tests.faults import disks
from tests.faults.roles import WAITS, dispatching

pytestmark = needs.root()


@pytest.mark.parametrize("removed", ["done", "failed", "output", "journal", "workerqueue", "workerlogs", ".fjd/tmp"])
def test_a_directory_removed_under_a_job_is_made_anew(crew: Crew, talk: Path, removed: str) -> None:
    """Passes by ``create.mend``; for ``workerqueue`` where ``Life._beat`` calls it, for ``journal`` by
    ``Journal.revive`` and, for the dispatcher to read it, ``Tail._begin_anew_with_a_new_file``.
    """
    worker = crew.worker()
    dispatcher = dispatching(crew, talk, "--keep-going")
    for number in range(4):
        crew.submit(f"first{number}", "/bin/true")
    until(lambda: len(crew.names("done")) == 4)
    crew.submit("job", WAITS)
    until(lambda: crew.running() and crew.journal("start"))
    disks.remove(crew.root / removed)
    (crew.root / "go").touch()
    until(lambda: "job" in crew.names("done"))
    crew.submit("next", "echo hello; :")
    crew.submit("wrong", "exit 3")
    until(lambda: "next" in crew.names("done") and "wrong" in crew.names("failed"))
    assert crew.output("next") == "hello\n"
    until(lambda: crew.id_of(worker))
    until(lambda: {"next", "wrong"} <= {line["job"] for line in crew.journal("end")})
    until(lambda: "wrong failed: exit 3" in talk.read_text())
    crew.kill(dispatcher, signal.SIGINT)
    assert dispatcher.returncode == 130
    assert worker.poll() is None
    assert "Traceback" not in talk.read_text() + crew.talk.read_text()
    assert len(crew.talk.read_text().splitlines()) < 20


def test_without_pods_the_worker_gives_back_and_comes_again(crew: Crew, talk: Path) -> None:
    """Passes by ``Worker._leave``, which gives back though lost: to others it lives, and so nobody else would."""
    crew.submit("job", f'test "$FJD_ATTEMPT" = 2 || {WAITS}')
    worker = crew.worker()
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    before = crew.id_of(worker)
    disks.remove(crew.root / "jobpod")
    until(lambda: crew.id_of(worker) not in ("", before))
    assert crew.finish(dispatcher)[0] == 0
    assert crew.names("done") == {"job"}
    assert len(crew.names("workerqueue")) == 1
    assert not crew.running()


def test_a_worker_makes_its_running_directory_anew(crew: Crew, talk: Path) -> None:
    """Passes by ``commit.claim``. The job that ran is gone with it: the user did that."""
    crew.submit("job", WAITS)
    worker = crew.worker()
    dispatcher = dispatching(crew, talk, "--keep-going")
    until(lambda: crew.running() and crew.journal("start"))
    disks.remove(crew.root / "running")
    (crew.root / "go").touch()
    crew.submit("next", "/bin/true")
    until(lambda: crew.names("done") == {"next"})
    until(
        lambda: {line["job"]: line["outcome"] for line in crew.journal("end")} == {"job": "superseded", "next": "done"}
    )
    crew.kill(dispatcher, signal.SIGINT)
    assert worker.poll() is None


def test_nobody_ends_while_a_job_runs_under_a_worker_without_announcement(crew: Crew, talk: Path) -> None:
    """Passes by ``Observer.has_strays``: a worker whose announcement was removed is unknown until it is there again."""
    crew.submit("job", WAITS)
    worker = crew.worker()
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    worker.send_signal(signal.SIGSTOP)
    disks.remove(crew.root / "workerqueue")
    (crew.root / "workerqueue").mkdir(mode=0o700)
    assert disks.settled(lambda: dispatcher.poll() is None, 2.5)
    worker.send_signal(signal.SIGCONT)
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.names("done") == {"job"}


def test_all_leave_when_the_whole_spool_is_removed(crew: Crew, talk: Path) -> None:
    """Passes by `SpoolGone`; nobody makes it again (``Lease.is_ours``), and what runs is ended."""
    crew.submit("job", "echo $$ > pid; exec sleep 60; :")
    busy, idle = crew.workers(2)
    dispatcher = dispatching(crew, talk, "--keep-going")
    until(lambda: crew.running() and (crew.root / "pid").exists() and (crew.root / "pid").read_text())
    pid = int((crew.root / "pid").read_text())
    disks.remove(crew.root)
    assert [process.wait(20) for process in (busy, idle, dispatcher)] == [1, 1, 1]
    until(lambda: not Path(f"/proc/{pid}").exists())
    assert not crew.root.exists()
    assert "is no spool any more" in talk.read_text() or "is the spool still there?" in talk.read_text()
    assert disks.count(crew.talk, "its spool is gone") == 2
    assert "Traceback" not in talk.read_text() + crew.talk.read_text()
