"""Lists in sentences that stay short."""

from collections.abc import Sequence

from fjd import display

_NAME_MAX = 60


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return the names, cleaned, and how many more there are."""
    shown = [display.clean(name, max_len=_NAME_MAX) for name in names[:most]]
    more = [f"{display.count(len(names) - most)} more"] if len(names) > most else []
    return ", ".join(shown + more)


def short(worker: str) -> str:
    """Return a worker's id without its random tail."""
    return worker.rpartition("-")[0] or worker
