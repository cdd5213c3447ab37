"""A line of a log as it is shown: its colours are kept, and nothing else of what it would do to a terminal. Pure."""

import re
from functools import lru_cache

from rich.ansi import AnsiDecoder
from rich.style import Style
from rich.text import Text

from fjd import display

_COLOURS = r"\x1b\[[0-9;]{0,100}m"
_SEQUENCE = r"\x1b(?:\[[0-?]*[ -/]*(?:[@-~]|$)|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)?|[ -/]+(?:[0-~]|$)|[0-Z\\^-~])"
"""Escape sequences as ECMA-48 writes them, whole or cut at the end of the line: they move, name and set, and say
nothing to a reader."""
_SPLIT = re.compile(f"({_COLOURS})|{_SEQUENCE}")
_CALM = Style(blink=False, blink2=False, conceal=False)
"""What must not be: text that blinks, and text that is there and not seen."""
_LINE_MAX = 4200
_TAB = 8
_REMEMBERED = 2000


@lru_cache(_REMEMBERED)
def styled(line: str) -> Text:
    """Return a raw line with its colours, harmless. The text is shared: it must not be changed."""
    if line.isascii() and line.isprintable() and len(line) <= _LINE_MAX:
        return Text(line)
    if "\x1b" not in line:
        return Text(_cleaned(line.expandtabs(_TAB))[:_LINE_MAX])
    parts = _SPLIT.split(line)
    # Texts and colours take turns; what is no colour was matched without being kept.
    safe = "".join(part or "" if number % 2 else _cleaned(part or "") for number, part in enumerate(parts))
    text = AnsiDecoder().decode_line(safe)
    text.expand_tabs(_TAB)
    text.truncate(_LINE_MAX)
    text.stylize(_CALM)
    return text


def plain(line: str) -> str:
    """Return what of a raw line is shown, without its colours."""
    return styled(line).plain


def _cleaned(part: str) -> str:
    """Return the text harmless, with its tabs as they are."""
    return "\t".join(map(display.clean, part.split("\t")))
