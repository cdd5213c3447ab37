"""Where screen keeps its sockets, which is where sessions are found.

Usually that is screen's own affair (``/run/screen/S-user``, or the user's ``SCREENDIR``). In a container
``/run/screen`` is often missing and only root can make it; then a private ``SCREENDIR`` serves, one a host, since the
home directory may be shared and a socket is not. ``$XDG_RUNTIME_DIR`` is no place for it: it goes when the user logs
out. Measured with screen 4.9: it makes a missing ``SCREENDIR`` itself and wants it to be of mode 0700; where the path
of a socket is too long nothing runs, and ``-ls`` says that all is well.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fjd import identity
from fjd.hiring import processes
from fjd.hiring.protocol import NAME_MAX

_VARIABLE = "SCREENDIR"
_SOCKET_MAX = 107
"""unix(7): the longest path of a socket."""
_PID_DIGITS = 7
_DIRECTORY = re.compile(r"(?:found|Sockets?) in (/.*)\.\s*$", re.MULTILINE)
_SESSION = re.compile(r"^\t\d+\.(\S+)\t(?!.*\(Dead )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A directory of sockets; ``screendir`` is the variable's value that leads there, None when it must not be set."""

    directory: str
    screendir: str | None

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return ``environ`` so that screen works with this place."""
        return _with(environ, self.screendir)

    def names(self, environ: Mapping[str, str]) -> frozenset[str]:
        """Return the names of the sessions that live here; of a killed one its socket is left."""
        return frozenset(_SESSION.findall(_listing(self.environment(environ))))

    def has(self, handle: str) -> bool:
        return os.path.lexists(f"{self.directory}/{handle}")

    def prefix(self, environ: Mapping[str, str]) -> list[str]:
        """Return what must stand before a command for it to see this place when it is run with ``environ``."""
        if self.screendir == environ.get(_VARIABLE):
            return []
        return ["env", "-u", _VARIABLE] if self.screendir is None else ["env", f"{_VARIABLE}={self.screendir}"]


def usable(environ: Mapping[str, str]) -> Place | str:
    """Return the place for new sessions, or what screen complains of."""
    own = environ.get(_VARIABLE)
    for screendir in (own, *_private(environ)):
        place = _look(environ, screendir)
        if place is not None and _fits(place.directory):
            return place
    return _first_line(_listing(environ)) if own is None else f"{_VARIABLE}={own} cannot be used"


def known(environ: Mapping[str, str]) -> Iterator[Place]:
    """Yield every place where sessions of ours may be: the variable may have been another when they were started."""
    own = environ.get(_VARIABLE)
    private = [screendir for screendir in _private(environ) if os.path.isdir(screendir)]
    for screendir in dict.fromkeys((own, None, *private)):
        if (place := _look(environ, screendir)) is not None:
            yield place


def _private(environ: Mapping[str, str]) -> Iterator[str]:
    host = re.sub(r"[^A-Za-z0-9_-]", "_", identity.this_host().name)
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        yield f"{home}/.screen-fjd-{host}"
    yield f"{tempfile.gettempdir()}/screen-fjd-{os.getuid()}"


def _look(environ: Mapping[str, str], screendir: str | None) -> Place | None:
    """Ask screen itself; None when it complains."""
    found = _DIRECTORY.search(_listing(_with(environ, screendir)))
    return Place(found[1], screendir) if found else None


def _listing(environ: Mapping[str, str]) -> str:
    return processes.ask(["screen", "-ls"], environ)


def _with(environ: Mapping[str, str], screendir: str | None) -> dict[str, str]:
    others = {key: value for key, value in environ.items() if key != _VARIABLE}
    return others if screendir is None else {**others, _VARIABLE: screendir}


def _fits(directory: str) -> bool:
    return len(os.fsencode(directory)) + len("/.") + _PID_DIGITS + NAME_MAX <= _SOCKET_MAX


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "it does not answer")
