"""Text to sections, by the standard library's parser, which is imported only where a file is out of the common.

The limits in `fjd.jobfile.spec` keep configparser away from the inputs on which it does not end.
"""

import codecs
import configparser
import re
from typing import NoReturn

from fjd.errors import JobFileError
from fjd.jobfile import plain
from fjd.jobfile.quoted import quoted
from fjd.jobfile.spec import MAX_BLANKS, MAX_BYTES, MAX_LINES

_GAP = re.compile(rf"^(?![^\S\n]*[#;])[^=:\n]*?[^\s=:][^\S\n]{{{MAX_BLANKS}}}[^\S\n]*\S", re.MULTILINE)
"""A run of blanks before the ``=`` or ``:`` of a line."""


def read(text: str) -> tuple[plain.Sections, dict[str, str]]:
    """Return the sections, in which the defaults count, and the defaults; all keys are in lower case."""
    return _sections(_parsed(text))


def read_as_spelt(text: str) -> tuple[plain.Sections, dict[str, str]]:
    """Return the same of a text that can be read, with the keys as they are spelt."""
    exact = configparser.RawConfigParser()
    exact.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says to do
    exact.read_string(text)
    return _sections(exact)


def names(text: str) -> list[str]:
    """Return the names of the sections."""
    return _parsed(text).sections()


def decoded(data: bytes) -> str:
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


def _sections(parser: configparser.RawConfigParser) -> tuple[plain.Sections, dict[str, str]]:
    """Return the sections, in which the defaults count, and the defaults."""
    return {name: dict(parser.items(name)) for name in parser.sections()}, dict(parser.defaults())


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
        words = f"{quoted(error.option)} is in [{quoted(error.section)[1:-1]}] twice; leave one of them"
        line = error.lineno
    elif isinstance(error, configparser.DuplicateSectionError):
        words = f"a second section [{quoted(error.section)[1:-1]}]; make them one"
        line = error.lineno
    elif isinstance(error, configparser.MissingSectionHeaderError):
        words = "text above the first section; put a line [control] above it"
        line = error.lineno
    elif isinstance(error, configparser.ParsingError):
        line = error.errors[0][0]
        words = f"{quoted(text.split(chr(10))[line - 1])} is neither [section] nor key: value"
        words += "; write it so, or indent it if it goes on with the line above"
    else:
        line, words = None, "the file cannot be read as a configuration file"
    raise JobFileError(f"line {line}: {words}" if line else words) from None
