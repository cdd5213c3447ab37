"""A disk of one megabyte that is filled up, and one without inodes: nothing is lost, and it goes on by itself."""

import signal
from pathlib import Path

import pytest

from tests import needs
from tests.crew import until
from tests.faults import disks
from tests.faults.conftest import Make
from tests.faults.roles import WAITS, dispatching

pytestmark = needs.root()


def test_jobs_that_need_no_room_go_on_and_the_story_is_told_later(on_tmpfs: Make, talk: Path) -> None:
    """Passes by ``Journal.write``, which keeps what the disk refuses, and by the flush at each heartbeat and step."""
    crew = on_tmpfs("size=1m")
    workers = crew.workers(2)
    dispatcher = dispatching(crew, talk)
    for number in range(10):
        crew.submit(
            f".{number}", "until echo hello; do sleep 0.05; done 2>>/dev/null; :" if number % 2 else "/bin/true"
        )
    with disks.filled(crew.root):
        for number in range(10):
            (crew.root / f"jobqueue/.{number}").rename(crew.root / f"jobqueue/job{number}")
        cost = disks.Cost(dispatcher, *workers)
        until(lambda: "job0" in crew.names("done"))
        assert cost.highest() < 0.5
        assert not any(line["job"] == "job0" for line in crew.journal("end"))
    status, _, _ = crew.finish(dispatcher)
    assert status == 0
    assert crew.names("done") == {f"job{number}" for number in range(10)}
    assert all("hello" in crew.output(f"job{number}") for number in range(1, 10, 2))
    until(lambda: sorted(line["job"] for line in crew.journal("end")) == [f"job{number}" for number in range(10)])
    assert "Traceback" not in talk.read_text() + crew.talk.read_text()


def test_what_could_not_print_failed_and_can_be_run_again(on_tmpfs: Make, talk: Path) -> None:
    """Each job prints 200 kB into 1 MB: what fails is the job, truly, and says so when there is room."""
    crew = on_tmpfs("size=1m")
    crew.workers(2)
    jobs = {f"job{number}" for number in range(12)}
    for job in jobs:
        crew.submit(job, "head -c 200000 /dev/zero")
    status, _, _ = crew.finish(dispatching(crew, talk))
    assert status == 1
    failed = crew.names("failed")
    assert failed
    assert crew.names("done") | failed == jobs
    while failed := crew.names("failed"):
        for path in (crew.root / "output").iterdir():
            path.unlink()
        for job in sorted(failed)[:4]:
            (crew.root / "failed" / job).rename(crew.root / "jobqueue" / job)
        status, _, _ = crew.finish(dispatching(crew, talk, "--once"))
        assert status == 0
    assert crew.names("done") == jobs


def test_a_lost_workers_job_waits_for_room(on_tmpfs: Make, talk: Path) -> None:
    """A second attempt needs a note, which has no room: said once (``Dispatcher._say_trouble``)."""
    crew = on_tmpfs("size=1m")
    crew.submit("job", f'test "$FJD_ATTEMPT" = 2 || {WAITS}')
    first, second = crew.worker(), None
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    second = crew.worker()
    with disks.filled(crew.root):
        crew.kill(first)
        until(lambda: "No space left" in talk.read_text())
        assert disks.Cost(dispatcher, second).highest() < 0.25
        assert crew.names("jobqueue") == {"job"}
        assert disks.count(talk, "No space left") == 1
        assert "free some space; nothing is lost" in talk.read_text()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.names("done") == {"job"}
    assert disks.count(talk, "the disk does as asked again") == 1


def test_a_worker_waits_for_inodes(on_tmpfs: Make, talk: Path) -> None:
    """Passes by ``worker.insistence``; ``Complaints`` lets it say so once, in however many tries."""
    crew = on_tmpfs("size=1m,nr_inodes=60")
    (crew.root / "here").mkdir()
    worker = crew.worker()
    dispatcher = dispatching(crew, talk)
    crew.submit(".job", "echo hello; :", workdir="here")
    with disks.without_inodes(crew.root):
        (crew.root / "jobqueue/.job").rename(crew.root / "jobqueue/job")
        until(lambda: "No space left" in crew.talk.read_text())
        assert disks.Cost(worker, dispatcher).highest() < 0.25
        assert crew.running().keys() == {"job"}
        assert disks.count(crew.talk, "No space left") == 1
    assert crew.finish(dispatcher)[0] == 0
    assert crew.output("job") == "hello\n"
    assert disks.count(crew.talk, "the disk does as asked again; going on") == 1


def test_a_worker_that_waits_for_inodes_can_be_told_to_leave(on_tmpfs: Make, talk: Path) -> None:
    """Leaving needs no room: the job goes back by a rename."""
    crew = on_tmpfs("size=1m,nr_inodes=60")
    worker = crew.worker()
    dispatcher = dispatching(crew, talk, "--keep-going")
    crew.submit(".job", "/bin/true")
    with disks.without_inodes(crew.root):
        (crew.root / "jobqueue/.job").rename(crew.root / "jobqueue/job")
        until(lambda: "No space left" in crew.talk.read_text())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) in (0, 1)
        until(lambda: crew.names("jobqueue") == {"job"})
    crew.worker()
    until(lambda: crew.names("done") == {"job"})
    crew.kill(dispatcher, signal.SIGINT)
    assert dispatcher.returncode == 130


@pytest.mark.parametrize(
    ("command", "arguments"), [("fjd-tui", ["--no-ui"]), ("fjd-worker", []), ("recruiter.py", ["hire", "1"])]
)
def test_who_begins_on_a_full_disk_says_why_it_cannot(on_tmpfs: Make, command: str, arguments: list[str]) -> None:
    crew = on_tmpfs("size=1m,nr_inodes=60")
    with disks.without_inodes(crew.root):
        status, _, errors = crew.finish(crew.start(command, *arguments))
    assert status == 1
    assert "No space left on device (free some space" in errors
    assert "Traceback" not in errors
    assert errors.count("\n") == 1


def test_a_dispatcher_goes_on_though_what_it_says_has_no_room(on_tmpfs: Make) -> None:
    """Its output goes into files on the full disk. Passes by ``_Teller._tell``, which lets a wave go unheard.

    What it says when there is room again is heard: ``_print`` must not give the stream up.
    """
    crew = on_tmpfs("size=1m")
    worker = crew.worker()
    crew.submit(".job", "/bin/true")
    crew.submit("longer", WAITS)
    said, talked = crew.root / "said", crew.root / "talked"
    first_lines = "[FJD] Dispatcher started.\n[FJD] Found some jobs to dispatch\n"
    said.write_text("-" * (4095 - len(first_lines)) + "\n")  # so that the next line needs another page of memory
    with said.open("a") as out, talked.open("a") as err:
        dispatcher = crew.start("dispatcher.py", stdout=out, stderr=err)
    until(lambda: "longer" in crew.running() and first_lines in said.read_text())
    other = crew.worker()
    disks.Cost().elapse(1.2)  # so that what is handed out next is said, too
    with disks.filled(crew.root):
        (crew.root / "jobqueue/.job").rename(crew.root / "jobqueue/job")
        until(lambda: crew.names("done") == {"job"})
        crew.kill(other)
        until(lambda: len(crew.names("workerqueue")) == 1)
    (crew.root / "go").touch()
    assert dispatcher.wait(20) == 0, talked.read_text()
    assert said.read_text().endswith("[FJD] No more jobs to dispatch.\n")
    assert worker.poll() is None
