"""The dispatcher's lease: one holder, and the next one when that is gone."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fjd import identity
from fjd.errors import DiskError
from fjd.spool import lease as lease_module
from fjd.spool.layout import Layout
from fjd.spool.lease import Lease, NoLease
from tests.crew import until
from tests.unit.made import Clock

LEASE_S = 30

HOLDER = f"""
import sys
from fjd.spool.layout import Layout
from fjd.spool.lease import Lease, NoLease
lease = Lease(Layout(sys.argv[1]), {LEASE_S})
print(lease.is_ours(), flush=True)
sys.stdin.readline()
lease.release()
"""


@contextmanager
def holder(layout: Layout) -> "Iterator[subprocess.Popen[str]]":
    """Another process that has the lease; a line to it lets it go."""
    command = [sys.executable, "-c", HOLDER, layout.root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == "True\n"
            yield process
        finally:
            process.kill()


def test_it_is_ours_when_nobody_has_it_and_stays_ours(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S)
    assert lease.holder() == ""
    assert lease.is_ours()
    assert lease.is_ours()
    assert lease.holder().endswith(f":{os.getpid()}")
    lease.release()
    assert lease.holder() == ""


def test_it_has_one_holder_and_names_it(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S)
    with holder(layout) as other:
        assert not lease.is_ours()
        assert lease.holder().endswith(f":{other.pid}")
        assert lease.holder().startswith(identity.this_host().name)
        other.communicate("let go\n", timeout=10)
        assert until(lease.is_ours)
    lease.release()


def test_from_a_holder_that_was_killed_it_is_taken_over_at_once(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S)
    with holder(layout) as other:
        assert not lease.is_ours()
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert until(lease.is_ours, timeout_s=5)  # much sooner than the lease's time
    lease.release()


def test_a_host_of_the_same_name_is_another_host(layout: Layout) -> None:
    """Passes by ``Lease._is_of_a_namesake``: by the name alone, what lives there is dead here."""
    clock = Clock()
    lease = Lease(layout, LEASE_S, clock=clock)
    with holder(layout) as other:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    marker = Path(layout.lease_file)
    old = marker.stat()
    marker.write_text(re.sub(r"start=(\d+)", lambda found: f"start={int(found[1]) + (1 << 64)}", marker.read_text()))
    assert (found := lease_module.holder(layout))
    assert found.lives is None
    for _ in range(5):
        os.utime(marker, ns=(old.st_atime_ns, old.st_mtime_ns + int(clock.now_s * 1e9)))  # it lives
        assert not lease.is_ours()
        clock.now_s += LEASE_S / 2
    for _ in range(4):
        clock.now_s += LEASE_S / 2
        if lease.is_ours():
            break
    else:
        pytest.fail("nobody took it over")
    lease.release()


def test_from_a_holder_with_another_lease_time_it_is_not_taken_and_that_is_no_error(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S / 2)
    with holder(layout) as other:
        assert not lease.is_ours()
        assert lease.holder().endswith(f":{other.pid}")
        other.communicate("let go\n", timeout=10)
        assert until(lease.is_ours)
    lease.release()


def test_a_killed_holder_with_another_lease_time_is_followed_too(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S / 2)
    with holder(layout) as other:
        assert not lease.is_ours()
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert until(lease.is_ours, timeout_s=5)
    lease.release()


def test_two_of_one_process_do_not_both_have_it(layout: Layout) -> None:
    one, other = Lease(layout, LEASE_S), Lease(layout, LEASE_S)
    assert one.is_ours()
    assert not other.is_ours()
    one.release()
    assert until(other.is_ours)
    other.release()


def test_releasing_what_one_does_not_have_leaves_it_to_its_holder(layout: Layout) -> None:
    lease = Lease(layout, LEASE_S)
    with holder(layout):
        assert not lease.is_ours()
        lease.release()
        assert not lease.is_ours()


@pytest.mark.parametrize("had_it", [True, False])
def test_in_a_spool_that_is_gone_it_is_trouble_and_nothing_is_made(layout: Layout, had_it: bool) -> None:
    lease = Lease(layout, LEASE_S)
    if had_it:
        assert lease.is_ours()
    shutil.rmtree(layout.root)
    with pytest.raises(DiskError, match="cannot take the dispatcher's lease"):
        lease.is_ours()
    lease.release()
    assert not os.path.exists(layout.root)


def test_one_who_only_looks_sees_the_holder_and_takes_nothing(layout: Layout) -> None:
    looker = NoLease(layout, LEASE_S)
    assert not looker.is_ours()
    assert looker.holder() == ""
    assert not os.path.exists(layout.lease_file)
    with holder(layout) as process:
        assert looker.holder() == f"{identity.this_host().name}:{process.pid}"
        process.kill()
        process.wait()
        assert looker.holder() == ""
    looker.release()
    assert os.path.exists(layout.lease_file)


def test_a_holder_elsewhere_that_is_silent_dispatches_no_more(layout: Layout) -> None:
    now_s = 0.0
    looker = NoLease(layout, LEASE_S, clock=lambda: now_s)
    with holder(layout) as process:
        text = Path(layout.lease_file).read_text(encoding="utf-8").replace(identity.this_host().name, "vega")
        os.kill(process.pid, signal.SIGSTOP)
        try:
            with open(layout.lease_file, "w", encoding="utf-8") as file:
                file.write(text)
            assert looker.holder() == f"vega:{process.pid}"
            now_s = 2.0 * LEASE_S
            assert looker.holder() == ""
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()
