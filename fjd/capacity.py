"""What this host has to give: processors and memory, as far as the system tells. It must be cheap: workers ask."""

import contextlib
import os


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Return how much memory the host has (Linux: MemTotal of proc(5)), 0 where the system does not tell."""
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return 0
    return max(0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def available_bytes() -> int | None:
    """Return how much memory is free without swapping (Linux: MemAvailable of proc(5)), None where nobody tells."""
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/meminfo", "rb") as file:
        line = next(line for line in file if line.startswith(b"MemAvailable:"))
        return int(line.split()[1]) * 1024
    return None


def load() -> float:
    """Return the load average of the last minute, 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        return os.getloadavg()[0]
    return 0.0
