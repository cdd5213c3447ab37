"""Changing one key of a job file as its owner wrote it: every other byte stays.

Which line that is, only a parser knows for sure (continuation lines, sections in any case, defaults). So each line that
may be it is tried, and the one is taken of which the whole file, read again, says the new value and nothing else new.
"""

import re
from collections.abc import Iterator

from fjd.errors import JobFileError
from fjd.jobfile.read import parse
from fjd.jobfile.rules import problem
from fjd.jobfile.spec import KEYS, JobSpec, slip

_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CONTROL = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*control\s*\]", re.IGNORECASE)


def with_value(data: bytes, key: str, value: str) -> bytes:
    """Return the job file ``data`` with ``value`` at ``key`` in ``[control]``.

    Raises `JobFileError` when ``data`` is no job file, the value will not do, or it cannot be written into one line.
    """
    if key not in KEYS:
        raise JobFileError(slip(key))
    if words := problem(key, value):
        raise JobFileError(f"{key} {words}")
    wanted = _said(parse(data))
    wanted[key] = value
    for text in _candidates(data, key, value):
        if _reads_as(text, wanted):
            return text
    raise JobFileError(f"{key} cannot be changed in one line of this file; edit the file itself")


def _reads_as(text: bytes, wanted: dict[str, object]) -> bool:
    try:
        return _said(parse(text)) == wanted
    except JobFileError:
        return False


def _said(spec: JobSpec) -> dict[str, object]:
    """Return all that a job file says, by key, with nothing for what it does not say."""
    said: dict[str, object] = dict.fromkeys(KEYS, "")
    said |= {"executable": spec.executable, "logfile": spec.logfile, "workdir": spec.workdir, **dict(spec.options)}
    return said | {"[params]": spec.params, "[env]": spec.env, "unknown": spec.unknown}


def _candidates(data: bytes, key: str, value: str) -> Iterator[bytes]:
    """Yield the texts with each line replaced that may be the key's, then with one added below each ``[control]``."""
    written = value.encode()
    own = re.compile(rb"(\s*%s\s*[=:][^\S\r\n]*)[^\r\n]*" % re.escape(key.encode()), re.IGNORECASE)
    lines = list(_LINES.finditer(data))
    for line in lines:
        if match := own.match(line.group()):
            head = match[1] if match[1][-1:].isspace() else match[1] + b" "
            yield data[: line.start()] + head + written + data[line.start() + match.end() :]
    for line in lines:
        if _CONTROL.match(line.group()):
            end = line.group()[len(line.group().rstrip(b"\r\n")) :] or b"\n"
            yield data[: line.end()] + b"%s: %s%s" % (key.encode(), written, end) + data[line.end() :]
