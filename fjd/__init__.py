"""File-based job distribution: the queue is a directory of plain files.

Importing this package costs next to nothing: the roles live in their own modules (``fjd.dispatcher``, ``fjd.worker``,
``fjd.recruiter``) and are imported by whoever plays them, and `Spool` and `Executor`, which programs use, when they are
first asked for. The architecture is told in ``ARCHITECTURE.md`` beside this file.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fjd.api import Executor, Spool

__version__ = "1.0.0"

__all__ = ["Executor", "Spool"]


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("fjd.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
