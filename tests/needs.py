"""What a test needs of the machine. Without it the test is skipped, but on CI its absence is a failure."""

import os
import shutil

import pytest


def program(name: str) -> pytest.MarkDecorator:
    """Return a mark for tests that need the program ``name``: use it as a decorator, a ``pytestmark`` or in ``param``.

    Where the program is there, this is the registered marker ``needs_<name>``; elsewhere a skip whose reason begins
    with "needs". Where ``CI`` is set, a missing program is a failure: the calling module cannot be collected.
    """
    if shutil.which(name):
        return getattr(pytest.mark, f"needs_{name}")  # type: ignore[no-any-return]  # marks are made on access
    return _missing(f"the program {name}")


def root() -> pytest.MarkDecorator:
    """Return a mark for tests that only root can run: they mount filesystems, or play hosts. On CI we are root."""
    if os.geteuid() == 0:
        return pytest.mark.needs_root
    return _missing("root")


def _missing(what: str) -> pytest.MarkDecorator:
    reason = f"needs {what}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, which CI must have", pytrace=False)
    return pytest.mark.skip(reason=reason)
