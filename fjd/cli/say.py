"""What the commands say, and with which status they end. stdout is data, stderr is talk."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from enum import IntEnum
from itertools import islice
from typing import NoReturn, TextIO

from fjd import display
from fjd.errors import DiskError, FjdError, UsageError
from fjd.spool import fsio

_PREFIX = "[FJD] "
_AT_ONCE = 1000
"""So many lines are written at a time where there may be a million."""


class Status(IntEnum):
    """Exit statuses."""

    OK = 0
    FAILED = 1
    MISUSED = 2
    TIMED_OUT = 124
    """As timeout(1) has it."""
    INTERRUPTED = 130


def say(line: str) -> None:
    """Print ``[FJD] line`` on stdout. A reader that has gone is no error; a full disk is a `DiskError`."""
    data(_PREFIX + line)


def data(line: str) -> None:
    """Print ``line`` on stdout as it is, but harmless."""
    _print(line, sys.stdout)


def data_lines(lines: Iterable[str]) -> None:
    """Print ``lines`` on stdout as they are, but harmless, many at a time."""
    stream(map(display.clean, lines))


def stream(lines: Iterable[str]) -> bool:
    """Print ``lines`` on stdout as they are, many at a time; False as soon as nobody reads them any more."""
    coming = iter(lines)
    stdout = sys.stdout
    while stdout is not None and (some := list(islice(coming, _AT_ONCE))):
        with fsio.trouble("write to", stdout.name):
            if not _write(stdout, _encodable("".join(f"{line}\n" for line in some), stdout)):
                return False
    return True


def raw(pieces: Iterable[bytes]) -> bool:
    """Write ``pieces`` on stdout, byte for byte, many at a time; False as soon as nobody reads them any more."""
    coming, stdout = iter(pieces), sys.stdout
    while stdout is not None and (some := list(islice(coming, _AT_ONCE))):
        with fsio.trouble("write to", stdout.name):
            try:
                stdout.buffer.write(b"".join(some))
                stdout.buffer.flush()
            except BrokenPipeError:
                _silence(stdout)
                return False
    return True


def talk(line: str) -> None:
    """Print ``[FJD] line`` on stderr; nothing is raised when nobody can hear it."""
    with contextlib.suppress(DiskError):
        _print(_PREFIX + line, sys.stderr)


def run_or_explain(action: Callable[[], int | None]) -> NoReturn:
    """Run a command and exit with its status. What a user can mend becomes a sentence, a mistake of ours is raised."""
    try:
        status = action() or Status.OK
    except UsageError as error:
        status = _explain(error.sentences, Status.MISUSED)
    except FjdError as error:
        status = _explain(error.sentences, Status.FAILED)
    except KeyboardInterrupt:
        status = _explain(["Interrupted."], Status.INTERRUPTED)
    for stream in (sys.stdout, sys.stderr):
        _let_out(stream)
    sys.exit(status)


def _explain(sentences: Iterable[str], status: Status) -> Status:
    for sentence in sentences:
        talk(sentence)
    return status


def _print(line: str, stream: TextIO | None) -> None:
    """Write one line. A terminal that knows ASCII alone gets escapes for the rest."""
    if stream is None:  # the shell closed it: >&-
        return
    text = _encodable(display.clean(line) + "\n", stream)
    with fsio.trouble("write to", stream.name):
        _write(stream, text)  # refused once is not for ever: what is said when there is room again will be heard


def _encodable(text: str, stream: TextIO) -> str:
    """Return ``text`` with escapes for what the encoding of ``stream`` does not know."""
    encoding = stream.encoding or "utf-8"
    return text if text.isascii() else text.encode(encoding, "backslashreplace").decode(encoding)


def _let_out(stream: TextIO | None) -> None:
    """Write what waits in the buffer, for the last time."""
    if stream is None:
        return
    try:
        with fsio.trouble("write to", stream.name):
            _write(stream, "")
    except DiskError:  # who needed it was told when it was said
        _silence(stream)


def _write(stream: TextIO, text: str) -> bool:
    """Write ``text``; False when nobody reads it any more."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:  # the reader has seen enough: ``| head -1``
        _silence(stream)
        return False
    return True


def _silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or the interpreter complains at its end (Python's manual, SIGPIPE)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
