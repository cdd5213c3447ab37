"""Who may see the screen in a browser. Pure, so that every case can be tried.

Three things are asked, each against a danger of its own:

- a token, of every page and every window: a port of the loopback address is open to every user of this host;
- the ``Host`` that the browser believes to speak to: a page of somebody else's, whose name was made to mean our address
  meanwhile (DNS rebinding), sends its own name;
- the ``Origin`` of a websocket: a browser opens one to any server for any page, and only says whose page it was
  (RFC 6455, section 10.2).

The token is no cookie: cookies of one port are sent to all ports of the host, and so to other users' servers.
"""

import hmac
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from fjd.errors import UsageError
from fjd.web import address
from fjd.web.address import Address

_TOKEN_BYTES = 24
_TOKEN_MIN = 16
_TOKEN_MAX = 256


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def checked_token(token: str) -> str:
    """Return a token that somebody chose; raise `UsageError` when it is easily guessed, or cannot be in an address."""
    if not _TOKEN_MIN <= len(token) <= _TOKEN_MAX:
        raise UsageError(f"the token must have {_TOKEN_MIN} to {_TOKEN_MAX} characters, lest it be guessed")
    if not token.isascii() or not all(sign.isalnum() or sign in "-._~" for sign in token):
        raise UsageError("the token may have letters, digits and -._~ alone: it is part of an address")
    return token


class Gate:
    """Knows the token, and the names that this server goes by: ``also`` those besides the one it is served at."""

    def __init__(self, token: str, served_at: Address, also: Iterable[str] = ()) -> None:
        self._token = token.encode()
        self._is_loopback = served_at.is_loopback
        names = {"localhost", served_at.host, *(() if self._is_loopback else also)}
        self._names = {name.lower() for name in names}

    def knows(self, token: str) -> bool:
        """Tell whether this is the token, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(self._token, token.encode("utf-8", "replace"))

    def why_not(self, host: str, origin: str | None, *, is_window: bool = False) -> str:
        """Return why a request with these headers is refused; a window must say whose page opens it."""
        if not self._is_ours(host):
            return "this server does not go by that name"
        if origin is None:
            return "a window needs the Origin of the page that opens it" if is_window else ""
        try:
            came_from = urlsplit(origin)
        except ValueError:
            return "the Origin cannot be read"
        if came_from.scheme not in ("http", "https") or came_from.netloc.lower() != host.lower():
            return "the page that asks for it is of another server"
        return ""

    def _is_ours(self, host: str) -> bool:
        """Tell whether a ``Host`` header names this server. The port may be another, by way of a tunnel."""
        try:
            parts = urlsplit(f"//{host}")
            name = (parts.hostname or "").rstrip(".")
        except ValueError:
            return False
        if parts.netloc != host or "@" in host:
            return False
        if name in self._names or address.is_loopback(name):
            return True
        return not self._is_loopback and address.number_of(name) is not None  # no number can be made to mean another
