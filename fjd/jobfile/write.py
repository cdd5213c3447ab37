"""`JobSpec` to text, by ConfigObj, read back by both parsers before anybody gets to see it.

ConfigObj is imported inside the functions (8 ms): a worker imports this module and never writes a job file.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fjd.errors import JobFileError
from fjd.jobfile.read import parse
from fjd.jobfile.rules import Field, problem
from fjd.jobfile.spec import CONFIGSPEC, KEYS, OPTIONS, JobSpec
from fjd.jobfile.terms import Terms, option_problem, terms_of

if TYPE_CHECKING:
    from configobj import ConfigObj


def render(spec: JobSpec) -> str:
    """Return the text of a job file that says ``spec``, with a line end at its end.

    To `parse` and every configparser the keys of ``params`` come back in lower case; to ConfigObj as they are.

    Raises
    ------
    JobFileError
        ``spec`` cannot be written so that both parsers read the same. The message names the field and says how to
        mend it, or that there are keys in ``spec.unknown``, whose values are not known here and would be lost.

    """
    check(spec)
    data = _written(spec)
    _read_back(spec, data)
    return data.decode()


def check(
    spec: JobSpec,
    problem: Callable[[Field, str], str] = problem,
    terms_of: Callable[[tuple[tuple[str, str], ...]], Terms] = terms_of,
) -> None:
    """Raise `JobFileError` for the first field that cannot be written; who checks many hands in what remembers."""
    if spec.unknown:
        raise JobFileError(f"[control] has keys that fjd would drop: {', '.join(spec.unknown)}; edit the file itself")
    for field, value in _fields(spec):
        if words := problem(field, value):
            raise JobFileError(f"{field}: {words}" if field in OPTIONS else f"{field} {words}")
    terms_of(spec.options)
    seen: dict[str, str] = {}
    for key, _ in spec.params:
        if key.lower() in seen:
            raise JobFileError(
                f"params {seen[key.lower()]!r} and {key!r} are one key to configparser; rename one of them"
            )
        seen[key.lower()] = key
    names = [name.lower() for name, _ in spec.env]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise JobFileError(f"env has {twice} twice, in whatever case; leave one of them")


def _fields(spec: JobSpec) -> list[tuple[Field, str]]:
    """Return every value of ``spec`` with the name of its field."""
    pairs: list[tuple[Field, str]] = [
        ("executable", spec.executable),
        ("logfile", spec.logfile),
        ("workdir", spec.workdir),
        *spec.options,
    ]
    for name, value in spec.env:
        pairs += [("env-key", name), ("env-value", value)]
    for key, value in spec.params:
        pairs += [("param-key", key), ("param-value", value)]
    return pairs


def _written(spec: JobSpec) -> bytes:
    """Return ``spec`` as ConfigObj writes it."""
    config = _config(None)
    said = {"executable": spec.executable, "logfile": spec.logfile, "workdir": spec.workdir, **dict(spec.options)}
    config["control"] = {key: said[key] for key in KEYS if said.get(key)}
    for section, pairs in (("env", spec.env), ("params", spec.params)):
        if pairs:
            config[section] = dict(pairs)
            config.comments[section] = [""]
    buffer = io.BytesIO()
    config.write(buffer)
    return buffer.getvalue()


def _config(infile: io.BytesIO | None) -> "ConfigObj":
    """Return a ConfigObj in the one dialect that fjd writes, with what ``infile`` says."""
    from configobj import ConfigObj

    config = ConfigObj(
        infile,
        configspec=list(CONFIGSPEC),
        interpolation=False,
        list_values=False,
        write_empty_values=True,
        raise_errors=True,
        encoding="utf-8",
    )
    config.newlines = "\n"
    return config


def _read_back(spec: JobSpec, data: bytes) -> None:
    """Raise `JobFileError` unless both parsers read ``spec`` in ``data`` and the configspec allows it.

    The rules let nothing through that fails here, as far as the tests could find; a new release of a parser may differ.
    """
    from configobj import ConfigObjError
    from configobj.validate import Validator

    try:
        config = _config(io.BytesIO(data))
        valid = config.validate(Validator({key: _checker(key) for key in OPTIONS}), preserve_errors=True)
    except (ConfigObjError, UnicodeError) as error:
        raise JobFileError(f"ConfigObj would refuse this job file: {error}") from None
    if valid is not True or _as_configobj_reads(config) != spec or parse(data) != _in_lower_case(spec):
        raise JobFileError("the job file would not mean the same to ConfigObj and configparser; use simpler values")


def _as_configobj_reads(config: "ConfigObj") -> JobSpec:
    control = config["control"]
    return JobSpec(
        control["executable"],
        control["logfile"],
        control["workdir"],
        params=tuple(config.get("params", {}).items()),
        options=tuple((key, control[key]) for key in OPTIONS if control[key]),
        env=tuple(config.get("env", {}).items()),
    )


def _in_lower_case(spec: JobSpec) -> JobSpec:
    return replace(spec, params=tuple((key.lower(), value) for key, value in spec.params))


def _checker(key: str) -> Callable[[str], str]:
    """Return the check of an option as ConfigObj's validator calls it."""
    from configobj.validate import VdtValueError

    def check(value: str) -> str:
        if option_problem(key, value):
            raise VdtValueError(value)
        return value

    return check
