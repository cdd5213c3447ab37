"""The options of a job: from their text to what they mean. Pure, and cheap where a job has none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from fjd import quantity
from fjd.errors import JobFileError

PRIORITY_MAX: Final = 1_000_000
RETRIES_MAX: Final = 1_000_000
CPUS_MAX: Final = 100_000
NICE_MAX: Final = 19


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a job runs. ``_s`` are seconds."""

    priority: int = 0
    timeout_s: float | None = None
    retries: int = 0
    retry_delay_s: float = 1.0
    retry_on: frozenset[int] = frozenset()
    """Empty for every failure."""
    after: tuple[str, ...] = ()
    """Names or globs of jobs that must be done."""
    after_any: tuple[str, ...] = ()
    """Names or globs of jobs that must have ended."""
    not_before_s: float | None = None
    """Wall clock, seconds since the epoch."""
    tags: frozenset[str] = frozenset()
    cpus: int = 0
    """0 when it was not said."""
    memory_bytes: int = 0
    """0 when it was not said."""
    limits_memory: bool = False
    stdin: str = ""
    nice: int = 0
    success: frozenset[int] = frozenset({0})
    on_success: str = ""
    on_failure: str = ""


NO_TERMS: Final = Terms()


def _positive_duration(text: str) -> float:
    seconds = quantity.parse_duration(text)
    if not seconds:
        raise ValueError("must be more than 0")
    return seconds


def _names(text: str) -> tuple[str, ...]:
    names = quantity.parse_words(text)
    if any("/" in name for name in names):
        raise ValueError("names jobs, and no job's name has a / in it")
    return names


_READERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "priority": ("priority", lambda text: quantity.parse_whole(text, -PRIORITY_MAX, PRIORITY_MAX)),
    "timeout": ("timeout_s", _positive_duration),
    "retries": ("retries", lambda text: quantity.parse_whole(text, 0, RETRIES_MAX)),
    "retry-delay": ("retry_delay_s", quantity.parse_duration),
    "retry-on": ("retry_on", quantity.parse_statuses),
    "after": ("after", _names),
    "after-any": ("after_any", _names),
    "not-before": ("not_before_s", quantity.parse_moment),
    "tags": ("tags", lambda text: frozenset(quantity.parse_words(text))),
    "cpus": ("cpus", lambda text: quantity.parse_whole(text, 1, CPUS_MAX)),
    "memory": ("memory_bytes", quantity.parse_size),
    "memory-limit": ("limits_memory", quantity.parse_switch),
    "stdin": ("stdin", str),
    "nice": ("nice", lambda text: quantity.parse_whole(text, 0, NICE_MAX)),
    "success": ("success", quantity.parse_statuses),
    "on-success": ("on_success", str),
    "on-failure": ("on_failure", str),
}
"""For each option, the field of `Terms` that it fills and what reads it."""


def terms_of(options: Iterable[tuple[str, str]]) -> Terms:
    """Return what ``options``, pairs of key and text, mean; of one key the last counts. Raises `JobFileError`."""
    fields: dict[str, Any] = {}
    for key, text in options:
        field, read = _READERS[key]
        try:
            fields[field] = read(text)
        except ValueError as error:
            raise JobFileError(f"{key}: {error}") from None
    if fields.get("limits_memory") and not fields.get("memory_bytes"):
        raise JobFileError("memory-limit: limits to what memory says, so say memory too")
    return Terms(**fields) if fields else NO_TERMS


def option_problem(key: str, text: str) -> str:
    """Return why ``text`` means nothing as the option ``key``, nothing when it does or is empty."""
    try:
        if text:
            _READERS[key][1](text)
    except ValueError as error:
        return str(error)
    return ""
