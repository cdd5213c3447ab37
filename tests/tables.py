"""Tables of the README that are made from the program; ``python -m tests.tables`` prints them, a test compares them."""

from collections.abc import Iterator

from fjd.cli import fjd, schema


def commands() -> Iterator[str]:
    """The commands of ``fjd``."""
    yield "| command | what it does |"
    yield "| --- | --- |"
    for entry in fjd.entries():
        yield f"| `fjd {entry.usage}` | {entry.help} |".replace("N | ID", "N \\| ID")


def json_lines() -> Iterator[str]:
    """The kinds of lines that ``--json`` prints."""
    yield "| kind | fields |"
    yield "| --- | --- |"
    for kind, fields in schema.KINDS.items():
        yield f"| `{kind}` | {', '.join(f'`{name}`' for name in fields)} |"


if __name__ == "__main__":
    for table in (commands(), json_lines()):
        print(*table, sep="\n", end="\n\n")
