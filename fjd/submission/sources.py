"""Jobs from a list that stands in a file: a line each, or a row of a table each. Pure: it gets the text.

``--lines``: each line is a value (as for xargs), or with no command given the command itself (as for disBatch).
``--csv``: the first row names the columns.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from fjd.errors import UsageError
from fjd.submission.sweep import Binding

LINE: Final = "line"
"""``{line}`` stands for the line; so do bare braces, ``{}``, as xargs and parallel have it."""


def from_lines(text: str) -> list[Binding]:
    """Return a binding for each line that is not blank."""
    return [((LINE, line.strip()),) for line in text.split("\n") if line.strip()]


def commands(text: str) -> list[str]:
    """Return each line that is a command: neither blank nor a comment."""
    stripped = (line.strip() for line in text.split("\n"))
    return [line for line in stripped if line and not line.startswith("#")]


def from_csv(text: str) -> list[Binding]:
    """Return a binding for each row; raise `UsageError` that names the line for a table that is none."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(header)
        return list(_rows(reader, header))
    except csv.Error as error:
        raise UsageError(f"--csv: line {reader.line_num}: {error}") from None


def _check_header(header: list[str]) -> None:
    if not header:
        raise UsageError("--csv: the table is empty; its first row names the columns")
    lowered = [column.lower() for column in header]
    for position, column in enumerate(header):
        if not column or {"{", "}"} & set(column):
            raise UsageError(f"--csv: column {position + 1} has the name {column!r}; give it one without braces")
        if lowered.index(column.lower()) < position:
            raise UsageError(f"--csv: the column {column!r} is there twice; rename one of them")


def _rows(reader: "Iterator[list[str]]", header: list[str]) -> Iterator[Binding]:
    for row in reader:
        if len(row) != len(header) and any(cell.strip() for cell in row):
            line = getattr(reader, "line_num", 0)
            raise UsageError(f"--csv: line {line} has {len(row)} cells, and there are {len(header)} columns")
        if any(cell.strip() for cell in row):
            yield tuple(zip(header, (cell.strip() for cell in row), strict=True))
