"""How Python looks for garbage in cycles, in programs that hold a million jobs and make next to no such garbage.

With Python's own ways a queue of 200,000 jobs stops a program for a quarter of a second at a time (measured on two
cores): each full collection looks at all that there is, and finds that all of it is still needed.
"""

import gc

_THRESHOLDS = (10_000, 5, 100)
"""So many new objects until the youngest are looked at; so many such looks until those that are a little older are."""

_FOR_A_LISTING = (100_000, 50, 100)
"""A command that lists a million jobs makes none of it; this saves a fifth of its time."""


def look_hardly() -> None:
    """From now on hardly look, in a command that ends soon."""
    gc.set_threshold(*_FOR_A_LISTING)


def look_seldom() -> None:
    """From now on look seldom, and never again at what was still needed at a full collection."""
    gc.set_threshold(*_THRESHOLDS)
    if _freeze not in gc.callbacks:
        gc.callbacks.append(_freeze)


def _freeze(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
