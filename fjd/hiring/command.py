"""How the worker program is started, and with which environment."""

import os
import sys
import sysconfig
from collections.abc import Mapping

import fjd
from fjd import told

_SCRIPT = "fjd-worker"
_RUN = """\
import sys
others = [path for path in sys.path if path]
sys.path[:] = [*others, sys.argv[1]] if sys.argv[2] == "last" else [sys.argv[1], *others]
sys.argv[:3] = ["fjd-worker"]
from fjd.cli.worker import main
main()
"""
"""Not ``python -m``, which puts the user's directory first on the path, where a ``queue.py`` hides the library's."""


def worker_command() -> list[str]:
    """Return the start of the worker's command line: the installed script, or this interpreter with this package."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(fjd.__file__)))
    if os.path.isfile(home):  # a zipapp: what is installed beside it is another version
        return [sys.executable, "-c", _RUN, home, "first"]
    for directory in (os.path.dirname(sys.executable), sysconfig.get_path("scripts")):
        script = os.path.join(directory, _SCRIPT)
        if os.access(script, os.X_OK):
            return [script]
    return [sys.executable, "-c", _RUN, home, "last"]


def worker_environment(environ: Mapping[str, str], cwd: str) -> dict[str, str]:
    """Return what a worker that is to work in ``cwd`` inherits of ``environ``.

    A job may hire; its workers are not part of it, and must not be taken for what it left behind.
    """
    return {**{key: value for key, value in environ.items() if key not in told.OF_A_JOB}, "PWD": cwd}
