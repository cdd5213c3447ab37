"""``remote.conf``: which hosts work for a spool, how many workers each, and how they are reached.

It is looked for in the spool, then beside the user's ``config.ini``. The original's form, ``name: nova`` under
``[host1]``, is read as well as ``name = nova``.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fjd import configuration, identity, quantity
from fjd.configuration import Configuration
from fjd.errors import ConfigurationError, NotAJob, UnsafeError
from fjd.spool import fsio
from fjd.spool.layout import Layout

FILE = "remote.conf"
_HERE = ("localhost", "127.0.0.1", "::1")
AUTO = "auto"
WORKERS_MAX: Final = 10_000

CONFIGSPEC: Final = """\
# One section a host. The name of the section is the host's, as ssh knows it, unless name says otherwise.
[__many__]
# The host as you would write it behind ssh: an alias of your ~/.ssh/config will do.
name = string(default="")
# How many workers: a number, or auto for one a processor.
workers = string(default="auto")
# The user to log in as, when your ssh configuration does not say.
user = string(default="")
# Where the spool is on that host, if it is not at the same path as here.
dir = string(default="")
# What the shell there is to do first: source venv/bin/activate, or module load python.
setup = string(default="")
# Only jobs with these tags, or with none, go to the workers there: gpu, big.
tags = string(default="")
# Variables for the workers there, and so for their jobs.
[[env]]
__many__ = string
"""

_COLON = re.compile(r"^(\s*[A-Za-z_][\w-]*)\s*:(?=\s|$)(?!.*\s=\s)")
"""A line of the original's form; what has blanks around an = is the other form, whatever colons are in it."""
_NAME = re.compile(r"(?!-)[A-Za-z0-9_.:%@\[\]-]+")
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RemoteHost:
    """One host of a crew."""

    name: str
    """What ssh is given: a host name or an alias, with ``user@`` before it where one is set."""
    workers: int | None = None
    """None for one worker a processor."""
    dir: str = ""
    """Where the spool is there, empty for the same path as here."""
    setup: str = ""
    tags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    gpus: str = ""
    """A worker for each of these, as `fjd.hiring.gpus.chosen` reads it; empty for workers without."""

    @property
    def alias(self) -> str:
        """The host without the user."""
        return self.name.rpartition("@")[2]


def find(layout: Layout) -> str | None:
    """Return the path of the ``remote.conf`` that counts for the spool, None when there is none."""
    return next((path for path in places(layout) if fsio.stamp(path) is not None), None)


def places(layout: Layout) -> tuple[str, str]:
    """Return where it is looked for."""
    return os.path.join(layout.root, FILE), os.path.join(os.path.dirname(configuration.user_path()), FILE)


def read(path: str) -> tuple[RemoteHost, ...]:
    """Return the hosts that the file at ``path`` names. Raises `ConfigurationError` with file and line."""
    try:
        contents = fsio.read_plain(os.path.realpath(path), 1 << 20)
    except (NotAJob, UnsafeError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    if contents is None:
        raise ConfigurationError([f"{path} is not there"])
    return parse(contents.data, path)


def parse(data: bytes, path: str = FILE) -> tuple[RemoteHost, ...]:
    """Return the hosts that ``data`` names, in its order; ``path`` is for the messages."""
    text = configuration.decoded(data, path)
    said = configuration.parse(_with_equals(text), CONFIGSPEC, path=path)
    hosts: list[RemoteHost] = []
    mistakes: list[str] = []
    for section in said:
        try:
            hosts.append(_host(said, section))
        except ConfigurationError as error:
            mistakes += error.sentences
    names = [host.name for host in hosts]
    for section, host in zip(said, hosts, strict=False):
        if names.count(host.name) > 1 and not mistakes:
            mistakes.append(said.mistake(f"{host.name} is there twice; make them one", section))
            break
    if not said:
        mistakes.append(f"{path}: it names no host; write a section [HOST] with a line workers = 4")
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(hosts)


def named(hosts: tuple[RemoteHost, ...], word: str) -> RemoteHost:
    """Return the host that ``NAME`` or ``NAME:N`` means: one of ``hosts``, or else any that ssh may know.

    Raises `ConfigurationError` for a name or a number that cannot be one.
    """
    name, _, count = word.rpartition(":") if re.search(r":(\d+|auto)$", word) else (word, "", "")
    known = next((host for host in hosts if name in (host.name, host.alias)), RemoteHost(name))
    if not _NAME.fullmatch(name):
        raise ConfigurationError([f"{word!r} is no host; write HOST or HOST:WORKERS"])
    if not count:
        return known
    return RemoteHost(known.name, _workers(count), known.dir, known.setup, known.tags, known.env)


def is_here(host: RemoteHost) -> bool:
    """Tell whether it is this very machine, which needs no ssh."""
    is_plain = "@" not in host.name and not (host.dir or host.setup or host.env)
    return is_plain and host.name in (*_HERE, identity.this_host().name)


def _with_equals(text: str) -> str:
    """Return ``text`` with the original's ``key: value`` as ``key = value``; lines stay where they are."""
    return "\n".join(_COLON.sub(r"\1 =", line) for line in text.splitlines())


def _host(said: Configuration, section: str) -> RemoteHost:
    values: dict[str, Any] = said[section]
    name, user = values["name"] or section, values["user"]
    mistakes = [said.mistake(words, section, *where) for where, words in _problems(values, name) if words]
    if mistakes:
        raise ConfigurationError(mistakes)
    return RemoteHost(
        f"{user}@{name}" if user else name,
        _workers(values["workers"]),
        values["dir"],
        values["setup"],
        quantity.parse_words(values["tags"]),
        tuple(values["env"].items()),
    )


def _problems(values: dict[str, Any], name: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Return where in its section something may be wrong with a host, and what is, or nothing."""
    user, directory = values["user"], values["dir"]
    yield ("name",) if values["name"] else (), "" if _NAME.fullmatch(name) else f"{name!r} is no name of a host"
    yield ("user",), "" if not user or _NAME.fullmatch(user) else f"{user!r} is no name of a user"
    is_path = not directory or os.path.isabs(directory)
    yield ("dir",), "" if is_path else f"dir must begin with a /, not {directory!r}"
    yield ("workers",), _refusal(_workers, values["workers"])
    yield ("tags",), _refusal(quantity.parse_words, values["tags"], "tags: ")
    for variable in values["env"]:
        is_name = _VARIABLE.fullmatch(variable)
        yield ("env", variable), "" if is_name else f"{variable!r} is no name of a variable"


def _refusal(read: Callable[[str], object], text: str, before: str = "") -> str:
    try:
        read(text)
    except (ValueError, ConfigurationError) as error:
        return before + str(error)
    return ""


def _workers(text: str) -> int | None:
    if text.strip().lower() == AUTO:
        return None
    try:
        return quantity.parse_whole(text, 1, WORKERS_MAX)
    except ValueError:
        raise ConfigurationError([f"workers must be a number from 1 on, or {AUTO}, not {text!r}"]) from None
