"""How a message quotes a job file."""

_EXCERPT = 60


def quoted(text: str) -> str:
    """Return an excerpt of ``text`` in quotes, with nothing in it that a terminal obeys."""
    text = text.strip()
    return repr(text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…")
