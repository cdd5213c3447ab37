"""The keys of the language, and what may stand behind each. Pure."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from fjd import nearest, quantity
from fjd.selectors.names import any_name, glob, part
from fjd.selectors.selector import Need, Test
from fjd.snapshot import JobState, JobView

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    ":": operator.eq,
    "=": operator.eq,
}

STATE_WORDS: dict[str, frozenset[JobState]] = {
    **{state.value.partition(" ")[0]: frozenset({state}) for state in JobState},
    "active": frozenset({JobState.HANDED, JobState.RUNNING}),
    "ended": frozenset({JobState.DONE, JobState.FAILED}),
    "unfinished": frozenset(JobState) - {JobState.DONE, JobState.FAILED},
}
"""What stands behind ``state:``, and which states it means."""


@dataclass(frozen=True, slots=True)
class Field:
    """A key of the language, for its reader, its help and its completion."""

    example: str
    help: str
    need: Need
    read: Callable[[str, str], Test]
    """From the sign and the value to the test; raises ``ValueError`` with words that have no subject."""
    values: tuple[str, ...] = ()
    """All values, where these can be told."""


def _texts_only(read: Callable[[str], Test]) -> Callable[[str, str], Test]:
    """A key that has a value and no size."""

    def reader(sign: str, value: str) -> Test:
        if sign not in (":", "="):
            raise ValueError(f"cannot be compared by {sign}; write a : before the value")
        return read(value)

    return reader


def _state(value: str) -> Test:
    states: set[JobState] = set()
    for word in value.lower().split(","):
        key = word.strip().partition(" ")[0]
        if key not in STATE_WORDS:
            raise ValueError(
                f"{word!r} is no state{nearest.did_you_mean(word, STATE_WORDS) or f'; known are {_list()}'}"
            )
        states |= STATE_WORDS[key]
    return lambda job, _: job.state in states


def _list() -> str:
    return ", ".join(STATE_WORDS)


def _worker(value: str) -> Test:
    """The id, or what it begins with up to a ``-``: ``nova`` and ``nova-3`` find nova-3-ab12cd, ``nov`` does not."""
    patterns = [pattern for word in value.split(",") for pattern in (glob(word), glob(f"{word}-*"))]
    return lambda job, _: bool(job.worker) and any(pattern(job.worker) for pattern in patterns)


def _number(
    figure: Callable[[JobView, float], float | None], read: Callable[[str], float], *, exact: bool = True
) -> Callable[[str, str], Test]:
    def reader(sign: str, value: str) -> Test:
        if not exact and sign in (":", "="):
            raise ValueError("needs a < or a > before the value")
        compare, limit = _COMPARE[sign], read(value)

        def test(job: JobView, now_s: float) -> bool:
            found = figure(job, now_s)
            return found is not None and compare(found, limit)

        return test

    return reader


def _exit(sign: str, value: str) -> Test:
    if sign not in (":", "="):
        return _number(lambda job, _: job.exit, lambda text: quantity.parse_whole(text, 0, 255))(sign, value)
    statuses = quantity.parse_statuses(value)
    return lambda job, _: job.exit in statuses


def _age(job: JobView, now_s: float) -> float | None:
    return None if job.since_s is None else now_s - job.since_s


FIELDS: dict[str, Field] = {
    "state": Field("state:failed,done", f"its state: {_list()}", Need.STATE, _texts_only(_state), tuple(STATE_WORDS)),
    "name": Field("name:scan-*", "its whole name, or a glob", Need.NAME, _texts_only(lambda value: any_name([value]))),
    "worker": Field("worker:nova-3", "who has it or had it: an id, or its begin", Need.STORY, _texts_only(_worker)),
    "exit": Field("exit:1,137", "the exit status of its last run (128 + N: ended by signal N)", Need.STORY, _exit),
    "age": Field(
        "age>1h",
        "for how long it has been in its state",
        Need.STORY,
        _number(_age, quantity.parse_duration, exact=False),
    ),
    "took": Field(
        "took>5m",
        "how long its last run took",
        Need.STORY,
        _number(lambda job, _: job.seconds, quantity.parse_duration, exact=False),
    ),
    "attempt": Field(
        "attempt>1",
        "which attempt it is",
        Need.STORY,
        _number(lambda job, _: job.attempt, lambda text: quantity.parse_whole(text, 0, 1_000_000)),
    ),
    "reason": Field(
        "reason:timeout",
        "part of why it failed, or waits",
        Need.STORY,
        _texts_only(lambda value: part(value, lambda job: job.reason)),
    ),
    "command": Field(
        "command:train.py",
        "part of its executable",
        Need.FILE,
        _texts_only(lambda value: part(value, lambda job: job.command)),
    ),
}
"""The keys, in the order in which help shows them."""
