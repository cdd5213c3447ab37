"""Who is who: hosts and processes, so that neither a reused pid nor a second host of the same name is mistaken.

A process is named by its pid **and** its start time; a host by its name, its boot and its process space, since two
containers on one machine share the boot id and not the pids. Start times are clock ticks since boot, read from
``/proc/PID/stat`` (proc(5), field 22), and not psutil's ``create_time()``: that one is computed by way of the wall
clock and moves when the clock is set. Where there is no ``/proc``, psutil serves.
"""

import os
import signal
import time
from dataclasses import dataclass
from functools import cache

_PROC = os.path.exists("/proc/self/stat")
_DEAD = (b"Z", b"X", b"x")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Host:
    """One space of process ids."""

    name: str
    boot_id: str
    pid_space: str


@cache
def this_host() -> Host:
    """Return the host that this process runs on."""
    return Host(os.uname().nodename.partition(".")[0] or "localhost", _boot_id(), _pid_space())


def start_time(pid: int) -> int | None:
    """Return when the living process ``pid`` started, or None when there is none (a zombie does not live)."""
    if not _PROC:
        return _start_time_elsewhere(pid)
    fields = _stat(str(pid))
    return None if fields is None or fields[0] in _DEAD else int(fields[19])


def tick() -> int:
    """Return the tick that the clock is in by which the kernel notes when a process is started."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * _TICKS_PER_S // 10**9 if _PROC else 0


class Births:
    """Tells when children of this process were started.

    A look at ``/proc`` takes half as long as a start. But a child that is started between two looks at the clock has a
    start time between theirs, both included. Whether this kernel goes by that clock is tried with the first children;
    where it does not, they are looked up.
    """

    _TRIES = 3

    def __init__(self) -> None:
        self._agreed = 0 if _PROC else -1

    def between(self, pid: int, first: int, last: int) -> tuple[int, int] | None:
        """Return the first and the last start time that the child ``pid``, started between two ticks, can have."""
        if self._agreed >= self._TRIES:
            return first, last
        started = start_time(pid)
        if started is not None and self._agreed >= 0:
            self._agreed = self._agreed + 1 if first <= started <= last else -1
        return None if started is None else (started, started)


def is_alive(pid: int, started: int, started_by: int | None = None) -> bool:
    """Tell whether the process ``pid`` that started at ``started`` still lives on this host.

    With ``started_by`` its start time is known to be from the one to the other.
    """
    found = start_time(pid)
    return found is not None and started <= found <= (started if started_by is None else started_by)


def send(pid: int, started: int, number: signal.Signals) -> bool:
    """Send a signal to a process; False when it is gone already (a later one of its id is never meant) or not ours."""
    try:
        if not is_alive(pid, started):
            return False
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def group_lives(group: int) -> bool:
    """Tell whether some process of the process group lives.

    ``kill(2)`` alone would count zombies, and where process 1 is slow to reap orphans (in containers it may be any
    program) a group that is long dead would be waited for.
    """
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # PermissionError: what is left has changed its user
        return False
    if not _PROC:
        return True
    wanted = str(group).encode()
    found = (_stat(name) for name in os.listdir("/proc") if name.isdecimal())
    return any(fields is not None and fields[2] == wanted and fields[0] not in _DEAD for fields in found)


def pids() -> list[int]:
    """Return the ids of all processes of this host that we may see."""
    if _PROC:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    import psutil

    return psutil.pids()


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with; empty when it is gone, or is not ours to read."""
    if not _PROC:
        return _environment_elsewhere(pid)
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = (entry.partition(b"=") for entry in file.read().split(b"\0"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return {}
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def _stat(pid: str) -> list[bytes] | None:
    """Return the fields of ``/proc/PID/stat`` from the third on, the state; None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses and may itself hold parentheses and blanks.
    return stat[stat.rindex(b")") + 2 :].split()


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        import psutil

        return str(int(psutil.boot_time()))


def _pid_space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except FileNotFoundError:
        return ""


def _start_time_elsewhere(pid: int) -> int | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else int(process.create_time())
    except psutil.NoSuchProcess:
        return None


def _environment_elsewhere(pid: int) -> dict[str, str]:
    import psutil

    try:
        return psutil.Process(pid).environ()
    except psutil.Error:
        return {}
