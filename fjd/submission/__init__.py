"""Making jobs: from a command or a template, and values to try, to job files with names. Pure; it touches no disk.

The fronts read options, files and forms, and hand texts in; `fjd.control` puts what comes out into a spool.
"""

from fjd.submission.make import Draft, Template, each, many, one, slips
from fjd.submission.quoting import as_it_stands, command_line
from fjd.submission.sources import commands, from_csv, from_lines
from fjd.submission.sweep import Axis, Binding, product, zipped
from fjd.submission.sweep import parse as parse_axis

__all__ = [
    "Axis",
    "Binding",
    "Draft",
    "Template",
    "as_it_stands",
    "command_line",
    "commands",
    "each",
    "from_csv",
    "from_lines",
    "many",
    "one",
    "parse_axis",
    "product",
    "slips",
    "zipped",
]
