"""A wall clock that is off, for all that is started on a host for workers that are hired there.

The monotonic clock is off by as much, which nobody can tell: left alone, the library breaks what sleeps by it.
"""

from pathlib import Path

from tests.faults import disks


def setup(path: Path, offset_s: int) -> str:
    """Return the ``setup`` of remote.conf by which a host is so many seconds ahead; ``path`` is a file for the offset.

    The environment of a worker alone would not do: the recruiter there, which tells its time, is to be off too.
    """
    library = disks.library("faketime/libfaketime.so.1")
    assert library, "faketime is installed without its library"
    path.write_text(f"{offset_s:+d}\n")
    variables = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": path,
        "NO_FAKE_STAT": 1,
    }
    return "export " + " ".join(f"{name}={value}" for name, value in variables.items())
