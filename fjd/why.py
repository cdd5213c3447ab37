"""Why a job is not running, in words: one place for all fronts. Pure; what stands in them may be foreign text."""

from typing import Final

from fjd import quantity

BEING_WRITTEN: Final = "being written"
NAME_IN_USE: Final = "a job of that name has not ended yet"
HELD: Final = "held back until it is moved into jobqueue/"


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
