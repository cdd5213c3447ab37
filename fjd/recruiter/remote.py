"""Hiring and firing on other hosts: all at once, each with a deadline, and none holding up the rest.

On each host the recruiter there does the work (`fjd.recruiter.join`), with the screen, the processors and the Python
that it finds. It is asked over one ssh connection, and first of all proves that it sees the same spool.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import fjd
from fjd.errors import FjdError, HireError
from fjd.hiring import remote_conf, ship
from fjd.hiring.remote_conf import RemoteHost
from fjd.hiring.ssh import CONNECT_S, Answer, Ssh, last_line
from fjd.recruiter import request
from fjd.recruiter.request import Reply, Request
from fjd.settings import TIMINGS_VARIABLE, Timings
from fjd.spool import fsio
from fjd.spool.layout import Layout

_AT_ONCE = 32
"""Connections that are made at a time."""
_CLOCK_OFF_S = 60.0
_STATUS_NOT_FOUND = 127

_FIND = """for p in "$0" recruiter.py; do w=$(command -v "$p") && exec "$w" "$1"; done; exit 127"""
"""Our own path first: with a shared home the same installation is there."""
_RUN_SHIPPED = 'exec python3 "$0" "$1"'
_SET_UP = 'eval "$2" </dev/null 1>&2 || exit 126; '
"""What the user's setup prints must not be taken for the answer, nor may it read the request."""
_SET_UP_AND_FIND = _SET_UP + _FIND
_SET_UP_AND_RUN_SHIPPED = _SET_UP + _RUN_SHIPPED


@dataclass(frozen=True, slots=True)
class HostReport:
    """What came of one host."""

    host: RemoteHost
    hired: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    """Session names, or ids, and why."""
    requeued: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user should know and need not mend."""
    problem: str = ""
    """Why nothing was done there, with what to do."""
    hostname: str = ""
    """What the host calls itself."""


def hire_on(
    layout: Layout,
    hosts: Sequence[RemoteHost],
    *,
    cwd: str,
    shipped: bool = False,
    timings: Timings | None = None,
    ssh: Ssh | None = None,
    progress: Callable[[HostReport], None] | None = None,
    by: str = "",
) -> list[HostReport]:
    """Hire on all ``hosts`` at once; ``progress`` is told of each as it is done.

    ``cwd`` is where the workers work, as it is called here. ``shipped`` runs a fjd that is put into the spool, in place
    of one that is installed there. ``by`` is ``crew`` for an elastic crew.
    """
    pyz = ship.put(layout) if shipped else ""
    with token_of(layout) as token:
        call = _Call(layout, token, pyz, timings or Timings(), ssh or Ssh())
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda host: _told(call.hire(host, cwd, by), progress), hosts))


def dismiss(
    layout: Layout, via: str, ids: Sequence[str], *, timings: Timings | None = None, ssh: Ssh | None = None
) -> HostReport:
    """Let the recruiter on the host that ssh calls ``via`` end those workers of it, whose orders had no answer.

    How it is reached besides (where the spool is, the setup) ``remote.conf`` says, if it still names it.
    """
    with token_of(layout) as token:
        host = next((host for host in known_hosts(layout) if host.name == via), RemoteHost(via))
        return _Call(layout, token, "", timings or Timings(), ssh or Ssh()).dismiss(host, tuple(ids))


def known_hosts(layout: Layout) -> tuple[RemoteHost, ...]:
    """Return the hosts of the ``remote.conf`` that counts here; none where it is not there, or makes no sense."""
    path = remote_conf.find(layout)
    try:
        return remote_conf.read(path) if path else ()
    except FjdError:
        return ()  # whoever hires is told of it


def _told(report: HostReport, progress: Callable[[HostReport], None] | None) -> HostReport:
    if progress is not None:
        progress(report)
    return report


@contextmanager
def token_of(layout: Layout) -> Iterator[str]:
    """Have a word stand in the spool meanwhile; who can read it sees the same spool."""
    token = secrets.token_hex(8)
    fsio.publish(layout.tmp, layout.token(token), token.encode())
    try:
        yield token
    finally:
        fsio.remove(layout.token(token))


class _Call:
    """What is the same for all hosts of one call."""

    def __init__(self, layout: Layout, token: str, pyz: str, timings: Timings, ssh: Ssh) -> None:
        self._layout = layout
        self._token = token
        self._pyz = pyz
        self._ssh = ssh
        self._deadline_s = CONNECT_S + 2 * (timings.answer_s + timings.grace_s)

    def hire(self, host: RemoteHost, cwd: str, by: str) -> HostReport:
        there = self._there(host, cwd)
        asked = self._request(
            host, cwd=there, workers=host.workers, via=host.name, tags=host.tags, gpus=host.gpus, by=by
        )
        return self._ask(host, asked)

    def dismiss(self, host: RemoteHost, ids: tuple[str, ...]) -> HostReport:
        return self._ask(host, self._request(host, dismiss=ids))

    def _request(self, host: RemoteHost, **values: object) -> Request:
        base = Request(fjd.__version__, host.dir or self._layout.root, self._token, env=_inherited(host.env))
        return replace(base, **values)  # type: ignore[arg-type]  # the names are those of Request, a few lines above

    def _there(self, host: RemoteHost, cwd: str) -> str:
        """Return what ``cwd`` is called on the host: the same, but within the spool where that has another path."""
        if not host.dir:
            return cwd
        within = os.path.relpath(cwd, self._layout.root)
        return host.dir if within.split(os.sep)[0] == ".." else os.path.normpath(os.path.join(host.dir, within))

    def _ask(self, host: RemoteHost, asked: Request) -> HostReport:
        try:
            began_s = time.time()
            reply = self._reply(host, asked)
        except FjdError as error:
            return HostReport(host, problem=str(error))
        notes = [reply.note] if reply.note else []
        if reply.version and reply.version != fjd.__version__:
            notes.append(f"fjd there is {reply.version}, and {fjd.__version__} here")
        notes += clock_note(reply.clock_s, began_s, time.time())
        return HostReport(host, reply.hired, reply.failures, reply.requeued, tuple(notes), reply.problem, reply.host)

    def _reply(self, host: RemoteHost, asked: Request) -> Reply:
        words = words_for(self._layout, host, "join", self._pyz)
        done = self._ssh.run(host.name, words, stdin=request.dump(asked), deadline_s=self._deadline_s)
        if "{" in done.out:
            return request.read_reply(done.out)
        raise HireError(why_silent(done, is_shipped=bool(self._pyz)))


def words_for(layout: Layout, host: RemoteHost, verb: str, pyz: str = "") -> list[str]:
    """Return the words that run ``recruiter.py VERB`` on ``host``, the one that is there or the shipped ``pyz``."""
    if not pyz:
        ours = os.path.join(os.path.dirname(sys.executable), "recruiter.py")
        return _after(host.setup, ours, verb, [["sh", "-c", _FIND], ["bash", "-lc", _SET_UP_AND_FIND]])
    there = pyz.replace(layout.root, host.dir or layout.root, 1)
    return _after(host.setup, there, verb, [["sh", "-c", _RUN_SHIPPED], ["bash", "-lc", _SET_UP_AND_RUN_SHIPPED]])


def why_silent(done: Answer, *, is_shipped: bool = False) -> str:
    """Return why a recruiter did not answer, by what is left of it, and what to do."""
    said = last_line(done.err)
    if done.status == _STATUS_NOT_FOUND and is_shipped:
        return f"there is no python3 there{f' ({said})' if said else ''}: name one by setup in remote.conf"
    if done.status == _STATUS_NOT_FOUND:
        return "fjd is not installed there: install it, say setup in remote.conf, or use --ship"
    return said or f"the recruiter there ended with status {done.status} and said nothing"


def _after(setup: str, path: str, verb: str, shells: list[list[str]]) -> list[str]:
    """Return the words that run the recruiter at ``path``, by the first shell, or by the second after the setup."""
    plain, with_setup = shells
    return [*with_setup, path, verb, setup] if setup else [*plain, path, verb]


def _inherited(env: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the variables for the far side: ``FJD_TIMINGS`` is for a whole crew, before what ``remote.conf`` says."""
    timings = os.environ.get(TIMINGS_VARIABLE)
    return ((TIMINGS_VARIABLE, timings), *env) if timings else env


def clock_note(there_s: float, asked_s: float, answered_s: float) -> list[str]:
    """Clocks of two hosts decide nothing in fjd, but other programs mind."""
    off_s = max(asked_s - there_s, there_s - answered_s)
    if not there_s or off_s < _CLOCK_OFF_S:
        return []
    return [
        f"its clock is {'behind' if there_s < asked_s else 'ahead'} by {off_s:.0f} s; fjd does not mind, others may"
    ]
