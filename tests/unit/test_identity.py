"""Who is who: a process is its pid and its start time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from fjd import identity
from tests.crew import until


def test_a_process_lives_under_its_own_start_time_only() -> None:
    pid = os.getpid()
    started = identity.start_time(pid)
    assert started is not None
    assert identity.is_alive(pid, started)
    assert not identity.is_alive(pid, started + 1)
    assert identity.start_time(pid) == started


def test_a_start_time_is_in_ticks_since_the_boot() -> None:
    uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    started = identity.start_time(os.getpid())
    assert started is not None
    assert 0 <= started / os.sysconf("SC_CLK_TCK") <= uptime_s


def test_no_process_has_no_start_time() -> None:
    assert identity.start_time(1 << 30) is None
    assert not identity.is_alive(1 << 30, 0)


def test_what_has_ended_does_not_live_though_nobody_has_reaped_it() -> None:
    process = subprocess.Popen(["sleep", "60"])
    started = identity.start_time(process.pid)
    assert started is not None
    process.kill()
    until(lambda: identity.start_time(process.pid) is None)
    assert process.wait() == -signal.SIGKILL
    assert not identity.is_alive(process.pid, started)


def test_a_programs_name_may_hold_parentheses_and_blanks(tmp_path: Path) -> None:
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "60"])
    try:
        own = identity.start_time(os.getpid())
        until(lambda: b") R 1 (" in Path(f"/proc/{process.pid}/stat").read_bytes())
        started = identity.start_time(process.pid)
        assert own is not None
        assert started is not None
        assert started >= own
    finally:
        process.kill()
        process.wait()


def test_two_processes_of_one_host_agree_on_it() -> None:
    script = "from fjd import identity; print(identity.this_host())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout.strip() == str(identity.this_host())


def test_a_host_is_told_by_name_boot_and_process_space() -> None:
    host = identity.this_host()
    assert host.name
    assert host.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert host.pid_space == os.readlink("/proc/self/ns/pid")


def test_when_a_child_was_started_lies_between_two_looks_at_the_clock() -> None:
    births = identity.Births()
    for _ in range(8):
        first = identity.tick()
        child = subprocess.Popen(["sleep", "60"])
        earliest, latest = births.between(child.pid, first, identity.tick()) or (0, 0)
        started = identity.start_time(child.pid)
        assert started is not None
        assert earliest <= started <= latest
        assert identity.is_alive(child.pid, earliest, latest)
        assert not identity.is_alive(child.pid, latest + 1, latest + 2)
        child.kill()
        child.wait()


def test_where_the_kernel_goes_by_another_clock_children_are_looked_up() -> None:
    births = identity.Births()
    started = identity.start_time(os.getpid())
    assert started is not None
    for _ in range(5):
        assert births.between(os.getpid(), started + 1, started + 2) == (started, started)
