"""Copying to the clipboard of the terminal that a person sits at, over ssh too (OSC 52), and through GNU screen.

tmux understands the sequence itself. screen hands on only what is wrapped for it, in short pieces (its manual, "String
Escapes": ``ESC P`` … ``ESC \\``).
"""

import base64
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

_PIECE = 200
MAX_CHARS = 100_000
"""Terminals refuse longer texts, some of them by hanging."""


def copy(app: "App[None]", text: str) -> None:
    """Copy ``text``, which is harmless whatever it holds: it travels in base 64."""
    app._clipboard = text
    if app._driver is not None:
        app._driver.write(sequence(text[:MAX_CHARS], os.environ))


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """Return what makes the terminal take ``text``."""
    coded = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
    plain = f"\x1b]52;c;{coded}\x07"
    if not environ.get("STY") or environ.get("TMUX"):
        return plain
    return "".join(f"\x1bP{plain[at : at + _PIECE]}\x1b\\" for at in range(0, len(plain), _PIECE))
