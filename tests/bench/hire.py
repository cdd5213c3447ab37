"""``python -m tests.bench.hire [WORKERS HOSTS]``: how long hiring and firing over ssh takes, on namespaced machines.

The machines share this one's processors, so that a crew on as many real hosts comes sooner. As root.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.processes import recruiter_s
from tests.remote.machines import Machines

WORKERS, HOSTS = 64, 4
_ROUNDS = 3


def main(workers: int, hosts: int) -> None:
    """Hire and fire so many on so many machines, a few times, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="fjd-hire-") as directory:
        folder, spool = Path(directory, "m"), Path(directory, "spool")
        folder.mkdir()
        spool.mkdir(mode=0o700)
        machines = Machines(folder, hosts)
        try:
            machines.start()
            environment = {**os.environ, "FJD_SSH": machines.ssh, "FJD_DIR": str(spool), "HOME": directory}
            each = [f"--host={name}:{workers // hosts}" for name in machines.names]
            for _ in range(_ROUNDS):
                hired_s = recruiter_s(environment, "hire", *each)
                there = len([name for name in os.listdir(spool / "workerqueue") if name.endswith(".worker")])
                fired_s = recruiter_s(environment, "fire")
                load = os.getloadavg()[0]
                print(
                    f"{there} workers on {hosts} hosts in {hired_s:.1f} s, fired in {fired_s:.1f} s (load {load:.1f})"
                )
        finally:
            machines.stop()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:])) if sys.argv[2:] else main(WORKERS, HOSTS)
