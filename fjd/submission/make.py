"""From one template and many bindings to many jobs, each with a name. Pure.

Values are put into the command, quoted for where they stand (`quoting`), and as they are into ``logfile``, ``workdir``,
the options, ``[env]``, ``[params]`` and the name. What is bound becomes a parameter of the job besides, so that it can
read in its own file what it is to do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fjd.errors import JobFileError, UsageError
from fjd.jobfile import JobSpec
from fjd.submission import sources, stencil
from fjd.submission.names import NUMBER, Namer
from fjd.submission.quoting import as_it_stands
from fjd.submission.stencil import Filler
from fjd.submission.sweep import Binding

_COMMANDS = ("on-success", "on-failure")
"""The options that a shell reads."""


@dataclass(frozen=True, slots=True)
class Template:
    """What many jobs have in common."""

    spec: JobSpec
    """Its ``executable`` is a line of shell, and not used when there is an ``argv``."""
    argv: tuple[str, ...] = ()
    """The words of the command, each of which stays one word."""
    takes_file: bool = False
    """Whether ``argv`` is given the path of the job file as last argument."""
    name: str = ""
    """The pattern of the names, see `fjd.submission.names.Namer`."""

    @property
    def texts(self) -> list[str]:
        """Every text in which names in braces may stand."""
        command = self.argv or (self.spec.executable,)
        pairs = (*self.spec.options, *self.spec.env, *self.spec.params)
        return [*command, self.spec.logfile, self.spec.workdir, self.name, *(value for _, value in pairs)]


Draft = tuple[str, JobSpec]
"""A job that is to be: its name and what its file says."""


def one(template: Template, taken: Collection[str] = ()) -> Draft:
    """Return the one job that a template says which has no names in braces."""
    name = Namer("", (), taken).name({}, 1) if not template.name else template.name
    return name, replace(template.spec, executable=_executable(template, ())({}))


def many(template: Template, bindings: Sequence[Binding], taken: Collection[str] = ()) -> Iterator[Draft]:
    """Yield a job for each binding; all bindings have the same keys.

    ``taken`` are names that no job may have. Raises `JobFileError` for a value that cannot be put where it is to be.
    """
    if not bindings:
        raise UsageError("there are no values, and so no jobs")
    keys = [key for key, _ in bindings[0]]
    if sources.LINE in keys:
        template = _with_line(template)
    namer = Namer(template.name, keys, taken, is_single=len(bindings) == 1)
    filler = _Filler(template, [*keys, NUMBER])
    for number, binding in enumerate(bindings, 1):
        values = dict(binding)
        name = namer.name(values, number)
        try:
            spec = filler.fill({NUMBER: str(number), **values}, binding)
        except JobFileError as error:
            raise JobFileError(f"{name}: {error}") from None
        yield name, spec


def each(template: Template, commands: Iterable[str], taken: Collection[str] = ()) -> Iterator[Draft]:
    """Yield a job for each of ``commands``, which are lines of shell as their writer meant them."""
    namer = Namer(template.name, (), taken)
    for number, command in enumerate(commands, 1):
        yield namer.name({}, number), replace(template.spec, executable=as_it_stands(command))


def slips(template: Template, keys: Collection[str]) -> list[str]:
    """Return the names in braces that nothing binds, each once: they stay text, and may be slips of the keyboard."""
    known = {*keys, NUMBER}
    return list(dict.fromkeys(name for text in template.texts for name in stencil.unbound(text, known)))


def _with_line(template: Template) -> Template:
    """Let bare braces stand for the line; where neither is in the command, the line is its last argument."""
    argv = tuple(word.replace("{}", f"{{{sources.LINE}}}") for word in template.argv)
    if not any(stencil.bound(word, [sources.LINE]) for word in (*argv, template.spec.executable)):
        argv = (*argv, f"{{{sources.LINE}}}") if argv else argv
    return replace(template, argv=argv)


def _executable(template: Template, keys: Sequence[str]) -> Filler:
    if template.argv:
        return stencil.argv(template.argv, keys, takes_file=template.takes_file)
    return stencil.shell(template.spec.executable, keys)


class _Filler:
    """Fills the template of one kind of job."""

    def __init__(self, template: Template, keys: Sequence[str]) -> None:
        spec = template.spec
        self._executable = _executable(template, keys)
        self._logfile = stencil.plain(spec.logfile, keys)
        self._workdir = stencil.plain(spec.workdir, keys)
        self._options = [
            (key, (stencil.shell if key in _COMMANDS else stencil.plain)(value, keys)) for key, value in spec.options
        ]
        self._env = [(key, stencil.plain(value, keys)) for key, value in spec.env]
        self._params = [(key, stencil.plain(value, keys)) for key, value in spec.params]
        self._own = {key.lower() for key, _ in spec.params} | {sources.LINE}

    def fill(self, values: Mapping[str, str], binding: Binding) -> JobSpec:
        """Return what the file of one job says; what is bound becomes a parameter where the template has none of it."""
        bound = tuple((key, value) for key, value in binding if key.lower() not in self._own)
        return JobSpec(
            self._executable(values),
            self._logfile(values),
            self._workdir(values),
            params=(*_filled(self._params, values), *bound),
            options=_filled(self._options, values),
            env=_filled(self._env, values),
        )


def _filled(pairs: Sequence[tuple[str, Filler]], values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, fill(values)) for key, fill in pairs)
