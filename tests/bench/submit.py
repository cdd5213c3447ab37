"""``python -m tests.bench.submit [JOBS]``: how long ``fjd submit`` takes for a sweep, by the clock and in CPU time."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

JOBS = 100_000


def main(jobs: int) -> None:
    """Submit a sweep of so many jobs into a spool of its own, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="fjd-submit-") as directory:
        sweep = ["--sweep", "lr=0.1,0.01", "--sweep", f"seed=1..{jobs // 2}"]
        command = [sys.executable, "-m", "fjd.cli.submit", "--dir", directory, *sweep]
        began_s = time.monotonic()
        subprocess.run([*command, "--", "true", "{lr}", "{seed}"], stdout=subprocess.DEVNULL, check=True)
        seconds = time.monotonic() - began_s
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        count = len(os.listdir(Path(directory, "jobqueue")))
    cpu_s, load = used.ru_utime + used.ru_stime, os.getloadavg()[0]
    print(f"{count:,} jobs in {seconds:.1f} s ({cpu_s:.1f} s of CPU, {used.ru_maxrss // 1024} MB, load {load:.1f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else JOBS)
