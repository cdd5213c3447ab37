"""Clocks that are set, that differ, and a dispatcher that sleeps: nobody is lost by it, and nothing waits for ever.

The dispatcher sees the workers as those of another host, by their heartbeats.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.crew import Crew, until
from tests.faults import disks
from tests.faults.conftest import TIMINGS
from tests.faults.hosts import HostCrew
from tests.faults.roles import WAITS, dispatching

pytestmark = needs.root()

LEASE_S = 2.0
HOUR_BACK = "-3600"


class Clock:
    """The wall clock of whoever is started with `options`; the monotonic clock is left alone, as the kernel does."""

    def __init__(self, path: Path, offset: str = "+0") -> None:
        self._path = path
        self.set(offset)

    def set(self, offset: str) -> None:
        """Set it to so many seconds before or after the true time."""
        new = self._path.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.rename(self._path)

    @property
    def options(self) -> dict[str, Any]:
        library = disks.library("faketime/libfaketime.so.1")
        assert library, "faketime is installed without its library"
        return {
            "environment": {
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": str(self._path),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            }
        }


@pytest.fixture
def there(crew: Crew, tmp_path: Path) -> Iterator[HostCrew]:
    """Workers of another host on the spool of ``crew``."""
    crew.environment["FJD_TIMINGS"] = f"{TIMINGS} lease_s={LEASE_S}"
    there = HostCrew(crew.root, crew.environment["FJD_TIMINGS"], "there")
    there.talk = tmp_path / "worker-talk"
    yield there
    there.close()


def wall_clock_of(process: "subprocess.Popen[str]") -> bool:
    return "libfaketime" in Path(f"/proc/{process.pid}/maps").read_text()


@needs.program("faketime")
@pytest.mark.parametrize(
    ("mine", "theirs"), [(HOUR_BACK, "+0"), ("+0", HOUR_BACK), ("+3600", "+0"), (HOUR_BACK, "+3600")]
)
def test_clocks_that_are_set_while_a_job_runs(
    crew: Crew, there: HostCrew, talk: Path, tmp_path: Path, mine: str, theirs: str
) -> None:
    """Passes by the monotonic clock, the default of ``Worker``: ``time.time`` would not do."""
    my_clock, their_clock = Clock(tmp_path / "mine"), Clock(tmp_path / "theirs")
    worker = there.worker(**their_clock.options)
    dispatcher = dispatching(crew, talk, **my_clock.options)
    assert wall_clock_of(worker)
    assert wall_clock_of(dispatcher)
    crew.submit("job", WAITS)
    until(lambda: crew.running() and crew.journal("start"))
    my_clock.set(mine)
    their_clock.set(theirs)
    crew.submit("next", "/bin/true")
    assert disks.settled(lambda: not disks.count(talk, "is lost"), LEASE_S + 1), talk.read_text()
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert crew.names("done") == {"job", "next"}
    assert len(crew.journal("start")) == 2
    ended = {line["job"]: line["t"] for line in crew.journal("end")}
    assert abs(ended["next"] - time.time() - float(theirs)) < 60, "the worker's clock was not set"


@needs.program("faketime")
def test_hosts_whose_clocks_differ_by_ten_minutes(crew: Crew, there: HostCrew, talk: Path, tmp_path: Path) -> None:
    """And a worker that is really lost is noticed all the same."""
    behind, ahead = Clock(tmp_path / "behind", "-600"), Clock(tmp_path / "ahead", "+600")
    first = there.worker(**behind.options)
    dispatcher = dispatching(crew, talk, **ahead.options)
    crew.submit("job", f'test "$FJD_ATTEMPT" = 2 || {WAITS}')
    until(lambda: crew.running() and crew.journal("start"))
    second = there.worker(**behind.options)
    assert disks.settled(lambda: not disks.count(talk, "is lost"), LEASE_S + 1), talk.read_text()
    there.kill(first)
    assert crew.finish(dispatcher)[0] == 0
    (crew.root / "go").touch()
    assert disks.count(talk, "is lost: no sign of life") == 1
    assert second.poll() is None
    assert [line["attempt"] for line in crew.journal("start")] in ([1, 2], [2, 1])


def test_a_dispatcher_that_slept_longer_than_the_lease(crew: Crew, there: HostCrew, talk: Path) -> None:
    """Passes by the order in ``Dispatcher.step`` (look, then bury), and by ``_lost``, which goes by the last look."""
    workers = there.workers(2)
    crew.submit("job", WAITS)
    dispatcher = dispatching(crew, talk)
    until(lambda: crew.running() and crew.journal("start"))
    for _ in range(2):
        dispatcher.send_signal(signal.SIGSTOP)
        crew.submit("next", "/bin/true")
        disks.Cost().elapse(LEASE_S + 1)
        dispatcher.send_signal(signal.SIGCONT)
        until(lambda: "next" in crew.names("done"))
        os.remove(crew.root / "done/next")
    assert disks.settled(lambda: not disks.count(talk, "is lost"), 1.0), talk.read_text()
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0
    assert len([line for line in crew.journal("start") if line["job"] == "job"]) == 1
    assert [worker.poll() for worker in workers] == [None, None]


@pytest.mark.parametrize("offset_s", [-50 * 365 * 86400, -3600, 3600, 10 * 365 * 86400])
def test_the_times_of_job_files_do_not_matter(crew: Crew, there: HostCrew, talk: Path, offset_s: int) -> None:
    """Passes by the first half of ``Wholeness._has_settled``, standing still, and on a local disk by the read lease."""
    there.worker()
    for number in range(3):
        crew.submit(f".{number}", "/bin/true")
        path = crew.root / f"jobqueue/.{number}"
        os.utime(path, (time.time() + offset_s, time.time() + offset_s))
        path.rename(crew.root / f"jobqueue/job{number}")
    assert crew.finish(dispatching(crew, talk))[0] == 0
    assert crew.names("done") == {"job0", "job1", "job2"}
