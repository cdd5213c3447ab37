"""What jobs ask for that do not say otherwise: ``[defaults]``, as a worker reads it.

It stands in ``.fjd/config.ini``, and for all spools in ``~/.config/fjd/config.ini``; where both say something, the
spool's counts. The files are ConfigObj's; they are checked, and their mistakes are told with their lines, by whoever
dispatches (`fjd.dispatcher.wishes`). A worker must not pay for ConfigObj, and needs one section in which every value is
one line, so it reads that section by itself. A test holds that both read the same.
"""

import re
from collections.abc import Callable, Mapping

from fjd import configuration
from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.jobfile import DEFAULTABLE, KEYS, slip, terms_of
from fjd.spool import fsio
from fjd.spool.fsio import Stamp
from fjd.spool.layout import Layout

Options = tuple[tuple[str, str], ...]

_MAX_BYTES = 1 << 20
_SECTION = re.compile(r"\s*\[\s*(?P<name>[^\[\]]*?)\s*\]\s*(?:#.*)?")
_LINE = re.compile(
    r"""\s* (?P<quote>["']?) (?P<key>[\w-]+) (?P=quote) \s* = \s* (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' |
        (?P<plain>[^"'\#][^\#]*?)? ) \s* (?: \#.* )?""",
    re.VERBOSE,
)


def parse(data: bytes) -> Options:
    """Return the options in ``[defaults]``; none where there is no such section. Raises `JobFileError`."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise JobFileError("it is not UTF-8") from None
    found: dict[str, str] = {}
    is_in = False
    for number, line in enumerate(lines, 1):
        if section := _SECTION.fullmatch(line):
            is_in = section["name"] in ("defaults", '"defaults"', "'defaults'")
        elif is_in and line.strip() and not line.lstrip().startswith("#"):
            key, value = _pair(line, number)
            if key in found:
                raise JobFileError(f"line {number}: {key} is there twice")
            found[key] = value
    options = _ordered(found)
    terms_of(options)
    return options


def _ordered(found: Mapping[str, str]) -> Options:
    return tuple((key, found[key]) for key in DEFAULTABLE if found.get(key))


def _pair(line: str, number: int) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise JobFileError(f"line {number}: it is not key = value")
    if match["key"] in KEYS and match["key"] not in DEFAULTABLE:
        raise JobFileError(f"line {number}: {match['key']} can be no default")
    if match["key"] not in DEFAULTABLE:
        raise JobFileError(f"line {number}: {slip(match['key'])}")
    return match["key"], match["double"] or match["single"] or match["plain"] or ""


class Defaults:
    """The defaults of the spool at ``layout``, read again when a file has changed. ``say`` is told of a broken one.

    While it is broken, what was read before it was counts.
    """

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self.options: Options = ()
        self._say = say
        self._said: dict[str, Options] = {configuration.user_path(): (), layout.config_file: ()}
        """By file, what it says; the spool's comes after, and so counts."""
        self._stamps: dict[str, Stamp | None] = {}

    def look(self) -> None:
        """Read each file that is another than the last time. Raises `DiskError`."""
        for path in self._said:
            stamp = fsio.stamp(path)
            if stamp == self._stamps.get(path):
                continue
            try:
                contents = fsio.read_plain(path, _MAX_BYTES)
                self._said[path] = parse(contents.data) if contents else ()
            except (JobFileError, NotAJob, UnsafeError) as error:
                self._say(f"{path}: {error}; the defaults stay as they were")
            self._stamps[path] = stamp
            self.options = _ordered({key: text for said in self._said.values() for key, text in said})
