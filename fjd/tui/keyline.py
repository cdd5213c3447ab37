"""The line at the foot of a dialog that says what its keys do. A key and its words are never torn apart."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

Pairs = Sequence[tuple[str, str]]
_GAP = "  "


class KeyLine(Widget):
    """As many lines as there is need of."""

    DEFAULT_CSS = "KeyLine { height: auto; }"

    def __init__(self, pairs: Pairs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name for it
        super().__init__(id=id)
        self._pairs = pairs

    def offer(self, pairs: Pairs) -> None:
        """Say what these keys do from now on."""
        self._pairs = pairs
        self.refresh(layout=True)

    def render(self) -> Text:
        """Draw the lines."""
        return Text("\n").join(
            Text(_GAP).join(Text.assemble((f" {key} ", "reverse"), f" {words}") for key, words in line)
            for line in lines(self._pairs, self.size.width)
        )

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        """Return how many lines it takes."""
        return len(lines(self._pairs, width))


def lines(pairs: Pairs, width: int) -> list[list[tuple[str, str]]]:
    """Return the pairs line by line; what is too wide for any has one of its own. Pure."""
    found: list[list[tuple[str, str]]] = [[]]
    left = width
    for key, words in pairs:
        cells = cell_len(key) + cell_len(words) + 3
        if found[-1] and cells > left:
            found.append([])
            left = width
        found[-1].append((key, words))
        left -= cells + len(_GAP)
    return found
