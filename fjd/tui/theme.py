"""The two looks: one of our own, and one in the terminal's own sixteen colours, on its own background.

A terminal that has no more than sixteen colours gets the second; so does who asks for it with TEXTUAL_THEME=fjd-ansi.
NO_COLOR is Textual's to obey: it shows the first in greys. Every colour has a word or a sign beside it.
"""

from collections.abc import Mapping

from textual.theme import Theme

DARK = Theme(
    name="fjd",
    primary="#7aa2f7",
    secondary="#7dcfff",
    accent="#bb9af7",
    success="#9ece6a",
    warning="#e0af68",
    error="#f7768e",
    foreground="#c8d3f5",
    background="#16181f",
    surface="#1c1f28",
    panel="#262a36",
    dark=True,
    variables={
        "dim": "#767f9c",
        "border": "#3b4261",
        "border-blurred": "#3b4261",
        "cursor": "#2b3350",
        "cursor-blurred": "#222634",
        "rest": "#343a4d",
        "off": "#565f7d",
        "match": "#5a4a26",
        "scrollbar": "#3b4261",
        "scrollbar-hover": "#565f89",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-background": "#16181f",
        "scrollbar-background-hover": "#16181f",
        "scrollbar-background-active": "#16181f",
    },
)
LIGHT = Theme(
    name="fjd-light",
    primary="#2e5cc5",
    secondary="#0f7b8a",
    accent="#7847bd",
    success="#3f7d20",
    warning="#8f5e15",
    error="#c0304f",
    foreground="#2b2f3a",
    background="#f7f7f9",
    surface="#eeeff3",
    panel="#e3e5ec",
    dark=False,
    variables={
        "dim": "#6b7080",
        "border": "#b9becd",
        "border-blurred": "#b9becd",
        "cursor": "#d5ddf5",
        "cursor-blurred": "#e6e8ef",
        "rest": "#cdd1dc",
        "off": "#a7acba",
        "match": "#f1dcae",
        "scrollbar": "#b9becd",
        "scrollbar-background": "#f7f7f9",
        "scrollbar-background-hover": "#f7f7f9",
        "scrollbar-background-active": "#f7f7f9",
    },
)
ANSI = Theme(
    name="fjd-ansi",
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    ansi=True,
    variables={
        "dim": "ansi_default",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "cursor": "ansi_default",
        "cursor-blurred": "ansi_default",
        "rest": "ansi_bright_black",
        "off": "ansi_bright_black",
        "match": "ansi_yellow",
        "scrollbar": "ansi_blue",
        "scrollbar-hover": "ansi_blue",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_white",
    },
)
THEMES = (DARK, LIGHT, ANSI)


def chosen(
    color_system: str | None, environ: Mapping[str, str], remembered: object = None, *, configured: str = ""
) -> str:
    """Return the name of the theme for a terminal, as rich names its colours: ``standard`` has sixteen."""
    asked = environ.get("TEXTUAL_THEME", "") or configured
    if asked:
        return asked
    if color_system != "standard" and isinstance(remembered, str) and remembered in {one.name for one in THEMES}:
        return remembered
    return ANSI.name if color_system == "standard" else DARK.name
