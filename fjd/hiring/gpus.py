"""Which GPUs this host has, so that each can have a worker of its own.

A worker of a GPU has ``CUDA_VISIBLE_DEVICES`` in its environment, and so have its jobs: they see that one alone, as
number 0. It is what CUDA documents ("CUDA C++ Programming Guide", environment variables): numbers or UUIDs.
"""

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Mapping

from fjd.errors import UsageError

VARIABLE = "CUDA_VISIBLE_DEVICES"
ALL = "all"
"""In place of a list: whatever there is."""

_LISTED = re.compile(r"GPU (\d+): ")
_DEVICE = re.compile(r"/dev/nvidia(\d+)")
_NAME = re.compile(r"[A-Za-z0-9/_-]+")
_ANSWER_S = 20.0
"""A driver that has slept takes seconds to answer."""


def chosen(words: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the GPUs that ``words`` name (``0,1``, or `ALL`), as they stand in ``CUDA_VISIBLE_DEVICES``.

    All are those that a batch system has left us, by that variable, or else what the driver lists, or the devices that
    are there. Raises `UsageError` where there is none.
    """
    if words != ALL:
        return _split(words)
    if VARIABLE in environ:
        found = _split(environ[VARIABLE]) if environ[VARIABLE].strip() else ()
    else:
        found = _listed(environ) or _devices()
    if not found:
        raise UsageError("there is no GPU on this host that could be found; name them: --gpus 0,1")
    return found


def _split(words: str) -> tuple[str, ...]:
    names = tuple(word.strip() for word in words.split(","))
    wrong = next((name for name in names if not _NAME.fullmatch(name)), None)
    if wrong is not None or len(set(names)) < len(names):
        raise UsageError(f"{words!r} is no list of GPUs: write numbers or UUIDs, each once: 0,1")
    return names


def _listed(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what ``nvidia-smi -L`` lists: ``GPU 0: NVIDIA A100 (UUID: …)``, and below it its parts, if it has any."""
    program = shutil.which("nvidia-smi", path=environ.get("PATH"))
    if program is None:
        return ()
    try:
        run = subprocess.run(
            [program, "-L"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        return ()
    return tuple(found[1] for line in run.stdout.splitlines() if (found := _LISTED.match(line)))


def _devices() -> tuple[str, ...]:
    numbers = [int(found[1]) for path in glob.glob("/dev/nvidia[0-9]*") if (found := _DEVICE.fullmatch(path))]
    return tuple(str(number) for number in sorted(numbers))
