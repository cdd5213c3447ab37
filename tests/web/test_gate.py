"""Who is let in, and where is served: every case by itself, without a server."""

import pytest

from fjd.errors import UsageError
from fjd.web import address, gate
from fjd.web.address import Address
from fjd.web.gate import Gate

TOKEN = "correct-horse-battery"
HERE = Gate(TOKEN, Address("127.0.0.1", 8000), also=["nova"])
OPEN = Gate(TOKEN, Address("0.0.0.0", 8000), also=["nova", "nova.example.org"])


@pytest.mark.parametrize(
    ("text", "host", "port", "is_loopback"),
    [
        ("8000", "127.0.0.1", 8000, True),
        ("0", "127.0.0.1", 0, True),
        ("localhost:80", "localhost", 80, True),
        ("127.8.9.1:80", "127.8.9.1", 80, True),
        ("[::1]:8000", "::1", 8000, True),
        ("0.0.0.0:8000", "0.0.0.0", 8000, False),
        ("[::]:8000", "::", 8000, False),
        ("192.0.2.7:8000", "192.0.2.7", 8000, False),
        ("nova:8000", "nova", 8000, False),
        ("localhost.evil.example:8000", "localhost.evil.example", 8000, False),
        ("127.0.0.1.evil.example:8000", "127.0.0.1.evil.example", 8000, False),
    ],
)
def test_addresses(text: str, host: str, port: int, is_loopback: bool) -> None:
    found = address.parse(text)
    assert (found.host, found.port, found.is_loopback) == (host, port, is_loopback)


@pytest.mark.parametrize(
    "text", ["", ":8000", "nova", "nova:", "nova:x", "8000:nova", "::1:8000", "70000", "-1", "1e3"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError, match="--serve needs a port"):
        address.parse(text)


def test_localhost_is_a_number_whatever_a_hosts_file_says() -> None:
    assert address.parse("localhost:80").bound == "127.0.0.1"


def test_the_address_to_open() -> None:
    assert Address("0.0.0.0", 0).url(8000) == "http://127.0.0.1:8000/"
    assert Address("::1", 0).url(8000) == "http://[::1]:8000/"
    assert Address("nova", 0).url(8000) == "http://nova:8000/"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:9", "[::1]:8000", "127.0.0.1"])
def test_the_names_of_this_machine_are_ours(host: str) -> None:
    """By way of a tunnel the port is another one."""
    assert not HERE.why_not(host, None)
    assert not HERE.why_not(host, f"http://{host.lower()}", is_window=True)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "nova:8000", "192.0.2.7:8000", "", "@127.0.0.1", "localhost@evil:80", "["],
)
def test_another_name_is_refused_though_it_leads_here(host: str) -> None:
    """DNS rebinding: the browser came here by a name that is another's."""
    assert HERE.why_not(host, None) == "this server does not go by that name"


@pytest.mark.parametrize(
    ("host", "is_let_in"),
    [
        ("nova:8000", True),
        ("nova.example.org", True),
        ("192.0.2.7:8000", True),
        ("[2001:db8::7]:8000", True),
        ("localhost:8000", True),
        ("evil.example:8000", False),
    ],
)
def test_at_a_public_address_numbers_and_its_own_names_are_ours(host: str, is_let_in: bool) -> None:
    assert (not OPEN.why_not(host, None)) is is_let_in


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:9999",  # another user's server on this host
        "http://127.0.0.1",
        "https://localhost:8000",
        "null",
        "",
        "file://",
        "http://[",
    ],
)
def test_a_page_of_another_server_opens_no_window(origin: str) -> None:
    assert HERE.why_not("127.0.0.1:8000", origin, is_window=True)
    assert HERE.why_not("127.0.0.1:8000", origin)


def test_a_window_needs_an_origin() -> None:
    assert "needs the Origin" in HERE.why_not("127.0.0.1:8000", None, is_window=True)


def test_the_token() -> None:
    assert HERE.knows(TOKEN)
    for wrong in ("", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "\udcff", "é"):
        assert not HERE.knows(wrong)


def test_made_tokens_are_long_and_never_the_same() -> None:
    tokens = {gate.new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert len(token) >= 32
        assert gate.checked_token(token) == token


@pytest.mark.parametrize(
    "token", ["short", "x" * 257, "with a blank in between", "with/a/slash/in/between", "ümlaut" * 4]
)
def test_a_token_that_is_no_good_is_refused(token: str) -> None:
    with pytest.raises(UsageError):
        gate.checked_token(token)
