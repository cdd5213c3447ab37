"""Commands on other hosts, by the OpenSSH client: configuration, keys and its word on who a host is are the user's own.

Nothing is asked (BatchMode), and no host key is ever accepted that the user has not: a host that was never connected
to is a failure, which says what to do. ``FJD_SSH`` names another ssh, with options: ``FJD_SSH="ssh -F lab.conf"``. A
command and its arguments reach the far side as one string for the login shell there, made by `shlex.join`; whatever is
long or odd goes by stdin, where no shell sees it.

Measured: a login takes 0.45 s, over the connection of another (ControlMaster) 0.1 s. Status 255 is ssh's own, or a
remote shell that was killed.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fjd.errors import HireError
from fjd.spool import fsio

SSH_VARIABLE: Final = "FJD_SSH"
CONNECT_S: Final = 10
"""A host has this long to answer at all."""
_PERSIST_S: Final = 30
_SOCKET_MAX: Final = 100
"""A Unix socket's path has 108 bytes at most (unix(7)), and ssh adds a random tail while it makes one."""
_HASH: Final = 40
"""%C becomes so much longer than it is."""
_ODD: Final = " \t\"'\\"
"""What ssh would read as the end of a path, or as a quote."""
_OWN_STATUS: Final = 255

_MENDS: Final = (
    ("host key verification failed", "connect to it once by hand and look at its key: ssh {host}"),
    ("remote host identification has changed", "its key has changed: find out why before you trust it"),
    ("permission denied", "make a login without a password work: ssh-copy-id {host}"),
    ("could not resolve", "is its name right?"),
    ("connection refused", "does sshd run there?"),
    ("timed out", "is it up?"),
    ("no route to host", "is it up?"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command on another host came to."""

    status: int
    out: str
    err: str


class Ssh:
    """The ssh of this user."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._command = shlex.split(self._environ.get(SSH_VARIABLE, "")) or ["ssh"]

    def argv(self, host: str, words: Sequence[str], *, terminal: bool = False) -> list[str]:
        """Return the command line that runs ``words`` on ``host``, with a terminal if that is asked for."""
        options = [*self._options(terminal=terminal), *(["-t"] if terminal else [])]
        return [*self._command, *options, "--", host, shlex.join(words)]

    def run(self, host: str, words: Sequence[str], *, stdin: str = "", deadline_s: float) -> Answer:
        """Run ``words`` on ``host`` and return what came of it. Raises `HireError` where it was not, with a mend."""
        try:
            with fsio.trouble("start", self._command[0]):
                done = subprocess.run(
                    self.argv(host, words),
                    input=stdin,
                    capture_output=True,
                    timeout=deadline_s,
                    check=False,
                    text=True,
                    errors="backslashreplace",
                    env=dict(self._environ),
                )
        except subprocess.TimeoutExpired:
            raise HireError(f"it did not answer within {deadline_s:g} s") from None
        if done.returncode == _OWN_STATUS and not done.stdout:
            raise HireError(_explained(host, done.stderr))
        return Answer(done.returncode, done.stdout, done.stderr)

    def _options(self, *, terminal: bool) -> list[str]:
        """Return what is asked of OpenSSH; of a program that is none, nothing is."""
        if not any(os.path.basename(word) == "ssh" for word in self._command):
            return []
        batch = [] if terminal else ["-o", "BatchMode=yes"]
        return [*batch, "-o", f"ConnectTimeout={CONNECT_S}", "-o", "ServerAliveInterval=15", *self._sharing()]

    def _sharing(self) -> list[str]:
        """Return the options by which commands share a connection, where there is a private place for its socket."""
        places = (self._environ.get("XDG_RUNTIME_DIR", ""), os.path.expanduser("~/.ssh"))
        place = next((place for place in places if place and os.path.isdir(place)), "")
        path = f"{place}/fjd-%C"
        if not place or len(path) + _HASH > _SOCKET_MAX or any(char in path for char in _ODD):
            return []
        return ["-o", "ControlMaster=auto", "-o", f"ControlPath={path}", "-o", f"ControlPersist={_PERSIST_S}"]


def last_line(text: str) -> str:
    """Return the last line of ``text`` that says something, without fjd's own prefix."""
    lines = [line.strip().removeprefix("[FJD] ") for line in text.splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _explained(host: str, err: str) -> str:
    words = last_line(err) or "ssh failed, and did not say why"
    mend = next((mend for sign, mend in _MENDS if sign in err.lower()), "")
    return f"{words} ({mend.format(host=host)})" if mend else words
