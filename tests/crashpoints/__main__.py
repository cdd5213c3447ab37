"""``python -m tests.crashpoints``: lists every point of every scene, having played each scene once without a fault."""

import tempfile
from pathlib import Path

from tests.crashpoints.scenes import SCENES
from tests.crashpoints.stage import Fault
from tests.crashpoints.test_crashpoints import play


def main() -> None:
    """Print the points: the scene, the number, before or after, the system call, the directory."""
    total = 0
    with tempfile.TemporaryDirectory(prefix="fjd-points-") as directory:
        for name in SCENES:
            points, wrong = play(Path(directory) / name, name, Fault.NONE, 0)
            for number, point in enumerate(points, 1):
                print(f"{name:12} {number:4} {point}")
            total += len(points)
            if wrong:
                print("\n".join(wrong))
    print(f"{total} points")


if __name__ == "__main__":
    main()
