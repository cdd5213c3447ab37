"""The table of keys in ``fjd/tui/README.md``, from the registry: ``python -m tests.tui.key_table`` writes it anew."""

from pathlib import Path

from fjd.tui.actions import ACTIONS, Action, Topic, Where

README = Path(__file__).parents[2] / "fjd" / "tui" / "README.md"
HEAD = "## The keys\n\n"


def table() -> str:
    """The last section of the file."""
    lines = ["| keys | action | what it does | where |", "| --- | --- | --- | --- |"]
    lines += [_line(action) for topic in Topic for action in ACTIONS if action.topic is topic]
    return HEAD + "\n".join(lines) + "\n"


def _line(action: Action) -> str:
    keys = " ".join(f"`{key}`" for key in action.all_keys.split())
    everywhere = action.where == frozenset(Where)
    where = "" if everywhere else ", ".join(where.value for where in Where if where in action.where)
    return f"| {keys} | {action.id} | {action.sentence} | {where} |"


if __name__ == "__main__":
    text = README.read_text()
    README.write_text(text.partition(HEAD)[0].rstrip() + "\n\n" + table())
