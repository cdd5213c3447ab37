"""On what terms jobs run, as their files say; files that many jobs share a form with are understood once."""

from functools import lru_cache

from fjd import jobfile
from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.jobfile import NO_TERMS, JobSpec, Terms
from fjd.spool import fsio

_KINDS_MAX = 1024
"""So many different sets of options are remembered; a sweep of a million jobs has few."""


def of_spec(spec: JobSpec) -> Terms:
    """Return the terms of a job that was read, one object for all that say the same."""
    return _of_options(spec.options) if spec.options else NO_TERMS


def at_path(path: str) -> Terms | None:
    """Return the terms in the job file at ``path``, None when there is none that can be read."""
    try:
        contents = fsio.read_plain(path, jobfile.MAX_BYTES)
        return of_spec(jobfile.parse(contents.data)) if contents else None
    except (JobFileError, NotAJob, UnsafeError):
        return None


@lru_cache(_KINDS_MAX)
def _of_options(options: tuple[tuple[str, str], ...]) -> Terms:
    return jobfile.terms_of(options)
