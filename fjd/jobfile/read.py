"""Bytes to `JobSpec`, by the standard library's parser, and by `fjd.jobfile.plain` for what needs no parser.

Whatever the bytes are, the answer is a `JobSpec` or a `JobFileError`, and it comes within seconds: the limits in
`fjd.jobfile.spec` keep configparser away from the inputs on which it does not end.
"""

import codecs
import configparser
import re
from typing import NoReturn

from fjd.errors import JobFileError
from fjd.jobfile import plain
from fjd.jobfile.spec import KEYS, MAX_BLANKS, MAX_BYTES, MAX_LINES, OPTIONS, JobSpec
from fjd.jobfile.terms import terms_of

_EXCERPT = 60

_GAP = re.compile(rf"^(?![^\S\n]*[#;])[^=:\n]*?[^\s=:][^\S\n]{{{MAX_BLANKS}}}[^\S\n]*\S", re.MULTILINE)
"""A run of blanks before the ``=`` or ``:`` of a line."""

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
    return _parse(_decoded(data))


def _parse(text: str) -> JobSpec:
    """Return what ``text`` says, of which anything may be out of the common."""
    sections, defaults = _sections(_parsed(text))
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
    return [section for section in _parsed(_decoded(data)).sections() if section.strip().lower() not in own]


def _sections(parser: configparser.RawConfigParser) -> tuple[plain.Sections, dict[str, str]]:
    """Return the sections, in which the defaults count, and the defaults."""
    return {name: dict(parser.items(name)) for name in parser.sections()}, dict(parser.defaults())


def _decoded(data: bytes) -> str:
    """Return the text of ``data`` with each line ended by one newline, as Python reads a text file."""
    if len(data) > MAX_BYTES:
        raise JobFileError(f"the file is larger than {MAX_BYTES:,} bytes; keep data in a file of its own")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise JobFileError("the file is UTF-16; save it as UTF-8")
    if b"\0" in data:
        raise JobFileError(f"byte {data.index(0)} is NUL, so this is no text; a job file is a text file in UTF-8")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (line {data.count(10, 0, error.start) + 1})"
        raise JobFileError(f"{where} is not UTF-8; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parsed(text: str) -> configparser.RawConfigParser:
    """Return the parser that has read ``text``."""
    _refuse_slow(text)
    # Without interpolation a % is a %; without inline comments a # inside a command is the shell's.
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        _complain(error, text)
    return parser


def _refuse_slow(text: str) -> None:
    """Raise `JobFileError` for a text that is empty, or on which configparser would take minutes."""
    if not text or text.isspace():
        raise JobFileError("the file is empty; it needs a line [control] and below it a line executable: COMMAND")
    if text.count("\n") > MAX_LINES:
        raise JobFileError(f"the file has more than {MAX_LINES:,} lines; keep data in a file of its own")
    if gap := _GAP.search(text):
        line = text.count("\n", 0, gap.start()) + 1
        raise JobFileError(f"line {line}: more than {MAX_BLANKS} blanks in a row, and no key before them; shorten them")


def _complain(error: configparser.Error, text: str) -> NoReturn:
    """Raise what configparser found in ``text`` as a `JobFileError`."""
    if isinstance(error, configparser.DuplicateOptionError):
        words = f"{_quoted(error.option)} is in [{_quoted(error.section)[1:-1]}] twice; leave one of them"
        line = error.lineno
    elif isinstance(error, configparser.DuplicateSectionError):
        words = f"a second section [{_quoted(error.section)[1:-1]}]; make them one"
        line = error.lineno
    elif isinstance(error, configparser.MissingSectionHeaderError):
        words = "text above the first section; put a line [control] above it"
        line = error.lineno
    elif isinstance(error, configparser.ParsingError):
        line = error.errors[0][0]
        words = f"{_quoted(text.split(chr(10))[line - 1])} is neither [section] nor key: value"
        words += "; write it so, or indent it if it goes on with the line above"
    else:
        line, words = None, "the file cannot be read as a configuration file"
    raise JobFileError(f"line {line}: {words}" if line else words) from None


def _quoted(text: str) -> str:
    """Return an excerpt of ``text`` in quotes, with nothing in it that a terminal obeys."""
    text = text.strip()
    return repr(text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…")


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
    exact = configparser.RawConfigParser()
    exact.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says to do
    exact.read_string(text)
    exact_sections, defaults = _sections(exact)
    env = _without_defaults(_section(exact_sections, "env") or {}, defaults)
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name):
            raise JobFileError(f"[env] has {_quoted(name)}, which is no name of a variable; use letters, digits and _")
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
