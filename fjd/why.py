"""Why a job is not running, in words: one place for all fronts. Pure; what stands in them may be foreign text."""

from collections.abc import Collection, Sequence
from typing import Final

from fjd import quantity

BEING_WRITTEN: Final = "being written"
REFUSED: Final = "the disk refuses it for now"
NAME_IN_USE: Final = "a job of that name has not ended yet"
HELD: Final = "held back until it is moved into jobqueue/"

HALTED: Final = "halted"
OVERLOADED: Final = "the load of this host is at its limit"
_CYCLE_NAMES: Final = 6


def retry(number: int, retries: int, in_s: float) -> str:
    """Say that it waits for its retry ``number``, which comes in ``in_s``."""
    return f"retry {number} of {retries} in {rounded(in_s)}"


def not_before(moment_s: float) -> str:
    """Say that it does not start before ``moment_s`` (wall clock)."""
    return f"not before {quantity.format_moment(moment_s)}"


def failed_for_now(job: str, reason: str, number: int, retries: int, in_s: float) -> str:
    """Say that a run has failed, and when the next one comes."""
    when = f"in {rounded(in_s)}" if in_s >= 0.5 else "now"
    return f"{job} failed: {reason}; tried again {when} ({number} of {retries})"


def rounded(seconds: float) -> str:
    """Return a time to come as people say it: ``12 s``, ``1h30m``."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else quantity.format_duration(whole)


def waits_for(name: str, more: int) -> str:
    """Say that it waits for other jobs to end."""
    return f"waits for {name}" + (f" and {more} more" if more else "")


def waits_for_missing(pattern: str) -> str:
    """Say that there is no job such as it waits for."""
    return f"waits for {pattern}, which is not there"


def after_failed(name: str) -> str:
    """Say why a job fails that was to start after another."""
    return f"it is to run after {name}, which failed"


def cycle(jobs: Sequence[str]) -> str:
    """Say that jobs wait for each other, each for the next and the last for the first."""
    if len(jobs) == 1:
        return "it waits for itself"
    named = [*jobs[1:_CYCLE_NAMES], *([f"… ({len(jobs) - _CYCLE_NAMES} more)"] if len(jobs) > _CYCLE_NAMES else [])]
    return f"it waits for {', which waits for '.join(named)}, which waits for {jobs[0]}: none of them can start"


def no_worker_has_tags(tags: Collection[str]) -> str:
    """Say that nobody is here who was hired with all these tags."""
    return f"no worker here has the {'tag' if len(tags) == 1 else 'tags'} {quantity.format_words(sorted(tags))}"


def no_host_has_cpus(cpus: int) -> str:
    """Say that no host is large enough."""
    return f"no host of a worker here has {cpus} processors"


def no_host_has_memory(size: int) -> str:
    """Say that no host is large enough."""
    return f"no host of a worker here has {quantity.format_size(size)} of memory"


def no_worker_has_time(seconds: float) -> str:
    """Say that the time of all who are here is up too soon."""
    return f"no worker here has {quantity.format_duration(seconds)} left"


def waits_for_room(cpus: int, memory_bytes: int) -> str:
    """Say that its turn has come and no host has as much to spare."""
    wanted = [quantity.counted(cpus, "processor")] if cpus else []
    wanted += [f"{quantity.format_size(memory_bytes)} of memory"] if memory_bytes else []
    return f"waits for {' and '.join(wanted)} to be free on one host"


def halted(halt: str, count: int, what: str) -> str:
    """Say that nothing more is handed out."""
    return f"halted: {quantity.counted(count, 'job')} {what} (halt = {halt})"
