"""On what terms jobs run, as their files say and as the defaults do where they say nothing.

Files that many jobs share a form with are understood once.
"""

from fjd import jobfile
from fjd.errors import FileRefused, JobFileError, NotAJob, UnsafeError
from fjd.jobfile import NO_TERMS, JobSpec, Terms
from fjd.spool import fsio

Options = tuple[tuple[str, str], ...]

_KINDS_MAX = 1024
"""So many different sets of options are remembered; a sweep of a million jobs has few."""


class TermsReader:
    """Understands options. ``defaults`` are those of the configuration, and come before a job's own."""

    def __init__(self) -> None:
        self._defaults: Options = ()
        self._known: dict[Options, Terms] = {}

    @property
    def defaults(self) -> Options:
        return self._defaults

    @defaults.setter
    def defaults(self, options: Options) -> None:
        self._defaults = options
        self._known.clear()

    def of_spec(self, spec: JobSpec) -> Terms:
        """Return the terms of a job that was read, one object for all that say the same."""
        if not spec.options and not self._defaults:
            return NO_TERMS
        terms = self._known.get(spec.options)
        if terms is None:
            if len(self._known) >= _KINDS_MAX:
                del self._known[next(iter(self._known))]
            terms = self._known[spec.options] = jobfile.terms_of((*self._defaults, *spec.options))
        return terms

    def at_path(self, path: str) -> Terms | None:
        """Return the terms in the job file at ``path``, None when there is none that can be read."""
        try:
            contents = fsio.read_plain(path, jobfile.MAX_BYTES)
            return self.of_spec(jobfile.parse(contents.data)) if contents else None
        except (FileRefused, JobFileError, NotAJob, UnsafeError):
            return None
