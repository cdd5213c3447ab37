"""Print the set-up commands of a README, one a line: first the one that runs the example, then the one for the tests.

Usage: python3 setup_commands.py README.md

They are read out of the fenced blocks, so that what CI runs is what a newcomer copies. It is an error when there are
not exactly these two.
"""

import re
import sys
from pathlib import Path

FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<block>.*?)^(?P=fence)[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)
ENDS = ("example/run-example.sh", "pytest")


def setup_commands(readme: str) -> list[str]:
    """Return the commands in the fenced blocks of ``readme`` that make a virtual environment, in their order."""
    blocks = [match["block"].replace("\\\n", " ") for match in FENCED.finditer(readme)]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if "python3 -m venv" in line]


def main(path: str) -> None:
    """Print the commands of the README at ``path``, or end with a message and status 1."""
    commands = setup_commands(Path(path).read_text(encoding="utf-8"))
    if len(commands) != len(ENDS) or not all(map(str.endswith, commands, ENDS)):
        sys.exit(f"{path} must have two set-up commands, that end in {' and in '.join(ENDS)}; it has {commands}")
    print("\n".join(commands))


if __name__ == "__main__":
    main(sys.argv[1])
