"""The tree of errors: everything that fjd raises on purpose, each with a sentence that a user can read.

``str(error)`` says what is wrong, where, and how to mend it. Nothing here is raised for a mistake of the program.
"""

from collections.abc import Sequence


class FjdError(Exception):
    """Something is wrong that the user can mend."""

    @property
    def sentences(self) -> Sequence[str]:
        """What to say, line by line."""
        return (str(self),)


class SpoolError(FjdError):
    """The spool directory cannot be used."""


class SpoolGone(SpoolError):
    """The spool directory was there and is no longer."""


class UnsafeError(SpoolError):
    """The spool, or a file in it, belongs to somebody else or can be written by everybody."""


class DiskError(FjdError):
    """The disk refused an operation: full, read-only, over quota, or out of reach."""


class FileRefused(DiskError):
    """The disk refused an operation on one file, and may do well with all others."""


class JobFileError(FjdError):
    """A job file does not say what to run, or not in a form that can be read."""


class BeingWritten(FjdError):
    """Somebody is still writing the file, and so it is not read."""


class NotAJob(FjdError):
    """A name in the queue is not a plain file, and so is left where it is."""


class NameTaken(FjdError):
    """A job of that name is there already."""


class HireError(FjdError):
    """A worker could not be hired, or not be dismissed."""


class UsageError(FjdError):
    """The command was called in a way that makes no sense."""


class CallError(FjdError):
    """A call of a function that was made a job has ended without a result."""


class ConfigurationError(UsageError):
    """A configuration file says what cannot be followed; ``sentences`` has one for each mistake in it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self._sentences = tuple(sentences)

    @property
    def sentences(self) -> Sequence[str]:
        return self._sentences
