"""What the recruiter here asks of the recruiter on another host, and what that one answers: two lines of JSON.

Both are read as what a stranger may have sent: a value that is off is a `HireError`, never a traceback.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from fjd.errors import HireError

FORM: Final = 1
"""The form of both lines. Whoever does not know it says so."""


@dataclass(frozen=True, slots=True)
class Request:
    """Workers are wanted on the host that gets this, or to be dismissed."""

    version: str
    """Of the fjd that asks."""
    dir: str
    token: str
    """It stands in a file of the spool's: who can read it there has the same spool."""
    cwd: str = ""
    workers: int | None = None
    """How many are wanted; None for one a processor."""
    dismiss: tuple[str, ...] = ()
    """Whole ids of workers of that host that did not obey."""
    via: str = ""
    """What ssh calls the host, for whoever is to reach it again."""
    tags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    form: int = FORM


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of it there."""

    version: str = ""
    host: str = ""
    clock_s: float = 0.0
    """Wall clock there, seconds since the epoch."""
    kind: str = ""
    note: str = ""
    hired: tuple[str, ...] = ()
    requeued: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    """Why nothing was done at all."""
    form: int = FORM


def dump(message: Request | Reply) -> str:
    """Return the line that says it."""
    return json.dumps(asdict(message), separators=(",", ":")) + "\n"


def read_request(line: str) -> Request:
    """Return the request in ``line``; raise `HireError` when it is none."""
    said = _read(line, Request)
    lists = {key: tuple(map(str, said.get(key, ()))) for key in ("tags", "dismiss")}
    try:
        return Request(**{**said, **lists, "env": _pairs(said.get("env", ()))})
    except TypeError as error:
        raise HireError(f"the request cannot be understood: {error}") from None


def read_reply(text: str) -> Reply:
    """Return the reply in the last line of ``text`` (a login shell may have printed before it)."""
    line = next((line for line in reversed(text.splitlines()) if line.startswith("{")), "")
    said = _read(line, Reply)
    lists = {key: tuple(map(str, said.get(key, ()))) for key in ("hired", "requeued")}
    try:
        return Reply(**{**said, **lists, "failures": _pairs(said.get("failures", ()))})
    except TypeError as error:
        raise HireError(f"its answer cannot be understood: {error}") from None


def _read(line: str, kind: type[Request] | type[Reply]) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("form") != FORM:
        raise HireError("it speaks another form of fjd: install the same version on both hosts")
    known = {field.name for field in fields(kind)}
    return {key: value for key, value in said.items() if key in known}


def _pairs(said: Any) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(first), str(second)) for first, second in said)
    except (TypeError, ValueError):
        raise HireError("its answer cannot be understood: pairs were expected") from None
