"""``python -m fjd.call NAME``: a job that calls a Python function, as `fjd.Executor` makes them.

What to call stands in ``.fjd/calls/NAME.call`` of the spool at ``FJD_DIR``; what came of it goes to ``NAME.result``
beside it, whole or not at all. The exit status is 0 when the function returned and 1 when it raised, with the traceback
on stderr, and so in the job's output.

It is started for every single call, and so imports next to nothing: no more than the function itself needs.
"""

import os
import pickle
import stat
import sys
from typing import Any

from fjd.spool import syscalls

Outcome = tuple[str, Any, str]
"""``("returned", value, "")`` or ``("raised", exception, traceback)``."""


def main(name: str) -> int:
    """Call what the job of that name is to call; return the exit status."""
    directory = os.path.join(os.environ["FJD_DIR"], ".fjd")
    target = os.path.join(directory, "calls", f"{name}.result")
    if has_returned(target):
        return 0  # its worker was lost after the function had returned, and before that was recorded
    outcome = _called(_read(os.path.join(directory, "calls", f"{name}.call")))
    sys.stdout.flush()
    _publish(_pickled(outcome), os.path.join(directory, "tmp", f"call-{os.getpid()}-{os.urandom(4).hex()}"), target)
    return int(outcome[0] != "returned")


def has_returned(path: str) -> bool:
    """Tell whether the outcome at ``path`` is there, and is that of a function which returned."""
    return os.path.exists(path) and _read(path).startswith(_RETURNED)


_RETURNED = b"returned\n"


def _called(data: bytes) -> Outcome:
    try:
        places, blob = pickle.loads(data)  # noqa: S301  # it was written by the owner of the spool, see `_read`
        sys.path += [place for place in places if place not in sys.path]
        function, arguments, keywords = pickle.loads(blob)  # noqa: S301
        return "returned", function(*arguments, **keywords), ""
    except BaseException as error:  # noqa: BLE001  # also SystemExit: it is the caller's to see
        import traceback

        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        print(text, file=sys.stderr, end="")  # noqa: T201  # it is the job's output
        return "raised", error, text


def _pickled(outcome: Outcome) -> bytes:
    """Return the outcome as it is to be written: its kind in clear, and a pickle."""
    kind, value, text = outcome
    try:
        return kind.encode() + b"\n" + _dumps((value, text))
    except Exception as error:  # noqa: BLE001  # whatever a foreign __reduce__ raises
        words = f"{'what was' if kind == 'returned' else 'the exception that was'} {kind} cannot be pickled: {error!r}"
        print(words, file=sys.stderr)  # noqa: T201
        return b"unfit\n" + pickle.dumps((f"{words}; it was {value!r:.200}", text))


def _dumps(value: object) -> bytes:
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001  # PicklingError, TypeError, AttributeError: all mean to try the other one
        import cloudpickle

        data: bytes = cloudpickle.dumps(value)
        return data


def _read(path: str) -> bytes:
    """Read a file that nobody else can have written: to unpickle is to run it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
            sys.exit(f"{path} could have been written by somebody else, and so is not run")
        return file.read()


def _publish(data: bytes, temporary: str, target: str) -> None:
    view = memoryview(data)
    descriptor = syscalls.open_to_write(temporary, os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while view:
            view = view[syscalls.write(descriptor, view, temporary) :]
    finally:
        syscalls.close(descriptor, temporary)
    syscalls.rename(temporary, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
