"""`JobSpec` to text, by ConfigObj, read back by both parsers before anybody gets to see it.

ConfigObj is imported inside the functions (8 ms): a worker imports this module and never writes a job file.
"""

import io
from typing import TYPE_CHECKING

from fjd.errors import JobFileError
from fjd.jobfile.read import parse
from fjd.jobfile.rules import Field, problem
from fjd.jobfile.spec import CONFIGSPEC, KEYS, JobSpec

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
    _check(spec)
    data = _written(spec)
    _read_back(spec, data)
    return data.decode()


def _check(spec: JobSpec) -> None:
    """Raise `JobFileError` for the first field that cannot be written."""
    if spec.unknown:
        raise JobFileError(f"[control] has keys that fjd would drop: {', '.join(spec.unknown)}; edit the file itself")
    for field, value in _fields(spec):
        if words := problem(field, value):
            raise JobFileError(f"{field} {words}")
    seen: dict[str, str] = {}
    for key, _ in spec.params:
        if key.lower() in seen:
            raise JobFileError(
                f"params {seen[key.lower()]!r} and {key!r} are one key to configparser; rename one of them"
            )
        seen[key.lower()] = key


def _fields(spec: JobSpec) -> list[tuple[Field, str]]:
    """Return every value of ``spec`` with the name of its field."""
    pairs: list[tuple[Field, str]] = [
        ("executable", spec.executable),
        ("logfile", spec.logfile),
        ("workdir", spec.workdir),
    ]
    for key, value in spec.params:
        pairs += [("param-key", key), ("param-value", value)]
    return pairs


def _written(spec: JobSpec) -> bytes:
    """Return ``spec`` as ConfigObj writes it."""
    config = _config(None)
    config["control"] = {key: getattr(spec, key) for key in KEYS if getattr(spec, key)}
    if spec.params:
        config["params"] = dict(spec.params)
        config.comments["params"] = [""]
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
        valid = config.validate(Validator(), preserve_errors=True)
    except (ConfigObjError, UnicodeError) as error:
        raise JobFileError(f"ConfigObj would refuse this job file: {error}") from None
    lowered = tuple((key.lower(), value) for key, value in spec.params)
    theirs = JobSpec(**config["control"], params=tuple(config.get("params", {}).items()))
    ours = parse(data)
    if valid is not True or theirs != spec or ours != JobSpec(spec.executable, spec.logfile, spec.workdir, lowered):
        raise JobFileError("the job file would not mean the same to ConfigObj and configparser; use simpler values")
