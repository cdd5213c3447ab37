"""A sweep from Python: one job for each combination of values, two workers, and the results read back.

    python example/sweep.py [DIR]

It works in DIR, which is made, or in a directory of its own.
"""

import sys
import tempfile
from pathlib import Path

import fjd

directory = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="fjd-sweep-"))
directory.mkdir(mode=0o700, exist_ok=True)
spool = fjd.Spool(directory)

names = spool.sweep(
    ["python3", "-c", "print({base} ** {power})"],
    {"base": [2, 3], "power": range(1, 4)},
    name="{base}-to-the-{power}",
    timeout="1m",
)
print(f"{len(names)} jobs wait in {spool.directory}/jobqueue")

spool.hire(2)
spool.dispatch()
spool.fire()

for name, state in spool.wait(names).items():
    print(f"{name:16} {state.value:6} {Path(spool.output(name)).read_text().strip()}")
