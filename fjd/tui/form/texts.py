"""Job files to what the form shows, and back, so that as much as can be of the file stays as it is written. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fjd import jobfile
from fjd.errors import JobFileError
from fjd.jobfile import JobSpec

_PARAMS = re.compile(r"^\s*\[\s*params\s*\]", re.IGNORECASE | re.MULTILINE)
_CONTROL = re.compile(r"^\s*\[\s*control\s*\]\s*$", re.IGNORECASE | re.MULTILINE)
_FIELDS = ("executable", "logfile", "workdir")
_PAIRS = ("options", "env", "params")


def is_job_file(text: str) -> bool:
    """Tell whether a text is meant to be a whole job file."""
    return bool(_CONTROL.search(text))


def spec_of(data: bytes) -> JobSpec:
    """Return what a job file says, with the parameters spelt as they are there. Raises `JobFileError`."""
    spec = jobfile.parse(data)
    text = data.decode()
    begin = _PARAMS.search(text)
    below = text[begin.end() :] if begin else ""
    return replace(spec, params=tuple((_spelled(key, below), value) for key, value in spec.params))


def _spelled(key: str, text: str) -> str:
    """Return a key as it stands in ``text``: to configparser all of them are lower case."""
    found = re.search(rf"^[^\S\n]*({re.escape(key)})[^\S\n]*[=:]", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else key


def why_no_form(data: bytes) -> str:
    """Say why the form cannot show all that a job file says, and would lose it; nothing when it can."""
    try:
        spec = jobfile.parse(data)
        foreign = jobfile.foreign_sections(data)
    except JobFileError as error:
        return str(error)
    if spec.unknown:
        return f"it has keys that fjd does not know: {', '.join(spec.unknown)}"
    if foreign:
        return f"it has sections of its own: {', '.join(foreign)}"
    long = "\n" in spec.executable or any("\n" in value for _, value in spec.params)
    return "it has a value over several lines" if long else ""


def rewritten(before: bytes, spec: JobSpec) -> str:
    """Return the job file ``before`` as it is to be. Comments stay where only keys of ``[control]`` are changed.

    Raises `JobFileError` for what cannot be written.
    """
    anew, old = jobfile.render(spec), spec_of(before)
    if old == spec:
        return before.decode()
    if (old.params, old.env) != (spec.params, spec.env):
        return anew
    data, was, now = before, _control(old), _control(spec)
    try:
        for key in was.keys() | now.keys():
            if was.get(key, "") != now.get(key, ""):
                data = jobfile.with_value(data, key, now.get(key, ""))
    except JobFileError:
        return anew
    return data.decode()


def _control(spec: JobSpec) -> dict[str, str]:
    return {**{key: getattr(spec, key) for key in _FIELDS}, **dict(spec.options)}


# ---- what is remembered


def as_plain(spec: JobSpec) -> dict[str, object]:
    """Return a spec as JSON has values."""
    pairs = {key: [list(pair) for pair in getattr(spec, key)] for key in _PAIRS}
    return {**{key: getattr(spec, key) for key in _FIELDS}, **pairs}


def from_plain(value: object) -> JobSpec | None:
    """Return the spec that was remembered; None for what is not understood."""
    if not isinstance(value, Mapping) or not all(isinstance(value.get(key), str) for key in _FIELDS):
        return None
    pairs: dict[str, Any] = {}
    for key in _PAIRS:
        found = value.get(key)
        if not isinstance(found, list) or not all(_is_pair(pair) for pair in found):
            return None
        pairs[key] = tuple((pair[0], pair[1]) for pair in found)
    return JobSpec(*(value[key] for key in _FIELDS), **pairs)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
