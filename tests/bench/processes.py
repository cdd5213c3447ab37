"""What a process has used so far, as the kernel counts it."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.crew import BIN


def cpu_s(pid: int) -> float:
    """Return the CPU time of all threads of a process, in seconds, to the nanosecond."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def peak_mb(pid: int) -> float:
    """Return the most memory that a process has had at once (VmHWM), in MB."""
    return _status_kb(pid, "VmHWM") / 1024


def resident_mb(pid: int) -> float:
    """Return the memory that a process has (VmRSS), in MB."""
    return _status_kb(pid, "VmRSS") / 1024


def recruiter_s(environment: Mapping[str, str], *words: str) -> float:
    """Run ``recruiter.py`` in the spool ``FJD_DIR``, and return how long it took, in seconds."""
    began_s = time.perf_counter()
    nowhere = subprocess.DEVNULL
    command, spool = [str(BIN / "recruiter.py"), *words], environment["FJD_DIR"]
    subprocess.run(command, env=environment, cwd=spool, stdout=nowhere, stderr=nowhere, check=True)
    return time.perf_counter() - began_s


def _status_kb(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))
