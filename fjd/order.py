"""The order of names: ``job2`` before ``job10``, as people count."""

import re

_DIGITS = re.compile(r"\d+")


def natural_key(name: str) -> tuple[str, str]:
    """Return a key by which names sort with their numbers counted as numbers.

    Each run of digits is written behind its length, so that plain string comparison does the rest: one string for a
    name, where natsort's tuples take several times the memory (figures in CONTRIBUTING). The name itself settles ties
    such as ``job01`` and ``job1``.
    """
    return _DIGITS.sub(_counted, name), name


def queue_key(name: str, priority: int) -> tuple[int, str, str]:
    """Return a key by which waiting jobs sort: the higher priority first, then the natural order of names."""
    return -priority, *natural_key(name)


def _counted(run: "re.Match[str]") -> str:
    digits = run[0].lstrip("0") or "0"
    return f"0{chr(len(digits))}{digits}"
