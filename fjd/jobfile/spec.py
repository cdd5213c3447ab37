"""What a job file can say: the record, the reference of its keys, and its limits."""

from dataclasses import dataclass
from typing import Final

from fjd.jobfile.terms import Terms, terms_of
from fjd.nearest import did_you_mean

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
    "# What to run, with the path of the job file as last argument unless it ends in a ;. Shell syntax is for /bin/sh.",
    "executable = string(min=1)",
    "# Where the job itself writes its log, relative to its working directory. fjd makes sure that the folder exists.",
    'logfile = string(default="")',
    "# The directory to run in. Without it, the job runs in the working directory of its worker.",
    'workdir = string(default="")',
    "# Higher goes first; among equals the natural order of names, job2 before job10. From -1000000 to 1000000.",
    'priority = priority(default="")',
    "# So long may it run (90, 1h30m, 7d, HH:MM:SS). Then TERM, a grace, KILL, and it has failed: timeout.",
    'timeout = timeout(default="")',
    "# So often it is tried again when it has failed.",
    'retries = retries(default="")',
    "# Before the first retry it waits so long, before each further one twice as long; 1s unless it is said.",
    'retry-delay = retry-delay(default="")',
    "# Only these exit statuses are tried again (1, 3-5; 128 + N is an end by signal N); without it, all are.",
    'retry-on = retry-on(default="")',
    "# It starts when all these jobs are done (names or globs, by commas); when one of them fails, so does this one.",
    'after = after(default="")',
    "# It starts when all these jobs have ended, however they did.",
    'after-any = after-any(default="")',
    "# It does not start before this time: 2026-12-01 18:00, local or with an offset such as +01:00.",
    'not-before = not-before(default="")',
    "# Only workers hired with all these tags get it.",
    'tags = tags(default="")',
    "# It starts on a host only where so many processors are left by the jobs of fjd that run there.",
    'cpus = cpus(default="")',
    "# It starts on a host only where so much memory is free (2G, 500M).",
    'memory = memory(default="")',
    "# yes: more memory than that, for each of its processes, is refused to it (RLIMIT_AS).",
    'memory-limit = memory-limit(default="")',
    "# A file that it reads as its stdin, relative to its working directory. Without it, stdin is empty.",
    'stdin = stdin(default="")',
    "# Its niceness is raised by so much, 0 to 19.",
    'nice = nice(default="")',
    "# These exit statuses are success; 0 unless it is said.",
    'success = success(default="")',
    "# A command that is run when it is done, with the path of the job file as last argument.",
    'on-success = on-success(default="")',
    "# A command that is run when it has failed for good.",
    'on-failure = on-failure(default="")',
)
"""The reference of every key in ``[control]``, as a ConfigObj configspec; the check of an option has the option's own
name, and is `fjd.jobfile.terms.option_problem`. ``[env]`` is fjd's too. All other sections belong to the job."""

KEYS: Final = tuple(line.partition(" = ")[0] for line in CONFIGSPEC if " = " in line and not line.startswith("#"))
"""The keys that fjd knows in ``[control]``."""

OPTIONS: Final = KEYS[3:]
"""Those of them that a job seldom needs; their text is in `JobSpec.options` and their meaning in `JobSpec.terms`."""

DEFAULTABLE: Final = tuple(key for key in OPTIONS if not key.startswith("after"))
"""Those of them that a configuration may say for all jobs that do not; one for which all wait would wait for itself."""

HELP: Final = {
    line.partition(" = ")[0]: CONFIGSPEC[number - 1].removeprefix("# ")
    for number, line in enumerate(CONFIGSPEC)
    if " = " in line and not line.startswith("#")
}
"""A sentence or two for each key, from the configspec."""


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
    options: tuple[tuple[str, str], ...] = ()
    """The other keys of ``[control]`` that are not empty, as they are written, in the order of `OPTIONS`."""
    env: tuple[tuple[str, str], ...] = ()
    """Names and values of ``[env]``, in their order and spelling: variables of the job's environment."""

    @property
    def terms(self) -> Terms:
        """What the options mean; raises `JobFileError` for one that means nothing, which `parse` has ruled out."""
        return terms_of(self.options)


def slip(key: str) -> str:
    """Return what to say of a key in ``[control]`` that fjd does not know."""
    words = f"[control] has a key {key!r} that fjd does not know"
    return words + did_you_mean(key.replace("_", "-"), KEYS)
