"""A widget that is drawn line by line in one style, which is asked for once for all lines.

Textual finds the style of a widget by a walk through all that it stands in, which takes as long as to draw a line.
"""

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Grounded(Widget):
    """Goes before the class of Textual's that a widget is made from."""

    _ground: Style | None = None

    @property
    def rich_style(self) -> Style:
        """The style of what it stands on: while it is drawn, that of the beginning."""
        return super().rich_style if self._ground is None else self._ground

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines within ``crop``."""
        self._ground = super().rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._ground = None
