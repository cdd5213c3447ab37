"""``fjd-tui``: the dispatcher with a screen, or without one (``--no-ui``)."""

import os
import time
import traceback
from collections.abc import Mapping
from typing import Any

import click

from fjd import display
from fjd.cli import elastic, garbage, options, say
from fjd.cli.say import Status
from fjd.cli.serve import TOKEN_VARIABLE, Wish
from fjd.cli.serve import serve as serve_it
from fjd.errors import DiskError, UsageError
from fjd.spool import fsio

NO_CREW: Mapping[str, str] = {}


@click.command(context_settings=options.HELP)
@click.argument("where", metavar="[DIR]", required=False, type=click.Path())
@options.directory
@click.option("--no-ui", is_flag=True, help="Dispatch without a screen, as dispatcher.py does.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--read-only", is_flag=True, help="Let no key change anything; it dispatches all the same.")
@click.option(
    "--watch", is_flag=True, help="Only look on: never dispatch. With --read-only it does nothing to the spool."
)
@click.option("--serve", metavar="[HOST:]PORT", help="Show it in a browser, for reading only; needs fjd[web].")
@click.option("--serve-actions", is_flag=True, help="With --serve: let the browser's keys act, and dispatch.")
@click.option(
    "--serve-token-file",
    metavar="FILE",
    type=click.Path(),
    help=f"With --serve: the token; or {TOKEN_VARIABLE} has it.",
)
@click.option("--write-config", is_flag=True, help="Write a configuration file with every setting explained, and end.")
@click.option("--overwrite", is_flag=True, help="With --write-config: also where there is one already.")
@options.dispatching
@elastic.options
def main(
    where: str | None,
    directory: str,
    no_ui: bool,
    no_mouse: bool,
    read_only: bool,
    watch: bool,
    serve: str | None,
    serve_actions: bool,
    serve_token_file: str | None,
    write_config: bool,
    overwrite: bool,
    keep_going: bool,
    once: bool,
    hire: int,
    **crew: Any,
) -> None:
    """Watch and work a spool: its jobs, its workers, their logs. Press ? inside for the keys.

    DIR is the spool, as with --dir. While it runs, it hands out jobs, unless another dispatcher does. It runs until you
    quit, so --keep-going and --once are for --no-ui; workers that it hired stay when you leave it.

    \b
    Examples:
      fjd-tui                   in the current directory
      fjd-tui ~/run --hire 4    in another one, with four more workers
      fjd-tui --no-ui           the same without a screen, until all jobs have ended
      fjd-tui --serve 8000      for a browser on this machine, to look at
      fjd-tui --no-ui --crew 0..64 --on slurm   with as many workers as what waits needs

    \b
    Exit status: 0 left, 1 crashed (the traceback is kept) or the spool went away, 2 used wrongly, 128 + signal.
    """
    spool, wanted = directory if where is None else where, elastic.words(crew)
    if write_config or overwrite:
        say.run_or_explain(lambda: _write_config(is_asked=write_config, overwrite=overwrite))
    if serve is not None or serve_actions or serve_token_file is not None:
        alone = no_ui or watch or (read_only and serve_actions) or keep_going or once or hire or wanted
        wish = Wish(spool, serve or "", serve_actions, serve_token_file or "", not no_mouse)
        say.run_or_explain(lambda: _serve(wish, is_alone=not alone))
    if no_ui:
        from fjd.cli.dispatcher import dispatch

        say.run_or_explain(lambda: dispatch(spool, keep_going=keep_going, once=once, hire=hire, crew=wanted))
    say.run_or_explain(
        lambda: _show(
            spool,
            hire=hire,
            crew=wanted,
            mouse=not no_mouse,
            read_only=read_only,
            watch=watch,
            headless_only=keep_going or once,
        )
    )


def _serve(wish: Wish, *, is_alone: bool) -> int:
    if not wish.where:
        raise UsageError("--serve-actions and --serve-token-file go with --serve")
    if not is_alone:
        raise UsageError("with --serve go --serve-actions, --serve-token-file, --read-only and --no-mouse alone")
    return serve_it(wish)


def _show(
    directory: str,
    *,
    hire: int,
    crew: Mapping[str, str],
    mouse: bool,
    read_only: bool,
    watch: bool,
    headless_only: bool,
) -> int:
    """Run the app, and return the exit status."""
    if headless_only:
        raise UsageError("--keep-going and --once go with --no-ui: the screen stays until you quit")
    from fjd import configuration, settings
    from fjd.spool import create
    from fjd.tui import browser, config, driver
    from fjd.tui.app import FjdApp
    from fjd.tui.backend import SpoolBackend

    taste = config.read(configuration.user_path())
    in_browser = browser.is_asked_for()
    browser.forget()
    if not in_browser and not all(os.isatty(number) for number in (0, 1, 2)):  # what is drawn goes to stderr
        raise UsageError("this is no terminal; use --no-ui to dispatch without a screen")
    garbage.look_seldom()
    timings = settings.from_environment()

    def open_spool(root: str, *, is_new: bool = False, crew: Mapping[str, str] = NO_CREW) -> SpoolBackend:
        layout = create.open_spool(root, create=is_new and not (read_only and watch))
        elastic.check(layout, crew, timings)
        return SpoolBackend(layout, timings, only_looks=watch, crew=crew)

    backend = open_spool(directory, is_new=True, crew=crew)
    others = None if in_browser else open_spool  # whoever has the token of one spool is not shown all of them
    app = FjdApp(backend, hire_at_start=hire, taste=taste, read_only=read_only, open_spool=others)
    try:
        app.run(mouse=mouse and taste.mouse and (in_browser or driver.may_have_mouse(os.environ)))
    except Exception as error:  # noqa: BLE001  # what Textual lets through, when it ends: kept like any other
        app.crash = app.crash or "".join(traceback.format_exception(error))
    if app.crash:
        return _mourn(app.crash)
    if app.farewell and not in_browser:
        say.talk(app.farewell)
    return app.return_code or Status.OK


def _write_config(*, is_asked: bool, overwrite: bool) -> int:
    """Write the default file where the user's own is read, and say where that is."""
    if not is_asked:
        raise UsageError("--overwrite goes with --write-config")
    from fjd import configuration
    from fjd.tui import config

    path = configuration.user_path()
    fsio.make_own_dirs(os.path.dirname(path))
    if not fsio.publish(os.path.dirname(path), path, config.default_text().encode(), replace=overwrite):
        raise UsageError(f"{path} is there already, and stays as it is; --overwrite replaces it")
    say.say(f"Written: {path}")
    return Status.OK


def _mourn(crash: str) -> int:
    """Say that the program did something wrong, and where to read what."""
    try:
        say.talk(f"fjd-tui crashed: {_last_line(crash)}. The traceback is in {_keep(crash)}")
    except DiskError as error:
        say.talk(f"fjd-tui crashed, and the traceback could not be kept ({error}):")
        for line in crash.splitlines():
            say.talk(line)
    return Status.FAILED


def _last_line(crash: str) -> str:
    return display.clean(crash.strip().splitlines()[-1], max_len=300)


def _keep(crash: str) -> str:
    """Write the traceback where programs keep their state (XDG Base Directory Specification), and return the path."""
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    path = os.path.join(home, "fjd", time.strftime(f"crash-%Y%m%d-%H%M%S-{os.getpid()}.txt"))
    with fsio.trouble("write", path):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(crash)
    return path


if __name__ == "__main__":
    main()
