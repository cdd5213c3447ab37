"""Configuration files: found, read by ConfigObj, checked against a configspec, every mistake told with file and line.

It knows no key and no section: whoever has some brings a configspec (a text in ConfigObj's own form), and is given what
the file says with the defaults filled in. The same text, comments and all, makes the documented default file, so that
the reference, the check and the documentation cannot differ. What a configspec cannot check (is that an action?) its
owner checks, and tells by `Configuration.mistake` with the same file and line.

The dialect is ConfigObj's: ``key = value``, ``[section]``, ``[[section within]]``, ``#`` begins a comment. Commas mean
nothing here; a value that stands in quotes as a whole loses them. ConfigObj is imported only where a file is there.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fjd.errors import ConfigurationError, NotAJob, UnsafeError
from fjd.nearest import did_you_mean
from fjd.spool import fsio

if TYPE_CHECKING:
    from configobj import ConfigObj

_MAX_BYTES: Final = 1 << 20
# Patterns are compiled where they are first used: most who import this find no file.
_SECTION: Final = r"\s*(\[+)\s*(.*?)\s*\]+\s*(?:#.*)?$"
_KEY: Final = r"""\s*(".*?"|'.*?'|[^'"=].*?)\s*=\s*(.*)$"""
_CHECK: Final = r"(\w+)\s*(?:\((.*)\))?\s*$"
_WANTED: Final = {"integer": "a whole number", "float": "a number", "boolean": "yes or no"}

Where = tuple[str, ...]
"""The names that lead to a key or a section: ``("tui", "keys", "quit")``."""


class Configuration(Mapping[str, Any]):
    """What a file says, and where it says it: a mapping of sections, which are mappings of keys and sections."""

    def __init__(self, path: str, values: Mapping[str, Any], lines: Mapping[Where, int]) -> None:
        self.path = path
        self._values = values
        self._lines = lines

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def mistake(self, words: str, *where: str) -> str:
        """Return ``words`` with the file, and the line at which ``where`` stands: ``config.ini:7: there is no …``."""
        line = self._lines.get(where)
        return f"{self.path}:{line}: {words}" if line else f"{self.path}: {words}"


def user_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return where a user's own configuration is (XDG Base Directory Specification), whether it is there or not.

    A link is followed, since people keep such files elsewhere and link them.
    """
    home = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(home):  # the specification: a relative one is to be ignored
        home = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.realpath(os.path.join(home, "fjd", "config.ini"))


def read(path: str, configspec: str, *, others: Iterable[str] = ()) -> Configuration:
    """Return what the file at ``path`` says, the defaults where it says nothing or is not there.

    ``others`` are names of sections that somebody else reads. Raises `ConfigurationError`, which holds a sentence for
    each mistake, also when it is no plain file, or one that somebody else could have written.
    """
    try:
        contents = fsio.read_plain(path, _MAX_BYTES)
    except (NotAJob, UnsafeError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    data = contents.data if contents else b""
    if len(data) > _MAX_BYTES:
        raise ConfigurationError([f"{path}: it is larger than {_MAX_BYTES:,} bytes"])
    return parse(decoded(data, path), configspec, path=path, others=others)


def parse(text: str, configspec: str, *, path: str, others: Iterable[str] = ()) -> Configuration:
    """Return what ``text`` says, as `read` does; ``path`` is for the messages."""
    config = _parsed(text, configspec, path)
    made = Configuration(path, {}, _lines(text))
    mistakes = list(_misplaced(config, config.configspec, made))
    if not mistakes:  # ConfigObj's validate cannot bear a value where a section should be
        mistakes = [*_unknown(config, made, set(others)), *_invalid(config, made, text)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return Configuration(path, _plain(config), made._lines)


def default_text(configspec: str) -> str:
    """Return the configspec as a file to begin with: its comments, and each key with its default as a comment."""
    lines = []
    for line in configspec.strip().splitlines():
        key = re.match(_KEY, line)
        if key is None or line.lstrip().startswith("#"):
            lines.append(line)
        elif key[1] != "__many__":
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}# {key[1]} = {_default(key[2])}".rstrip())
    return "\n".join(lines) + "\n"


# ---- reading


def decoded(data: bytes, path: str) -> str:
    """Return the text of a file; raise `ConfigurationError` with the line that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError([f"{path}:{line}: it is not UTF-8"]) from None


def _parsed(text: str, configspec: str, path: str) -> "ConfigObj":
    from configobj import ConfigObj, ConfigObjError

    try:
        return ConfigObj(
            text.splitlines(), configspec=configspec.splitlines(), interpolation=False, list_values=False, _inspec=False
        )
    except ConfigObjError as error:
        errors = getattr(error, "errors", None) or [error]
        raise ConfigurationError([f"{path}:{one.line_number}: {_syntax(one)}" for one in errors]) from None


def _syntax(error: Exception) -> str:
    """Return what is wrong with a line, in words."""
    from configobj import DuplicateError, NestingError

    line = str(getattr(error, "line", "")).strip()
    if isinstance(error, DuplicateError):
        return f"{line!r} stands there twice"
    if isinstance(error, NestingError):
        return f"{line!r} does not fit under what stands above it"
    hint = ", with = and not :" if ":" in line and "=" not in line else ""
    return f"{line!r} cannot be read; write key = value{hint}, or [section]"


def _lines(text: str) -> dict[Where, int]:
    """Return on which line each key and section stands; ConfigObj does not keep it."""
    found: dict[Where, int] = {}
    above: list[str] = []
    quotes = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quotes:
            quotes = "" if quotes in line else quotes
        elif line.lstrip().startswith("#"):
            continue
        elif section := re.match(_SECTION, line):
            above = [*above[: len(section[1]) - 1], _unquoted(section[2])]
            found.setdefault(tuple(above), number)
        elif key := re.match(_KEY, line):
            found.setdefault((*above, _unquoted(key[1])), number)
            begin = key[2][:3]
            quotes = begin if begin in ("'''", '"""') and begin not in key[2][3:] else ""
    return found


def _plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section as a dictionary of its own, with unquoted texts."""
    return {
        name: _plain(value) if isinstance(value, Mapping) else _unquoted(value) if isinstance(value, str) else value
        for name, value in section.items()
    }


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text


# ---- checking


def _invalid(config: "ConfigObj", made: Configuration, text: str) -> Iterator[str]:
    """Fill in the defaults, and return what is wrong with the values."""
    from configobj import flatten_errors
    from configobj.validate import Validator

    _unquote_values(config)
    result = config.validate(Validator(), preserve_errors=True)
    lines = text.splitlines()
    for sections, key, _ in flatten_errors(config, result):
        where = (*sections, key)
        section, spec = _at(config, sections), _at(config.configspec, sections)
        if key not in section:
            yield made.mistake(f"{key} is missing", *sections)
            continue
        line = made._lines.get(where)
        is_cut = line and not section[key] and "#" in lines[line - 1]
        hint = " (a # begins a comment; put the value in quotes)" if is_cut else ""
        yield made.mistake(_wrong_value(key, section[key], spec.get(key, spec.get("__many__", ""))) + hint, *where)


def _misplaced(section: Any, spec: Any, made: Configuration, above: Where = ()) -> Iterator[str]:
    """Return which names are a section and should be a value, or the other way about."""
    for name, value in section.items():
        known = spec.get(name, spec.get("__many__"))
        is_section, should_be = isinstance(value, Mapping), isinstance(known, Mapping)
        if is_section and should_be:
            yield from _misplaced(value, known, made, (*above, name))
        elif is_section and known is not None:
            yield made.mistake(f"{name} must be a value, and is a section", *above, name)
        elif should_be:
            yield made.mistake(f"{name} must be a section, in brackets", *above, name)


def _unquote_values(section: Any) -> None:
    """Unquote before the check, so that ``theme = "light"`` is the option light."""
    for key in section.scalars:
        section[key] = _unquoted(section[key])
    for name in section.sections:
        _unquote_values(section[name])


def _at(section: Any, names: Iterable[str]) -> Any:
    for name in names:
        section = section[name] if name in section else section["__many__"]
    return section


def _wrong_value(key: str, value: str, check: str) -> str:
    kind, words = _check_words(check)
    if kind == "option":
        return f"{key} must be one of {', '.join(words)}, not {value!r}{did_you_mean(value, words)}"
    bounds = [f" {name} {word}" for name, word in zip(("from", "to"), words, strict=False)]
    return f"{key} must be {_WANTED.get(kind, 'another text')}{''.join(bounds)}, not {value!r}"


def _check_words(check: str) -> tuple[str, list[str]]:
    """Return the kind of a check, and its arguments but the default: ``option("a", "b", default="a")``."""
    found = re.match(_CHECK, check)
    if found is None:
        return "", []
    words = [word.strip() for word in (found[2] or "").split(",") if word.strip()]
    return found[1], [_unquoted(word.split("=")[-1].strip()) for word in words if not word.startswith("default")]


def _default(check: str) -> str:
    found = re.search(r"""default\s*=\s*(".*?"|'.*?'|[^,)]*)""", check)
    value = _unquoted(found[1].strip()) if found else ""
    return "" if value == "None" else f'"{value}"' if "#" in value else value


def _unknown(config: "ConfigObj", made: Configuration, others: set[str]) -> Iterator[str]:
    """Return what stands in the file and not in the configspec."""
    for sections, name in _extra(config, config.configspec, ()):
        if not sections and name in others:
            continue
        known = _at(config.configspec, sections)
        value = _at(config, sections)[name]
        if isinstance(value, Mapping):
            what, names = f"there is no section {name}", [*known.sections, *(() if sections else others)]
        elif not sections:
            what, names = f"{name} stands above the first [section]", []
        else:
            what, names = f"there is no {name} in [{'.'.join(sections)}]", known.scalars
        yield made.mistake(what + did_you_mean(name, names), *sections, name)


def _extra(section: Any, spec: Any, above: Where) -> Iterator[tuple[Where, str]]:
    for name, value in section.items():
        known = spec.get(name, spec.get("__many__"))
        if known is None:
            yield above, name
        elif isinstance(value, Mapping) and isinstance(known, Mapping):
            yield from _extra(value, known, (*above, name))
