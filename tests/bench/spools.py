"""Spools to measure on: with real workers and dispatchers, and with as many jobs as one likes."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fjd.spool import create
from tests.crew import Crew, job_text


@contextmanager
def crew() -> Iterator[Crew]:
    """Yield a crew on a new spool, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="fjd-bench-") as directory:
        root = Path(directory, "spool")
        root.mkdir(mode=0o700)
        create.open_spool(str(root))
        made = Crew(root)
        try:
            yield made
        finally:
            made.close()


def fill(root: Path, jobs: int, executable: str = "/bin/true") -> None:
    """Put so many jobs into the queue, each a file of its own, as it is before anybody dispatches."""
    text = job_text(executable).encode()
    for number in range(jobs):
        descriptor = os.open(root / "jobqueue" / f"job{number:07d}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, text)
        os.close(descriptor)
