"""The ways to move inside a pane."""

from enum import Enum


class Motion(Enum):
    """A way to move; the value is the sentence that the help shows."""

    UP = "one line up"
    DOWN = "one line down"
    HALF_UP = "half a page up"
    HALF_DOWN = "half a page down"
    PAGE_UP = "a page up"
    PAGE_DOWN = "a page down"
    TOP = "to the top"
    BOTTOM = "to the bottom; the log follows again"
    LEFT = "to the left"
    RIGHT = "to the right"
