"""Runs a target under atheris, which is imported here only, and only when it is wanted."""

import importlib
import sys
from collections.abc import Callable

MISSING = "this needs atheris (pip install atheris); the same properties run without it: pytest tests/properties"


def run(target: Callable[[bytes], None], *modules: str) -> None:
    """Feed bytes to ``target`` until it raises; ``modules`` are those whose branches guide the search.

    Whatever stands on the command line goes to libFuzzer: a directory to keep the corpus in, ``-max_total_time=600``.
    """
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit(MISSING)
    with atheris.instrument_imports():
        for name in modules:
            sys.modules.pop(name, None)
            importlib.import_module(name)
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
