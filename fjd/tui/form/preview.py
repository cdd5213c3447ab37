"""The file as it will be written, and what keeps it from being written. Pure."""

from rich.text import Text

from fjd import display, jobfile
from fjd.errors import FjdError
from fjd.jobfile import JobSpec
from fjd.quantity import counted
from fjd.tui.form import sweeping, texts

_NO_SWEEP = "a sweep: give a param values such as 1..5 or 0.1, 0.2"


def of(name: str, spec: JobSpec, *, before: bytes | None, sweeps: bool) -> tuple[Text, str]:
    """Return what is shown, and what is wrong. Of a sweep it shows the first job; ``before`` is what is changed."""
    try:
        head, text = _sweep(name, spec) if sweeps else ("", _file(spec, before))
    except FjdError as error:
        words = str(error).removeprefix("--sweep ")
        return Text(display.clean(words), "italic"), words
    lines = [display.clean(line) for line in text.splitlines()]
    return Text.assemble((head + "\n\n", "bold") if head else "", "\n".join(lines)), ""


def what_runs(name: str, spec: JobSpec) -> Text:
    """Return the command as it will be run: whether it gets the path of its file is not seen in the file."""
    command = spec.executable
    if not command:
        return Text("")
    gets_path = not jobfile.needs_shell(command) or jobfile.takes_path(command)
    path = f" …/{display.clean(name)}" if gets_path else ""
    return Text.assemble(("runs  ", "dim"), display.clean(command), (path, "bold"))


def _sweep(name: str, spec: JobSpec) -> tuple[str, str]:
    """Return how many jobs there will be, and the file of the first."""
    sweep = sweeping.of(name, spec)
    if sweep is None:
        return _NO_SWEEP, jobfile.render(spec)
    name, spec = sweep.sample()
    head = f"{counted(sweep.count, 'job')}; the first is {display.clean(name, max_len=60)}"
    return head, jobfile.render(spec)


def _file(spec: JobSpec, before: bytes | None) -> str:
    return jobfile.render(spec) if before is None else texts.rewritten(before, spec)
