"""What a worker's job uses: its whole tree, the worker itself not counted."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from fjd import usage
from fjd.usage import Meter, Room
from tests.crew import until

_WORKER = """
import subprocess, sys
subprocess.run(["sh", "-c", sys.argv[1] + " -c \\"$0\\"; :", sys.argv[2]])
"""


@pytest.fixture
def worker() -> Iterator["subprocess.Popen[str]"]:
    spin = "x = bytearray(50_000_000)\nprint('on', flush=True)\nwhile True: pass"
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, sys.executable, spin], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    assert process.stdout.readline() == "on\n"
    yield process
    os.killpg(process.pid, 9)
    process.wait()
    process.stdout.close()


def test_a_job_is_what_descends_from_its_worker(worker: "subprocess.Popen[str]") -> None:
    meter = Meter()
    first = meter.look({"w": worker.pid, "nobody": 2**22 + 1})
    assert set(first) == {"w"}
    assert first["w"].cpu is None
    assert first["w"].rss_bytes > 50_000_000

    def is_busy() -> bool:
        time.sleep(0.05)
        use = meter.look({"w": worker.pid})["w"]
        return use.cpu is not None and use.cpu > 0.05

    until(is_busy, 60)


def test_room_is_said_when_it_is_little() -> None:
    gig = 1 << 30
    assert Room(gig // 2, 10 * gig).is_short
    assert not Room(3 * gig, 10 * gig).is_short
    assert Room(15 * gig, 1000 * gig).is_short
    assert not Room(25 * gig, 100_000 * gig).is_short
    assert usage.room("/").total >= usage.room("/").free
