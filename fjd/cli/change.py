"""``fjd edit`` and ``fjd priority``: changing jobs that have not begun."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from fjd import control, jobfile, quantity
from fjd.cli import options, picking, say
from fjd.cli.picking import Wanted
from fjd.cli.say import Status
from fjd.errors import FjdError, JobFileError, UsageError
from fjd.inspect.jobs import Job
from fjd.jobfile.terms import PRIORITY_MAX
from fjd.nearest import did_you_mean
from fjd.snapshot import JobState
from fjd.spool import create

_CHANGEABLE = (JobState.WAITING, JobState.HELD)


@click.command(context_settings=options.HELP)
@picking.acts
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change this key of [control]; no editor.")
@options.yes
@options.spool
def edit(wanted: Wanted, changes: tuple[str, ...], yes: bool, directory: str) -> None:
    """Change jobs that wait or are held, in your editor (VISUAL, EDITOR, or vi), or by --set.

    A waiting job is held while it is changed, and so cannot be handed out meanwhile. What is written is checked before
    the job goes back; if it is not valid, the job stays as it was.

    \b
    Examples:
      fjd edit job7
      fjd edit 'scan-*' --set timeout=2h --set retries=3
      fjd edit --waiting --set tags=gpu

    \b
    Exit status: 0 done, also when no job fits; 1 a job is not there, or it could not be done; 2 used wrongly.
    """
    say.run_or_explain(lambda: _edit(wanted, directory, changes, yes=yes))


def _edit(wanted: Wanted, directory: str, changes: tuple[str, ...], *, yes: bool) -> Status:
    values = [_change(text) for text in changes]
    layout = create.open_spool(directory, create=False)
    chosen, missing = picking.found(layout, wanted, _CHANGEABLE, "changed")
    if len(chosen) > 1 and not values:
        raise UsageError(f"{len(chosen)} jobs fit: give one for your editor, or say --set KEY=VALUE")

    def do(job: Job) -> None:
        if values:
            control.edit(layout, job.view.name, lambda data: _with_values(data, values))
        else:
            control.edit(layout, job.view.name, lambda data: _by_editor(data, job.view.name))

    return picking.act(chosen, missing, do, one="{} is changed", many="{} are changed", yes=yes)


def _change(text: str) -> tuple[str, str]:
    """Return key and value of ``KEY=VALUE``; raise `UsageError` for what no job file can say."""
    key, sign, value = text.partition("=")
    key = key.strip().lower()
    if not sign:
        raise UsageError(f"--set {text}: write KEY=VALUE")
    if key not in jobfile.KEYS:
        raise UsageError(f"there is no key {key} in [control]{did_you_mean(key, jobfile.KEYS)}")
    if problem := jobfile.option_problem(key, value) if key in jobfile.OPTIONS else "":
        raise UsageError(f"{key}: {problem}")
    return key, value


def _with_values(data: bytes, values: list[tuple[str, str]]) -> bytes:
    for key, value in values:
        data = jobfile.with_value(data, key, value)
    return data


def _by_editor(data: bytes, name: str) -> bytes:
    """Let the user change the text in an editor, again where it is not valid and they want to; return it."""
    with tempfile.TemporaryDirectory(prefix="fjd-") as directory:  # for whatever the editor puts beside it, too
        path = Path(directory, "job.conf")
        path.write_bytes(data)
        while True:
            _run_editor(str(path))
            changed = path.read_bytes()
            try:
                jobfile.parse(changed)
            except JobFileError as error:
                say.talk(f"{name}: {error}")
                if not (sys.stdin.isatty() and click.confirm("Edit it again?", default=True, err=True)):
                    raise
            else:
                return changed


def _run_editor(path: str) -> None:
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    if not words or shutil.which(words[0]) is None:
        raise FjdError(f"there is no editor {' '.join(words)}: set VISUAL or EDITOR, or say --set KEY=VALUE")
    status = subprocess.run([*words, path], check=False).returncode
    if status:
        raise FjdError(f"{words[0]} ended with status {status}, and so nothing is changed")


# ---- priority


@click.command(context_settings={**options.HELP, "ignore_unknown_options": True})
@click.argument("number", metavar="N")
@picking.acts
@options.yes
@options.spool
def priority(number: str, wanted: Wanted, yes: bool, directory: str) -> None:
    """Give jobs that wait or are held the priority N. Higher goes first; without one it is 0.

    Nothing else of their files changes.

    \b
    Examples:
      fjd priority 10 job7
      fjd priority -5 'scan-*'
      fjd priority 100 --waiting --older 1d

    \b
    Exit status: 0 done, also when no job fits; 1 a job is not there, or it could not be done; 2 used wrongly.
    """
    say.run_or_explain(lambda: _priority(number, wanted, directory, yes=yes))


def _priority(number: str, wanted: Wanted, directory: str, *, yes: bool) -> Status:
    for word in (number, *wanted.words):  # -5 is no option, and so click was told to let through what looks like one
        if word.startswith("--"):
            raise UsageError(f"there is no option {word.partition('=')[0]}")
    try:
        value = quantity.parse_whole(number, -PRIORITY_MAX, PRIORITY_MAX)
    except ValueError as error:
        raise UsageError(f"{error}; the priority comes first: fjd priority 10 job7") from None
    layout = create.open_spool(directory, create=False)
    chosen, missing = picking.found(layout, wanted, _CHANGEABLE, "changed")
    return picking.act(
        chosen,
        missing,
        lambda job: control.set_priority(layout, job.view.name, value),
        one=f"{{}} has priority {value}",
        many=f"{{}} have priority {value}",
        yes=yes,
    )
