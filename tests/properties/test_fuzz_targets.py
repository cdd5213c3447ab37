"""The targets for longer runs: they can be imported and called without atheris, and say so when it is missing."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.run import MISSING

TARGETS = ["announcement", "jobfile", "journal"]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(
    "data", [b"", b"[control]\nexecutable: true\n", b"[worker]\n", b'{"event": "start", "job": "a"}\n']
)
def test_a_target_takes_any_bytes(name: str, data: bytes) -> None:
    importlib.import_module(f"tests.fuzz.{name}").target(data)


@pytest.mark.parametrize("name", TARGETS)
def test_without_atheris_a_target_says_what_is_missing(name: str, tmp_path: Path) -> None:
    (tmp_path / "atheris.py").write_text("raise ImportError\n")  # even where it is installed
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import runpy; "
         f"runpy.run_module('tests.fuzz.{name}', run_name='__main__')"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (run.returncode, run.stderr.strip()) == (1, MISSING)
