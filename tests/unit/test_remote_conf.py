"""``remote.conf``: what is taken, in both forms, and how mistakes are told."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.errors import FjdError
from fjd.hiring import remote_conf
from fjd.hiring.remote_conf import RemoteHost
from fjd.spool.layout import Layout


def test_the_originals_form() -> None:
    hosts = remote_conf.parse(b"[host1]\nname: localhost\nworkers: 3\n\n[host2]\nname: nova.example.org\nworkers: 16\n")
    assert hosts == (RemoteHost("localhost", 3), RemoteHost("nova.example.org", 16))


def test_all_that_can_be_said() -> None:
    text = b"""
# the lab
[nova]
[hpc]
name = hpc-login
user = me
workers = AUTO
dir = /scratch/me/run
setup = source venv/bin/activate && module load x=1: y
tags = gpu, big
[[env]]
OMP_NUM_THREADS = 1
Path = /a:/b
"""
    nova, hpc = remote_conf.parse(text)
    assert nova == RemoteHost("nova")
    assert hpc == RemoteHost(
        "me@hpc-login",
        None,
        "/scratch/me/run",
        "source venv/bin/activate && module load x=1: y",
        ("gpu", "big"),
        (("OMP_NUM_THREADS", "1"), ("Path", "/a:/b")),
    )
    assert hpc.alias == "hpc-login"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "remote.conf: it names no host; write a section [HOST]"),
        ("name = x\n", "remote.conf:1: name must be a section"),
        ("[a]\nworkers = many\n", "remote.conf:2: workers must be a number from 1 on, or auto, not 'many'"),
        ("[a]\nworkers: 0\n", "remote.conf:2: workers must be"),
        ("[a]\n\nworker = 3\n", "remote.conf:3: there is no worker in [a]; did you mean workers?"),
        ("[a b]\n", "remote.conf:1: 'a b' is no name of a host"),
        ("[a]\nname = -oProxyCommand=x\n", "remote.conf:2: '-oProxyCommand=x' is no name of a host"),
        ("[a]\nuser = x y\n", "remote.conf:2: 'x y' is no name of a user"),
        ("[a]\ndir = run\n", "remote.conf:2: dir must begin with a /"),
        ("[a]\n[[env]]\nA-B = 1\n", "remote.conf:3: 'A-B' is no name of a variable"),
        ("[a]\ntags = a\\\n", "remote.conf:2: tags: "),
        ("[a]\n[b]\nname = a\n", "remote.conf:1: a is there twice"),
        ("[a]\nnonsense\n", "remote.conf:2: 'nonsense' cannot be read"),
        ("[a]\nname = \xff\n", "remote.conf:2: it is not UTF-8"),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, words: str) -> None:
    with pytest.raises(FjdError) as caught:
        remote_conf.parse(text.encode("latin-1"))
    assert str(caught.value).startswith(words)


LINES = st.sampled_from(
    ["[a]", "[b]", "[[env]]", "[", "name: x", "name = y", "workers: 4", "workers", "X = 1", "# c", "", "dir: /x", "'''"]
)


@given(st.binary() | st.lists(LINES).map("\n".join).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(FjdError):
        assert remote_conf.parse(data)


def test_one_host_is_named_with_or_without_a_number() -> None:
    hosts = remote_conf.parse(b"[nova]\nworkers = 8\nuser = me\nsetup = x\n")
    assert remote_conf.named(hosts, "nova").workers == 8
    assert remote_conf.named(hosts, "nova:2") == RemoteHost("me@nova", 2, setup="x")
    assert remote_conf.named(hosts, "nova:auto").workers is None
    assert remote_conf.named((), "other:3") == RemoteHost("other", 3)
    for word in ("-x", "", "a b", ":3", "nova:0"):
        with pytest.raises(FjdError):
            remote_conf.named(hosts, word)


def test_the_spools_own_file_counts_before_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    layout = Layout(str(tmp_path))
    assert remote_conf.find(layout) is None
    (tmp_path / "config" / "fjd").mkdir(parents=True)
    user = tmp_path / "config" / "fjd" / "remote.conf"
    user.write_text("[a]\n")
    assert remote_conf.find(layout) == str(user)
    own = tmp_path / "remote.conf"
    own.write_text("[b]\n")
    assert remote_conf.find(layout) == str(own)
    assert remote_conf.read(str(own)) == (RemoteHost("b"),)
