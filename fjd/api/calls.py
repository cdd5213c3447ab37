"""Calls of functions as files: what is to be called, and what came of it. `fjd.call` is the other side."""

import contextlib
import hashlib
import os
import pickle
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fjd import submission
from fjd.api import places
from fjd.errors import CallError, DiskError
from fjd.snapshot import JobState
from fjd.spool import fsio, wholeness
from fjd.spool.layout import Layout


class RemoteTraceback(Exception):
    """Where it was raised, in the job; it stands as the cause of the exception that a future raises."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    value: Any = None
    error: BaseException | None = None


_NAMELESS = re.compile(r"call-[0-9a-f]{8}-\d+")
_KEPT_NS = 7 * 24 * 3600 * 10**9
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.=+@-]{0,199}")


def new_name(batch: str, number: int) -> str:
    """Return the name of a call that was given none; ``batch`` tells the calls of one executor from all others'."""
    return f"call-{batch}-{number}"


def key(name: str) -> str:
    """Return what the files of the call of that name are called by, and `fjd.call` is told: a word that fits anywhere.

    So the command needs no shell, whatever the name is.
    """
    if _PLAIN.fullmatch(name):
        return name
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:40]


def command(name: str) -> str:
    """Return the command line of the job that does the call of that name; one more argument does no harm to it."""
    return submission.command_line([sys.executable, "-m", "fjd.call", key(name)], takes_file=True)


def write(
    layout: Layout, name: str, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> None:
    """Write what is to be called; raise what pickling raises for what cannot be pickled."""
    import cloudpickle

    blob = cloudpickle.dumps((function, tuple(arguments), dict(keywords)))
    places = [place for place in sys.path if place]
    fsio.make_dir(layout.calls)
    fsio.publish(layout.tmp, layout.call(key(name)), pickle.dumps((places, blob)), replace=True)


def read(layout: Layout, name: str) -> Outcome | None:
    """Return what came of the call, None when there is nothing yet."""
    path = layout.result(key(name))
    stamp = fsio.stamp(path)
    contents = fsio.read_plain(path, stamp.size) if stamp else None
    if contents is None:
        return None
    kind, _, blob = contents.data.partition(b"\n")
    try:
        value, text = pickle.loads(blob)  # noqa: S301  # it is ours and nobody else could have written it: read_plain
    except Exception as error:  # noqa: BLE001  # a class that is not here, or whatever a foreign constructor raises
        return Outcome(error=CallError(f"what came of {name} cannot be read here: {error!r}"))
    if kind == b"returned":
        return Outcome(value)
    raised = value if kind == b"raised" else CallError(value)
    raised.__cause__ = RemoteTraceback(text)
    return Outcome(error=raised)


def is_there(layout: Layout, name: str) -> bool:
    """Tell whether a call of that name was made: it has an outcome, or a job that is to bring it."""
    if fsio.stamp(layout.result(key(name))) is not None:
        return True
    return fsio.stamp(layout.call(key(name))) is not None and places.where(layout, name) is not None


def sweep(layout: Layout) -> None:
    """Remove the files of calls without a name that no program waits for any more: older than a week, their job over.

    What the disk refuses is left for the next time.
    """
    with contextlib.suppress(DiskError):
        until_ns = wholeness.disk_now_ns(layout) - _KEPT_NS
        for file in fsio.names(layout.calls) or ():
            name, stamp = file.rpartition(".")[0], fsio.stamp(os.path.join(layout.calls, file))
            if _NAMELESS.fullmatch(name) and stamp is not None and stamp.mtime_ns < until_ns:
                view = places.where(layout, name)
                if view is None or view.state in (JobState.DONE, JobState.FAILED):
                    fsio.remove(os.path.join(layout.calls, file))


def forget(layout: Layout, name: str) -> None:
    """Remove the files of the call."""
    fsio.remove(layout.call(key(name)))
    fsio.remove(layout.result(key(name)))
