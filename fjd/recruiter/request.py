"""What the recruiter here asks of the recruiter on another host, and what that one answers: two lines of JSON.

Both are read as what a stranger may have sent: a value that is off is a `HireError`, never a traceback.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from fjd.errors import HireError

FORM: Final = 1
"""The form of both lines. Whoever does not know it says so."""
_WORDS, _PAIRS = tuple[str, ...], tuple[tuple[str, str], ...]
_PLAIN: Final[dict[Any, tuple[type, ...]]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    int | None: (int, type(None)),
}


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
    gpus: str = ""
    """A worker for each of these, as `fjd.hiring.gpus.chosen` reads it; empty for workers without."""
    by: str = ""
    """``crew`` when an elastic crew asks."""
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
    if not all(isinstance(said.get(key), str) for key in ("version", "dir", "token")):
        raise HireError("the request does not say where the spool is")
    return Request(**said)


def read_reply(text: str) -> Reply:
    """Return the reply in the last line of ``text`` (a login shell may have printed before it)."""
    line = next((line for line in reversed(text.splitlines()) if line.startswith("{")), "")
    return Reply(**_read(line, Reply))


def _read(line: str, kind: type[Request] | type[Reply]) -> dict[str, Any]:
    """Return what the line says for the fields of ``kind``, each of its type."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("form") != FORM:
        raise HireError("it speaks another form of fjd: install the same version on both hosts")
    types = {field.name: field.type for field in fields(kind)}
    return {key: _typed(key, value, types[key]) for key, value in said.items() if key in types}


def _typed(key: str, value: Any, wanted: Any) -> Any:
    """Return ``value`` as the annotation ``wanted`` asks for it; raise `HireError` when it is something else."""
    if wanted == _WORDS and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if wanted == _PAIRS and isinstance(value, list):
        pairs = tuple(tuple(pair) for pair in value if isinstance(pair, list))
        if len(pairs) == len(value) and all(len(pair) == 2 and all(isinstance(x, str) for x in pair) for pair in pairs):
            return pairs
    elif isinstance(value, _PLAIN.get(wanted, ())) and not isinstance(value, bool):
        return value
    raise HireError(f"what it says cannot be understood: {key} is {value!r:.60}")
