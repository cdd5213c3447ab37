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

    def rows(self, page: int, whole: int) -> int:
        """Return by how many rows it goes down, or up, where ``page`` are seen of ``whole``; 0 for sideways."""
        return {
            Motion.UP: -1,
            Motion.DOWN: 1,
            Motion.HALF_UP: -max(1, page // 2),
            Motion.HALF_DOWN: max(1, page // 2),
            Motion.PAGE_UP: -page,
            Motion.PAGE_DOWN: page,
            Motion.TOP: -whole,
            Motion.BOTTOM: whole,
        }.get(self, 0)


KEYS = {
    Motion.UP: "k,up",
    Motion.DOWN: "j,down",
    Motion.HALF_UP: "ctrl+u",
    Motion.HALF_DOWN: "ctrl+d",
    Motion.PAGE_UP: "pageup,ctrl+b",
    Motion.PAGE_DOWN: "pagedown,ctrl+f",
    Motion.TOP: "g,home",
    Motion.BOTTOM: "G,end",
}
"""Their keys in a dialog, as Textual writes them; those of the panes stand in the registry."""
