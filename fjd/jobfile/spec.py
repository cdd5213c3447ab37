"""What a job file can say: the record, the reference of its keys, and its limits."""

from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 1 << 20
"""A job file is no larger than this. Read one byte more than this of a file, and `parse` will say that it is."""

MAX_LINES: Final = 10_000
"""A job file has no more lines than this: configparser's time grows with the square of the number of bad lines
(measured: 0.1 s for 10,000 of them, 0.5 s for 20,000, minutes for the half million that fit in `MAX_BYTES`)."""

MAX_BLANKS: Final = 100
"""No more blanks stand in a row within a key, or in a value that fjd writes. The regular expressions of both parsers
try every one of them as the end (measured: a megabyte of such runs takes 0.7 s, one run of 8,000 blanks 0.3 s)."""

CONFIGSPEC: Final = (
    "[control]",
    "# What to run, with the path of the job file as last argument. A command with shell syntax runs under /bin/sh.",
    "executable = string(min=1)",
    "# Where the job itself writes its log, relative to its working directory. fjd makes sure that the folder exists.",
    'logfile = string(default="")',
    "# The directory to run in. Without it, the job runs in the working directory of its worker.",
    'workdir = string(default="")',
)
"""The reference of every key in ``[control]``, as a ConfigObj configspec. All other sections belong to the job."""

KEYS: Final = tuple(line.partition(" = ")[0] for line in CONFIGSPEC if " = " in line)
"""The keys that fjd knows in ``[control]``."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What one job file says."""

    executable: str
    """The command. More than one line is a script for ``/bin/sh``."""
    logfile: str = ""
    """Empty when the job has none."""
    workdir: str = ""
    """Empty for the working directory of the worker."""
    params: tuple[tuple[str, str], ...] = ()
    """Keys and values of ``[params]`` in their order; the keys in lower case when they were read from a file."""
    unknown: tuple[str, ...] = ()
    """The keys in ``[control]`` that fjd does not know. They are no error, but may be a slip of the keyboard."""
