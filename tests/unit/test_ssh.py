"""The command lines of ssh: what is asked of it, and that no word of ours is taken for an option or shell syntax."""

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.errors import HireError
from fjd.hiring.ssh import Ssh, last_line


def test_it_never_asks_and_never_trusts_a_new_host() -> None:
    argv = Ssh({}).argv("nova", ["true"])
    assert argv[0] == "ssh"
    assert "BatchMode=yes" in argv
    assert not [word for word in argv if "StrictHostKeyChecking" in word]
    assert argv[-3:] == ["--", "nova", "true"]


def test_a_terminal_may_ask() -> None:
    argv = Ssh({}).argv("nova", ["screen", "-x", "1.a"], terminal=True)
    assert "-t" in argv
    assert "BatchMode=yes" not in argv


def test_another_ssh_with_options_serves(tmp_path: Path) -> None:
    argv = Ssh({"FJD_SSH": "ip netns exec x ssh -F 'my conf'"}).argv("nova", ["true"])
    assert argv[:7] == ["ip", "netns", "exec", "x", "ssh", "-F", "my conf"]
    assert "BatchMode=yes" in argv
    assert Ssh({"FJD_SSH": "plink -batch"}).argv("nova", ["true"]) == ["plink", "-batch", "--", "nova", "true"]


def test_a_connection_is_shared_where_there_is_a_place_for_its_socket(tmp_path: Path) -> None:
    runtime = Path("/tmp")
    assert f"ControlPath={runtime}/fjd-%C" in Ssh({"XDG_RUNTIME_DIR": str(runtime)}).argv("nova", ["true"])
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    assert not [word for word in Ssh({"XDG_RUNTIME_DIR": str(deep)}).argv("nova", []) if word.startswith("ControlPath")]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=1, max_size=4))
def test_words_arrive_as_they_are(words: list[str]) -> None:
    sent = Ssh({}).argv("nova", ["printf", "%s\\0", *words])[-1]
    got = subprocess.run(["/bin/sh", "-c", sent], capture_output=True, check=True).stdout
    assert got.decode().split("\0")[:-1] == words
    assert shlex.split(sent)[2:] == words


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Host key verification failed.' >&2; exit 255", "look at its key: ssh nova"),
        ("echo 'me@nova: Permission denied (publickey).' >&2; exit 255", "ssh-copy-id nova"),
        ("exit 255", "did not say why"),
        ("exec sleep 60", "did not answer within 0.2 s"),
    ],
)
def test_what_keeps_it_from_running_is_told_with_its_mend(tmp_path: Path, script: str, words: str) -> None:
    stand_in = tmp_path / "ssh"
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    with pytest.raises(HireError, match=words):
        Ssh({"FJD_SSH": str(stand_in), "PATH": "/bin:/usr/bin"}).run(
            "nova", ["true"], deadline_s=0.2 if "sleep" in script else 20
        )


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(Exception, match="cannot start /no/ssh"):
        Ssh({"FJD_SSH": "/no/ssh"}).run("nova", ["true"], deadline_s=5)


def test_last_words() -> None:
    assert last_line("a\n[FJD] b\n \n") == "b"
    assert last_line("") == ""
