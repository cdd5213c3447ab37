"""A manual page from click's help, in the man macros (groff_man(7)). Pure."""

import inspect
from collections.abc import Iterator
from typing import Final

import click

_NO_WRAP: Final = "\b"
"""The line with which click's help says that the paragraph below is not to be wrapped."""


def page(command: click.Command, ctx: click.Context) -> Iterator[str]:
    """Yield the lines of the page of ``command``; of a group, all of its commands have a section."""
    title = ctx.command_path.replace(" ", "-")
    yield f'.TH {title.upper()} 1 "" "fjd" "User Commands"'
    yield ".SH NAME"
    yield f"{_plain(title)} \\- {_plain(_first_sentence(command))}"
    yield ".SH SYNOPSIS"
    yield _synopsis(command, ctx)
    yield ".SH DESCRIPTION"
    yield from _text(command.help or "")
    yield ".SH OPTIONS"
    yield from _options(command, ctx)
    if isinstance(command, click.Group):
        yield ".SH COMMANDS"
        for name in command.list_commands(ctx):
            if found := command.get_command(ctx, name):
                yield from _section(found, click.Context(found, parent=ctx, info_name=name))


def _section(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f".SS {_plain(ctx.info_name or '')}"
    yield _synopsis(command, ctx)
    yield ".PP"
    yield from _text(command.help or "")
    yield from _options(command, ctx)


def _synopsis(command: click.Command, ctx: click.Context) -> str:
    return f"\\fB{_plain(ctx.command_path)}\\fR {_plain(' '.join(command.collect_usage_pieces(ctx)))}"


def _first_sentence(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split()).partition(". ")[0].removesuffix(".")


def _text(help_text: str) -> Iterator[str]:
    """Yield paragraphs; those below a ``\\b`` keep their lines."""
    for number, paragraph in enumerate(inspect.cleandoc(help_text).split("\n\n")):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if number:
            yield ".PP"
        if lines and lines[0].strip() == _NO_WRAP:
            yield from (".nf", *map(_plain, lines[1:]), ".fi")
        else:
            yield from (_plain(line.strip()) for line in lines)


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            yield from (".TP", f"\\fB{_plain(record[0])}\\fR", _plain(record[1]))


def _plain(text: str) -> str:
    """Return text that troff prints as it is: no escape, no request at the begin of a line, hyphens to be copied."""
    safe = text.replace("\\", "\\(rs").replace("-", "\\-")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
