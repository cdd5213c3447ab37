"""``fjd submit``: makes jobs of a command or a template and of values, and puts them into the queue, all or none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import click

from fjd import control, jobfile, submission
from fjd.cli import options, say, schema
from fjd.errors import FjdError, JobFileError, UsageError
from fjd.jobfile import JobSpec
from fjd.submission import Binding, Draft, Template

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the options say."""

    argv: tuple[str, ...]
    job_file: bool
    name: str
    params: tuple[str, ...]
    env: tuple[str, ...]
    template: str | None
    sweep: tuple[str, ...]
    zip: bool
    lines: IO[str] | None
    csv: IO[str] | None
    control: dict[str, str]
    """Keys of ``[control]`` but the executable, those that were given."""

    @property
    def are_many(self) -> bool:
        return bool(self.sweep or self.lines or self.csv)


def _control_keys(command: _Command) -> _Command:
    """Add an option for each key of ``[control]``: a key that the configspec gains is an option at once."""
    for key in reversed(jobfile.KEYS[1:]):
        option = click.option(f"--{key}", metavar="VALUE", help=jobfile.HELP[key])
        command = option(command)
    return command


@click.command(context_settings={**options.HELP, "allow_interspersed_args": False})
@click.argument("argv", metavar="[--] [CMD]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--name", default="", help="The name of the job; of many, the pattern of their names: run-{lr}.")
@click.option("--param", "params", multiple=True, metavar="KEY=VALUE", help="A line of [params], which the job reads.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="A variable of the job's environment.")
@click.option("--sweep", multiple=True, metavar="KEY=VALUES", help="A job for each of lr=0.1,0.01 or seed=1..5.")
@click.option("--zip", is_flag=True, help="Take the values of several --sweep in pairs, and not each with each.")
@click.option(
    "--lines", type=click.File(encoding="utf-8", errors="surrogateescape"), metavar="FILE", help="A job for each line."
)
@click.option(
    "--csv",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="A job for each row; the first row names the columns.",
)
@click.option("--template", type=click.Path(), metavar="JOB", help="Begin with what this job file says.")
@_control_keys
@click.option("--job-file", is_flag=True, help="Give CMD the path of its job file as last argument.")
@click.option("--hold", is_flag=True, help="Keep the jobs out of the queue until they are released.")
@click.option("--dry-run", is_flag=True, help="Show the jobs, and submit none.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each job.")
@options.directory
def submit(directory: str, hold: bool, dry_run: bool, as_json: bool, **said: Any) -> None:
    """Submit a job that runs CMD, or many: all of them or none. Prints their names.

    CMD is run as it is written, each word of it as one word; in its environment it finds the path of its job file,
    FJD_JOB_FILE. A command with shell syntax is for sh: fjd submit -- sh -c 'a | b'.

    With --sweep or --csv, {KEY} stands for a value in CMD and in every option, and the value is a parameter of the job
    besides. With --lines, CMD gets each line as its last argument, or where {} stands; without CMD, each line is a
    command itself. {n} is the number of the job. Whatever a value is, no shell takes it for syntax.

    \b
    Examples:
      fjd submit -- python train.py --seed 3
      fjd submit --name night --after 'scan-*' --timeout 2h -- ./report
      fjd submit --sweep lr=0.1,0.01 --sweep seed=1..5 -- python t.py --lr {lr} --seed {seed}
      ls *.png | fjd submit --lines - -- optipng
      fjd submit --csv runs.csv --template base.conf --name run-{id} --dry-run

    \b
    Exit status: 0 submitted, 1 not submitted (the name is taken, the disk refuses), 2 used wrongly.
    """
    names = {key: said.pop(key.replace("-", "_")) for key in jobfile.KEYS[1:]}
    wishes = _Wishes(control={key: value for key, value in names.items() if value is not None}, **said)
    say.run_or_explain(lambda: _submit(directory, wishes, hold=hold, dry_run=dry_run, as_json=as_json))


def _submit(directory: str, wishes: _Wishes, *, hold: bool, dry_run: bool, as_json: bool) -> None:
    layout = control.open_spool(directory)
    try:
        drafts = _drafts(wishes, control.taken_names(layout) if wishes.are_many or not wishes.name else set())
        if dry_run:
            renderer = jobfile.Renderer()
            say.data_lines(_shown(draft, as_json=as_json) for draft in drafts if renderer.render(draft[1]))
            return
        done = control.submit_many(layout, drafts, held=hold)
    except JobFileError as error:
        raise UsageError(str(error)) from error
    if done.trouble:
        say.talk(done.trouble)
    say.data_lines(schema.line("submitted", {"name": name}) if as_json else name for name in done.names)


def _shown(draft: Draft, *, as_json: bool) -> str:
    name, spec = draft
    if not as_json:
        return f"{name}: {spec.executable}"
    return schema.line("draft", {
        "name": name, "command": spec.executable, "logfile": spec.logfile or None, "workdir": spec.workdir or None,
        "options": dict(spec.options), "params": dict(spec.params), "env": dict(spec.env),
    })  # fmt: skip


# ---- from options to jobs


def _drafts(wishes: _Wishes, taken: set[str]) -> Iterator[Draft]:
    template = _template(wishes)
    if not template.argv and not template.spec.executable and wishes.lines:
        return submission.each(template, submission.commands(wishes.lines.read()), taken)
    if not template.argv and not template.spec.executable:
        raise UsageError("say what to run: fjd submit -- CMD, or --template JOB")
    if not wishes.are_many:
        return iter((submission.one(template, taken),))
    bindings = _bindings(wishes)
    for name in submission.slips(template, [key for binding in bindings[:1] for key, _ in binding]):
        say.talk(f"{{{name}}} is none of the values, and is left as it stands{_nearest(name, bindings)}")
    return submission.many(template, bindings, taken)


def _nearest(name: str, bindings: Sequence[Binding]) -> str:
    from fjd import nearest

    return nearest.did_you_mean(name, [key for key, _ in bindings[0]])


def _bindings(wishes: _Wishes) -> Sequence[Binding]:
    if sum(map(bool, (wishes.sweep, wishes.lines, wishes.csv))) > 1:
        raise UsageError("--sweep, --lines and --csv exclude each other")
    if wishes.lines:
        return submission.from_lines(wishes.lines.read())
    if wishes.csv:
        return submission.from_csv(_read(wishes.csv))
    axes = [submission.parse_axis(text) for text in wishes.sweep]
    return list(submission.zipped(axes) if wishes.zip else submission.product(axes))


def _read(file: IO[str]) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise UsageError(f"{file.name} is not UTF-8") from None


def _template(wishes: _Wishes) -> Template:
    """Return the template: what the file says, and over it what the options say."""
    if wishes.zip and not wishes.sweep:
        raise UsageError("--zip takes the values of several --sweep in pairs; give these")
    base = _file(wishes.template) if wishes.template else JobSpec("")
    own = {"executable": base.executable, "logfile": base.logfile, "workdir": base.workdir, **dict(base.options)}
    own |= wishes.control
    spec = JobSpec(
        own["executable"],
        own["logfile"],
        own["workdir"],
        params=_over(base.params, _pairs("--param", wishes.params)),
        options=tuple((key, own[key]) for key in jobfile.OPTIONS if own.get(key)),
        env=_over(base.env, _pairs("--env", wishes.env)),
    )
    return Template(spec, wishes.argv, wishes.job_file, wishes.name)


def _file(path: str) -> JobSpec:
    """Return what a template says; what of it a job cannot be given is told."""
    try:
        contents = control.read_template(path)
    except FjdError as error:
        raise UsageError(f"--template {path}: {error}") from None
    try:
        spec = jobfile.parse(contents)
    except JobFileError as error:
        raise UsageError(f"--template {path}: {error}") from None
    for key in spec.unknown:
        say.talk(f"{path}: {jobfile.slip(key)}; it is left out")
    for section in jobfile.foreign_sections(contents):
        say.talk(f"{path}: [{section}] is left out; only [control], [env] and [params] are taken from a template")
    return JobSpec(spec.executable, spec.logfile, spec.workdir, spec.params, (), spec.options, spec.env)


def _pairs(option: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=")[::2] for text in texts]
    for text, (key, _) in zip(texts, pairs, strict=True):
        if "=" not in text or not key.strip():
            raise UsageError(f"{option} {text!r}: write it as KEY=VALUE")
    return [(key.strip(), value.strip()) for key, value in pairs]


def _over(base: Iterable[tuple[str, str]], over: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return ``base`` with the values of ``over``; of a key that comes twice the last counts."""
    merged = {key.lower(): (key, value) for key, value in base}
    for key, value in over:
        merged[key.lower()] = (key, value)
    return tuple(merged.values())


if __name__ == "__main__":
    submit()
