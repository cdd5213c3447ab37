"""The repository as a whole: what stands at its top, what must not be in it, what its README promises."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TOP = {"fjd", "tests", "example", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}

FOREIGN = re.compile(
    rb"(?<![\w.~}])/(home|root|Users)/(?!me\b)[\w.-]"  # somebody's home directory; the manual's example is called "me"
    rb"|--(extra-)?index[-]url|--find[-]links|PIP_(EXTRA_)?INDEX[_]URL"  # somebody's package registry
)

SETUP_COMMANDS = ROOT / ".ci/setup_commands.py"


@cache
def tracked() -> tuple[str, ...]:
    """The files that git tracks; the calling test is skipped where this is no checkout."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return tuple(run.stdout.decode().rstrip("\0").split("\0"))


def test_the_top_level_is_the_agreed_one() -> None:
    top = {path.partition("/")[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} == TOP


def test_no_file_speaks_of_one_persons_machine() -> None:
    found = {}
    for path in tracked():
        file = ROOT / path
        data = file.read_bytes() if file.is_file() else b""
        if b"\0" not in data and (match := FOREIGN.search(data)):
            found[path] = match[0]
    assert not found


@pytest.mark.parametrize(
    "text", [b"cd /%s/ada" % b"home", b"'/%s/.cfg'" % b"root", b"pip install --%s-url x" % b"index"]
)
def test_the_search_finds(text: bytes) -> None:
    assert FOREIGN.search(text)


@pytest.mark.parametrize(
    "text", [b"/mnt/home/home", b"~/home/x", b"/home/me/run", b"a shared /home directory", b"${spool}/home/x"]
)
def test_the_search_passes_over(text: bytes) -> None:
    assert not FOREIGN.search(text)


def setup_commands(readme: Path) -> subprocess.CompletedProcess[str]:
    """Run what CI reads the set-up commands with; it stands in a dot directory, which a source archive leaves out."""
    if not SETUP_COMMANDS.exists():
        pytest.skip("not a git checkout")
    command: list[str | Path] = [sys.executable, SETUP_COMMANDS, readme]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)


def test_the_readme_has_the_two_setup_commands() -> None:
    run = setup_commands(ROOT / "README.md")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "python3 -m venv .venv && . .venv/bin/activate && pip install . && example/run-example.sh",
        "python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[test]' && pytest",
    ]


TRY = "python3 -m venv v && example/run-example.sh"
TEST = "python3 -m venv v && pytest"


@pytest.mark.parametrize(
    "readme",
    [
        f"```sh\n{TRY}\n```\ntext\n\n```\n{TEST}\n```\n",
        f"```\nls\n{TRY}\n{TEST}\n```\n",
        f"~~~\n{TRY}\n~~~\n````md\n{TEST}\n````\n".replace("&& ", "&& \\\n"),
    ],
)
def test_setup_commands_are_read_out_of_fenced_blocks(readme: str, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(readme)
    run = setup_commands(path)
    assert [" ".join(line.split()) for line in run.stdout.splitlines()] == [TRY, TEST]


@pytest.mark.parametrize(
    "readme",
    [
        "",
        f"{TRY}\n\n{TEST}\n",
        f"```\n{TRY}\n```\n",
        f"```\n{TEST}\n{TRY}\n```\n",
        f"```\n{TRY}\n{TEST}\n{TEST}\n```\n",
    ],
)
def test_a_readme_without_exactly_two_is_an_error(readme: str, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(readme)
    run = setup_commands(path)
    assert run.returncode == 1
    assert run.stdout == ""
    assert "two set-up commands" in run.stderr
