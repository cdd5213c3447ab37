"""Functions as jobs: `fjd.Executor` stands where a ``ProcessPoolExecutor`` of the standard library would.

    python example/executor.py [DIR]

It works in DIR, which is made, or in a directory of its own. Kill it while it works, and start it again with the same
DIR: what had ended is not done again.
"""

import sys
import tempfile
import time
from pathlib import Path

import fjd


def approximate(steps: int) -> float:
    """Return pi, summed up in so many steps."""
    time.sleep(0.1)
    return sum((4.0 if step % 2 == 0 else -4.0) / (2 * step + 1) for step in range(steps))


def main(directory: Path) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    with fjd.Executor(directory, workers=2, timeout="10m") as executor:
        # The interface of the standard library.
        print([round(value, 3) for value in executor.map(approximate, [10, 100, 1000])])
        # Calls with names: they survive this program.
        calls = [executor.submit_named(f"pi-{steps}", approximate, steps) for steps in (10_000, 100_000)]
        for call in calls:
            print(f"{call.name} is {call.result():.6f}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="fjd-executor-")))
