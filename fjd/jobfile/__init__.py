"""The job file: text to `JobSpec` and back, and what its command needs. It must not touch the disk.

What Python's ``configparser`` takes, `parse` takes; what `render` writes means the same to ``configparser`` and to
ConfigObj. A worker imports this package, so what writes, and ConfigObj with it, is imported when it is first asked for.
"""

from typing import TYPE_CHECKING

from fjd.jobfile.command import needs_shell, takes_path
from fjd.jobfile.read import foreign_sections, parse
from fjd.jobfile.spec import CONFIGSPEC, DEFAULTABLE, HELP, KEYS, MAX_BYTES, MAX_LINES, OPTIONS, JobSpec, slip
from fjd.jobfile.terms import NO_TERMS, Terms, option_problem, terms_of

if TYPE_CHECKING:
    from fjd.jobfile.many import Renderer
    from fjd.jobfile.rewrite import with_value
    from fjd.jobfile.rules import Field, problem
    from fjd.jobfile.write import render

__all__ = [
    "CONFIGSPEC",
    "DEFAULTABLE",
    "HELP",
    "KEYS",
    "MAX_BYTES",
    "MAX_LINES",
    "NO_TERMS",
    "OPTIONS",
    "Field",
    "JobSpec",
    "Renderer",
    "Terms",
    "foreign_sections",
    "needs_shell",
    "option_problem",
    "parse",
    "problem",
    "render",
    "slip",
    "takes_path",
    "terms_of",
    "with_value",
]

_WRITES = {"Field": "rules", "Renderer": "many", "problem": "rules", "render": "write", "with_value": "rewrite"}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    if name not in _WRITES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_WRITES[name]}"), name)
