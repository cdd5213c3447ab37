"""What the screen remembers of its user between two runs: columns and their order, the look, spools, templates.

It is no configuration, which its user writes: this is written by the program, and may be removed at any time. It is one
JSON file where programs keep their state (XDG Base Directory Specification), read leniently: what is not understood is
as if it were not there.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from fjd.errors import FjdError
from fjd.spool import fsio

_MAX_BYTES = 1 << 20
_SPOOLS = "spools"
_SPOOLS_MAX = 12
_PATH_MAX = 4096

Habits = Mapping[str, Any]
"""By topic; each topic has its own form, which whoever reads it checks."""


def state_dir(environ: Mapping[str, str] = os.environ) -> str:
    """Return where fjd keeps its state for this user."""
    home = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the specification: a relative one is to be ignored
        home = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "fjd")


def load() -> Habits:
    """Return what is remembered; nothing where nothing is, or where it cannot be read."""
    try:
        contents = fsio.read_plain(_path(), _MAX_BYTES)
        found = json.loads(contents.data) if contents else {}
    except (FjdError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(topic: str, value: object) -> None:
    """Remember ``value`` (of what JSON has) under ``topic``; other topics stay. Raises `DiskError`."""
    data = json.dumps({**load(), topic: value}, indent=1).encode()
    _publish(_path(), data, replace=True)


def spools(habits: Habits) -> tuple[str, ...]:
    """Return the spools that were used lately, the last one first; what is no path is passed by."""
    said = habits.get(_SPOOLS)
    paths = [path for path in said if _may_be_a_spool(path)] if isinstance(said, list) else []
    return tuple(dict.fromkeys(paths))[:_SPOOLS_MAX]


def _may_be_a_spool(path: object) -> bool:
    return isinstance(path, str) and os.path.isabs(path) and "\0" not in path and len(path) <= _PATH_MAX


def remember_spool(root: str) -> None:
    """Remember that the spool at ``root`` is used. Raises `DiskError`."""
    before = spools(load())
    if before[:1] != (root,):
        remember(_SPOOLS, list(dict.fromkeys([root, *before]))[:_SPOOLS_MAX])


def save_picture(svg: str) -> str:
    """Write a picture of the screen into a new file, and return its path."""
    path = os.path.join(state_dir(), time.strftime("screen-%Y%m%d-%H%M%S.svg"))
    _publish(path, svg.encode("utf-8", "replace"), replace=True)
    return path


def _path() -> str:
    return os.path.join(state_dir(), "tui.json")


def _publish(path: str, data: bytes, *, replace: bool) -> None:
    directory = os.path.dirname(path)
    fsio.make_own_dirs(directory)
    fsio.publish(directory, path, data, replace=replace)
