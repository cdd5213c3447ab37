"""What of this host fjd needs: programs, versions, settings. Part of `fjd.inspect.doctor`."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata

from fjd import configuration, settings
from fjd.errors import FjdError
from fjd.inspect.checks import Check, Verdict

_LIBRARIES = ("click", "configobj", "filelock", "psutil", "rich", "textual", "watchfiles")
_ANSWER_S = 10


def checks() -> Iterator[Check]:
    """Yield the checks of this host."""
    yield _screen()
    yield _ssh()
    yield _versions()
    yield _settings()


def _screen() -> Check:
    said = _first_line(["screen", "-v"])
    if said:
        return Check("screen", Verdict.WELL, said)
    text = "there is no screen: workers run as detached processes, and no terminal can be attached to them"
    return Check("screen", Verdict.NOTE, text, "install GNU screen")


def _ssh() -> Check:
    said = _first_line(["ssh", "-V"])
    if said:
        return Check("ssh", Verdict.WELL, said)
    return Check("ssh", Verdict.NOTE, "there is no ssh: workers can be hired on this host alone", "install OpenSSH")


def _versions() -> Check:
    found = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    text = f"fjd {metadata.version('fjd')}, Python {platform.python_version()}, Linux {platform.release()}"
    return Check("versions", Verdict.WELL, ", ".join([text, *found]))


def _settings() -> Check:
    try:
        settings.from_environment()
    except FjdError as error:
        return Check("settings", Verdict.WRONG, str(error), f"mend or unset {settings.TIMINGS_VARIABLE}")
    words = os.environ.get(settings.TIMINGS_VARIABLE, "")
    where = f"{settings.TIMINGS_VARIABLE}={words}" if words else "the timings are the usual ones"
    return Check("settings", Verdict.WELL, f"{where}; {configuration.user_path()}")


def _first_line(argv: list[str]) -> str:
    """Return the first line that a program says, empty when it is not there."""
    if shutil.which(argv[0]) is None:
        return ""
    try:
        run = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ANSWER_S, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return (run.stdout + run.stderr).strip().partition("\n")[0]
