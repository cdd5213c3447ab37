"""A worker's announcement: an INI file, written once and whole, whose mtime is the heartbeat.

Values are JSON, so that any path and any name is written on one line and read back exactly.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, fields

from fjd import chance, identity
from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.identity import Host
from fjd.spool import fsio
from fjd.spool.layout import Layout

_SECTION = "worker"
_SUFFIX = ".worker"
_MAX_BYTES = 1 << 16
_LARGE = 1 << 63
"""No pid, start time or time of day is as large; the kernel takes no larger numbers."""

_LINE = re.compile(rb"(?:\[worker\]|\w+: ?\S.*|)\r?")
"""A line of the file. On others configparser may take minutes: its time grows with the square of a run of blanks."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a worker says of itself."""

    id: str
    number: int
    """Its number in the crew, as in the name of its screen session; the pid when it was started by hand."""
    host: str
    boot_id: str
    pid_space: str
    pid: int
    started: int
    """Start time of its process, as `identity.start_time` gives it."""
    since: float
    """Wall clock when it came, seconds since the epoch; for people only."""
    cwd: str
    kind: str
    """``screen``, ``process`` or ``hand``."""
    session: str = ""
    """What the hiring backend calls it."""
    log: str = ""
    """The path of its terminal's log."""
    via: str = ""
    """What ssh calls its host, when it was hired over ssh."""
    tags: tuple[str, ...] = ()
    """What it was hired with; a job that asks for tags goes to workers that have them all."""
    cpus: int = 0
    """How many processors of its host it may use; 0 when that is not known."""
    memory_bytes: int = 0
    """How much memory its host has; 0 when that is not known."""
    time_limit_s: float = 0.0
    """So long after it came at the latest it is ended by whoever placed it there, as by a cluster; 0 for never."""
    by: str = ""
    """``crew`` when it was hired by the rules of an elastic crew, which may fire it."""

    def is_here(self) -> bool:
        """Tell whether it lives on this host, so that its process can be asked for."""
        return Host(self.host, self.boot_id, self.pid_space) == identity.this_host()

    def process_lives(self) -> bool:
        """Tell whether its process lives; to be asked only where it `is_here`."""
        return identity.is_alive(self.pid, self.started)


def new_id(host: str, number: int) -> str:
    """Return a worker id that was never used before: ``host-number-random``."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "_" for c in host)[:64]
    return f"{plain}-{number}-{chance.token(3)}"


def worker_of(file_name: str) -> str | None:
    """Return the worker whose announcement a file of that name is, None when it is no announcement."""
    if file_name.startswith(".") or not file_name.endswith(_SUFFIX):
        return None
    return file_name[: -len(_SUFFIX)] or None


def publish(layout: Layout, announcement: Announcement) -> None:
    """Write the announcement; from now on the worker may be handed jobs."""
    fsio.publish(layout.tmp, layout.announcement(announcement.id), render(announcement), replace=True)


def read(layout: Layout, worker: str) -> Announcement | None:
    """Read the announcement of ``worker``; None when it is gone. Raises `FjdError` when it cannot be understood."""
    contents = fsio.read_plain(layout.announcement(worker), _MAX_BYTES)
    return None if contents is None else parse(contents.data, worker)


def present(layout: Layout, *, fresh: bool = False) -> set[str]:
    """Return who has announced itself; ``fresh`` asks the server (`fsio.names`)."""
    return {worker for name in fsio.names(layout.workerqueue, fresh=fresh) or () if (worker := worker_of(name))}


def read_all(layout: Layout) -> dict[str, Announcement]:
    """Read every announcement that can be understood, by worker id."""
    found: dict[str, Announcement] = {}
    for worker in present(layout):
        try:
            announcement = read(layout, worker)
        except (JobFileError, NotAJob, UnsafeError):
            continue  # the dispatcher says so; whoever only counts workers passes it by
        if announcement is not None:
            found[worker] = announcement
    return found


def render(announcement: Announcement) -> bytes:
    """Return the text of the file."""
    lines = [f"{key}: {json.dumps(value)}" for key, value in asdict(announcement).items()]
    return "\n".join([f"[{_SECTION}]", *lines, ""]).encode("ascii")


def parse(data: bytes, worker: str) -> Announcement:
    """Return what the file says; raise `JobFileError` when it is not the announcement of ``worker``."""
    import configparser  # a worker writes its own announcement, and reads none

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(_lines(data))
        values = {key: json.loads(text) for key, text in parser.items(_SECTION)}
        known = {field.name: values[field.name] for field in fields(Announcement) if field.name in values}
        announcement = Announcement(**{**known, "tags": _words(known.get("tags", []))})
    except (ValueError, TypeError, RecursionError, configparser.Error) as error:
        raise JobFileError(f"{worker}{_SUFFIX} is no announcement of a worker: {_first_line(error)}") from error
    if announcement.id != worker or not _is_sound(announcement):
        raise JobFileError(f"{worker}{_SUFFIX} is no announcement of {worker}")
    return announcement


def _lines(data: bytes) -> str:
    """Return the text, in which each line is one that `render` could have written."""
    if not all(_LINE.fullmatch(line) for line in data.split(b"\n")):
        raise ValueError("a line is neither [worker] nor key: value")
    return data.decode("ascii")


def _is_sound(announcement: Announcement) -> bool:
    """Tell whether each value is of its kind, and such that the system can be asked about it."""
    values = asdict(announcement)
    times = [values.pop(key) for key in ("since", "time_limit_s")]
    numbers = [values.pop(key) for key in ("number", "pid", "started", "cpus", "memory_bytes")]
    words = values.pop("tags")
    return (
        all(isinstance(number, int) for number in numbers)
        and all(isinstance(time, (int, float)) for time in times)
        and all(abs(number) < _LARGE for number in (*numbers, *times))
        and min(announcement.cpus, announcement.memory_bytes, announcement.time_limit_s) >= 0
        and all(_is_path(value) for value in (*values.values(), *words))
    )


def _words(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise TypeError("tags are no list")
    return tuple(value)


def _is_path(value: object) -> bool:
    """Tell whether it may be part of a path: a text with no NUL and no half character, both of which JSON can spell."""
    try:
        return isinstance(value, str) and b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def _first_line(error: Exception) -> str:
    return str(error).partition(os.linesep)[0]
