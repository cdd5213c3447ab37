"""Runs the installed ``fjd`` as a person does, for the tests of its commands."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crew import BIN


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The lines of ``--json``."""
        return [json.loads(line) for line in self.lines]


def fjd(where: Path, *arguments: str, environment: Mapping[str, str] = os.environ, stdin: str = "") -> Ran:
    """Run ``fjd`` in the directory ``where``, in pipes."""
    known = {name: value for name, value in environment.items() if name != "FJD_DIR"}
    run = subprocess.run(
        [str(BIN / "fjd"), *arguments],
        cwd=where,
        env=known,
        input=stdin,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )
    return Ran(run.returncode, run.stdout, run.stderr)
