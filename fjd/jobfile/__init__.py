"""The job file: text to `JobSpec` and back, and what its command needs. It must not touch the disk.

What Python's ``configparser`` takes, `parse` takes; what `render` writes means the same to ``configparser`` and to
ConfigObj. A worker imports this package, so ConfigObj is imported only where a file is written.
"""

from fjd.jobfile.command import needs_shell, takes_path
from fjd.jobfile.read import parse
from fjd.jobfile.rules import Field, problem
from fjd.jobfile.spec import CONFIGSPEC, KEYS, MAX_BYTES, MAX_LINES, JobSpec
from fjd.jobfile.write import render

__all__ = [
    "CONFIGSPEC",
    "KEYS",
    "MAX_BYTES",
    "MAX_LINES",
    "Field",
    "JobSpec",
    "needs_shell",
    "parse",
    "problem",
    "render",
    "takes_path",
]
