"""What jobs ask for that do not say otherwise: ``[defaults]`` in ``.fjd/config.ini``, as a worker reads it.

The file is ConfigObj's; it is checked, and its mistakes are told with their lines, by whoever dispatches. A worker
must not pay for ConfigObj, and needs one section in which every value is one line, so it reads that section by itself.
A test holds that both read the same.
"""

import re
from collections.abc import Callable

from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.jobfile import OPTIONS, slip, terms_of
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
    options = tuple((key, found[key]) for key in OPTIONS if found.get(key))
    terms_of(options)
    return options


def _pair(line: str, number: int) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise JobFileError(f"line {number}: it is not key = value")
    if match["key"] not in OPTIONS:
        raise JobFileError(f"line {number}: {slip(match['key'])}")
    return match["key"], match["double"] or match["single"] or match["plain"] or ""


class Defaults:
    """The defaults of the spool at ``layout``, read again when the file has changed. ``say`` is told of a broken one.

    While it is broken, what was read before it was counts.
    """

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self.options: Options = ()
        self._path = layout.config_file
        self._say = say
        self._stamp: Stamp | None = None

    def look(self) -> None:
        """Read the file if it is another than the last time. Raises `DiskError`."""
        stamp = fsio.stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            contents = fsio.read_plain(self._path, _MAX_BYTES)
            self.options = parse(contents.data) if contents else ()
        except (JobFileError, NotAJob, UnsafeError) as error:
            self._say(f"{self._path}: {error}; the defaults stay as they were")
        self._stamp = stamp
