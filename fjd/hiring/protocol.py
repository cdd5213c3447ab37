"""What every way to hire a worker must be able to do, and how sessions are named.

A *session* is what a worker lives in: a screen session, or for a detached process just that process. Its *handle* is an
address that no other session ever has, which its name is not: two spools of one name have sessions of one name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from fjd.spool.announce import Announcement

NAME_MAX = 48
"""The longest session name. ``PID.name`` of 81 characters is refused by screen, and its socket's path must fit 107."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]")
_SPOOL_NAME_MAX = 32


class Backend(Protocol):
    """One way to hire on this host."""

    @property
    def kind(self) -> str:
        """The word for it in an announcement."""

    def available(self) -> str:
        """Return why it cannot be used here, "" when it can."""

    def names(self) -> frozenset[str]:
        """Return the names of all sessions that are there now, whose they may be, so that a new one is not confused."""

    def start(self, command: Sequence[str], *, name: str, log: str, cwd: str, env: Mapping[str, str]) -> str:
        """Start ``command`` in a new session called ``name`` and return the session's handle, without waiting.

        ``cwd`` and ``env`` are the command's own; what it prints is appended to the file ``log``. The session outlives
        the caller. Raises `HireError` when nothing could be started; that the command itself cannot be found may show
        only in ``log`` and in `is_running`.
        """

    def is_running(self, handle: str) -> bool:
        """Tell whether the session is there."""

    def end(self, handle: str, *, grace_s: float) -> None:
        """End the session and what was started in it for good: asked first, killed after ``grace_s``.

        Nothing happens when it is not there. Never touches another session.
        """

    def handle_of(self, announcement: Announcement) -> str:
        """Return the handle of the session that an announced worker of this host lives in."""

    def attach_argv(self, handle: str) -> list[str]:
        """Return the command that shows the session on a terminal; raises `HireError` when there is nothing to show."""


def session_name(spool_name: str, number: int) -> str:
    """Return what the session of worker ``number`` is called: ``fjd-<spool name>-<number>``, for people and no address.

    It is plain ASCII, and not longer than `NAME_MAX`.
    """
    return f"fjd-{_NOT_PLAIN.sub('_', spool_name)[:_SPOOL_NAME_MAX]}-{number}"[:NAME_MAX]
