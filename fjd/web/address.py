"""Where to serve: ``[HOST:]PORT``, and whether that is this machine alone. Pure."""

import ipaddress
import re
from dataclasses import dataclass

from fjd.errors import UsageError

LOOPBACK = "127.0.0.1"
_PORT_MAX = 65535
_FORM = re.compile(r"(?:(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:]+)):)?(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """A host, by name or number, and a port; 0 is any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine reaches it. A name is not looked up, and so none but this one is trusted."""
        return self.host == "localhost" or is_loopback(self.host)

    @property
    def bound(self) -> str:
        """What to listen at. ``localhost`` is taken for its number, lest a hosts file say something else."""
        return LOOPBACK if self.host == "localhost" else self.host

    def url(self, port: int) -> str:
        """Return what to write into a browser on this machine, when it is served at ``port``."""
        host = LOOPBACK if is_any(self.host) else self.host
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def parse(text: str) -> Address:
    """Return the address that ``text`` says; without a host it is the loopback address. Raises `UsageError`."""
    match = _FORM.fullmatch(text)
    if match is None or int(match["port"]) > _PORT_MAX:
        raise UsageError(f"--serve needs a port, or HOST:PORT such as 127.0.0.1:8000, and not {text!r}")
    return Address(match["v6"] or match["host"] or LOOPBACK, int(match["port"]))


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is a number that means this machine."""
    number = number_of(host)
    return number is not None and number.is_loopback


def is_any(host: str) -> bool:
    """Tell whether ``host`` is the number that means all addresses of this machine."""
    number = number_of(host)
    return number is not None and number.is_unspecified


def number_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the number that ``host`` is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
