"""Bytes to `JobSpec`: by `fjd.jobfile.plain` what needs no parser, and all else by `fjd.jobfile.ini`.

Whatever the bytes are, the answer is a `JobSpec` or a `JobFileError`, and it comes within seconds.
"""

import re

from fjd.errors import JobFileError
from fjd.jobfile import plain
from fjd.jobfile.quoted import quoted
from fjd.jobfile.spec import KEYS, OPTIONS, JobSpec
from fjd.jobfile.terms import terms_of

_USUAL = frozenset({"executable", "logfile", "workdir"})
_USUAL_SECTIONS = frozenset({"control", "params"})
"""In whatever is more than this a closer look is needed."""

_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")

_INDENTED_KEY = re.compile(rf"\n({'|'.join(KEYS)})(?:\s*:|\s+=)", re.IGNORECASE)
"""In a value: a continuation line that was meant to be a key. ``logfile=x`` may be the shell's own and is let pass."""


def parse(data: bytes) -> JobSpec:
    """Return what the job file ``data`` says.

    A command over several lines is kept as configparser joins it: each line stripped, comment lines dropped.
    Keys of a ``[DEFAULT]`` section count in ``[control]``, as they do for a job that reads its own file.

    Raises
    ------
    JobFileError
        The file does not say what to run, or not in a form that can be read. The message says what, where, and how
        to mend it; it may quote the file, and so must be cleaned for display.

    """
    common = plain.read(data)
    if common is not None and common.keys() <= _USUAL_SECTIONS and "control" in common:
        control = common["control"]
        if control.keys() <= _USUAL:
            params = tuple(common["params"].items()) if "params" in common else ()
            return JobSpec(_executable(control), control.get("logfile", ""), control.get("workdir", ""), params)
    return _parse(data)


def _parse(data: bytes) -> JobSpec:
    """Return what ``data`` says, of which anything may be out of the common."""
    from fjd.jobfile import ini  # a worker seldom needs it

    text = ini.decoded(data)
    sections, defaults = ini.read(text)
    control = _section(sections, "control")
    if control is None:
        raise JobFileError("there is no [control] section; put a line [control] above the line with the executable")
    own = _without_defaults(control, defaults)
    return JobSpec(
        executable=_executable(control),
        logfile=_one_line(control, "logfile"),
        workdir=_one_line(control, "workdir"),
        params=tuple(_without_defaults(_section(sections, "params") or {}, defaults).items()),
        unknown=tuple(key for key in own if key not in KEYS),
        options=_options(control, text),
        env=_env(sections, text),
    )


def foreign_sections(data: bytes) -> list[str]:
    """Return the names of the sections of a job file that are the job's own, but for ``[params]``."""
    own = {"control", "env", "params"}
    from fjd.jobfile import ini

    return [section for section in ini.names(ini.decoded(data)) if section.strip().lower() not in own]


def _section(sections: plain.Sections, name: str) -> dict[str, str] | None:
    """Return the section ``name``, in whatever case it is written, or None."""
    found = [section for section in sections if section.strip().lower() == name]
    if len(found) > 1:
        raise JobFileError(f"[{found[0]}] and [{found[1]}] are one section to fjd; make them one")
    return sections[found[0]] if found else None


def _without_defaults(section: dict[str, str], defaults: dict[str, str]) -> dict[str, str]:
    """Return ``section`` without what came from ``[DEFAULT]`` only."""
    return {key: value for key, value in section.items() if defaults.get(key) != value}


def _options(control: dict[str, str], text: str) -> tuple[tuple[str, str], ...]:
    """Return the options that are not empty; raise `JobFileError` for one that means nothing, with its line."""
    options = tuple((key, value) for key in OPTIONS if key in control and (value := _one_line(control, key)))
    try:
        terms_of(options)
    except JobFileError as error:
        key = str(error).partition(":")[0]
        found = re.search(rf"^[^\S\n]*{re.escape(key)}[^\S\n]*[:=]", text, re.IGNORECASE | re.MULTILINE)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
        raise JobFileError(f"line {line}: {error}" if line else str(error)) from None
    return options


def _env(sections: plain.Sections, text: str) -> tuple[tuple[str, str], ...]:
    """Return what ``[env]`` says, with the names spelt as they are: to the parser all keys are lower case."""
    if _section(sections, "env") is None:
        return ()
    from fjd.jobfile import ini

    exact_sections, defaults = ini.read_as_spelt(text)
    env = _without_defaults(_section(exact_sections, "env") or {}, defaults)
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name):
            raise JobFileError(f"[env] has {quoted(name)}, which is no name of a variable; use letters, digits and _")
        if "\n" in value:
            raise JobFileError(f"{name} in [env] goes over more than one line; begin the next name at the margin")
    return tuple(env.items())


def _executable(control: dict[str, str]) -> str:
    """Return the command, which must be there and do something."""
    command = control.get("executable", "").strip()
    if not command:
        raise JobFileError("[control] does not say what to run; add a line executable: COMMAND")
    if command.startswith("#") and all(line.startswith("#") or not line for line in command.split("\n")):
        raise JobFileError("the executable is only a comment, and would end well without doing anything")
    if "\n" in command and (key := _INDENTED_KEY.search(command)):
        name = key.group(1).lower()
        raise JobFileError(f"the line with {name} is indented, so it belongs to executable; begin it at the margin")
    return command


def _one_line(control: dict[str, str], key: str) -> str:
    """Return the path at ``key``, empty when it is not there."""
    value = control.get(key, "").strip()
    if "\n" in value:
        raise JobFileError(f"{key} goes over more than one line; begin the next key at the margin, without blanks")
    return value
