"""``fjd completion``, ``fjd man``, ``fjd schema``: what is made from the commands themselves."""

import click
from click.shell_completion import get_completion_class

from fjd.cli import manpage, options, say, schema
from fjd.errors import UsageError
from fjd.nearest import did_you_mean

_SHELLS = ("bash", "zsh", "fish")


@click.command(context_settings=options.HELP)
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands, options, names of jobs and ids of workers.

    \b
    Examples:
      eval "$(fjd completion bash)"      in ~/.bashrc
      eval "$(fjd completion zsh)"       in ~/.zshrc
      fjd completion fish | source       in ~/.config/fish/config.fish

    \b
    Exit status: 0 printed, 2 used wrongly.
    """
    say.run_or_explain(lambda: _completion(shell))


def _completion(shell: str) -> None:
    from fjd.cli.fjd import main

    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"there is no completion for {shell}")
    say.stream([made(main, {}, "fjd", "_FJD_COMPLETE").source()])


@click.command(context_settings=options.HELP)
@click.argument("command", required=False)
def man(command: str | None) -> None:
    """Print the manual page of fjd, or of one of its commands, as troff; it is made from their help.

    \b
    Examples:
      fjd man | man -l -
      fjd man jobs | man -l -
      fjd man > ~/.local/share/man/man1/fjd.1

    \b
    Exit status: 0 printed, 2 used wrongly.
    """
    say.run_or_explain(lambda: _man(command))


def _man(name: str | None) -> None:
    from fjd.cli.fjd import main

    root = click.Context(main, info_name="fjd")
    if name is None:
        say.stream(manpage.page(main, root))
        return
    found = main.get_command(root, name)
    if found is None:
        raise UsageError(f"there is no command {name}{did_you_mean(name, main.list_commands(root))}")
    say.stream(manpage.page(found, click.Context(found, parent=root, info_name=name)))


@click.command(name="schema", context_settings=options.HELP)
def schema_() -> None:
    """Print the JSON Schema of a line that --json prints. Each line says its kind and the version of the schema.

    \b
    Examples:
      fjd schema | jq -r '.oneOf[].properties.kind.const'

    \b
    Exit status: 0 printed, 2 used wrongly.
    """
    say.run_or_explain(lambda: say.stream([schema.pretty()]))
