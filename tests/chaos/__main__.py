"""``python -m tests.chaos --jobs 5000 --workers 6 --minutes 3 --seed 1``: the long run, and its table."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Chaos, table


def main() -> int:
    """Run it, print the books, and end with 1 when they are not in order; then the spool is kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--machines", type=int, default=0, help="so many, whose power is cut; as root")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="fjd-chaos-")) / "spool"
    root.mkdir(mode=0o700)
    print(f"seed {options.seed}, spool {root}", flush=True)
    tally = Chaos(root, options.jobs, options.workers, options.minutes * 60, options.seed, options.machines).run()
    print(table(tally))
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
