"""What the commands say, and with which status they end. stdout is data, stderr is talk."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NoReturn, TextIO

from fjd import display
from fjd.errors import DiskError, FjdError, UsageError
from fjd.spool import fsio

_PREFIX = "[FJD] "


class Status(IntEnum):
    """Exit statuses."""

    OK = 0
    FAILED = 1
    MISUSED = 2
    INTERRUPTED = 130


def say(line: str) -> None:
    """Print ``[FJD] line`` on stdout. A reader that has gone is no error; a full disk is a `DiskError`."""
    data(_PREFIX + line)


def data(line: str) -> None:
    """Print ``line`` on stdout as it is, but harmless."""
    _print(line, sys.stdout)


def data_lines(lines: Sequence[str]) -> None:
    """Print ``lines`` on stdout as they are, but harmless, and all at once: a hundred thousand take a second less."""
    if lines:
        _print_cleaned("\n".join(map(display.clean, lines)), sys.stdout)


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
    _print_cleaned(display.clean(line), stream)


def _print_cleaned(text: str, stream: TextIO | None) -> None:
    """Write what is harmless. A terminal that knows ASCII alone gets escapes for the rest."""
    if stream is None:  # the shell closed it: >&-
        return
    text += "\n"
    if not text.isascii():
        encoding = stream.encoding or "utf-8"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    with fsio.trouble("write to", stream.name):
        _write(stream, text)  # refused once is not for ever: what is said when there is room again will be heard


def _let_out(stream: TextIO | None) -> None:
    """Write what waits in the buffer, for the last time."""
    if stream is None:
        return
    try:
        with fsio.trouble("write to", stream.name):
            _write(stream, "")
    except DiskError:  # who needed it was told when it was said
        _silence(stream)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:  # the reader has seen enough: ``| head -1``
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or the interpreter complains at its end (Python's manual, SIGPIPE)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
