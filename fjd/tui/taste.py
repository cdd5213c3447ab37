"""How its user wants the screen, as a record. `fjd.tui.config` reads it from the configuration file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Confirm(Enum):
    """When to ask."""

    ALWAYS = "always"
    LOSSES = "losses"


class Signal(Enum):
    """How to call its user, who may look at another window."""

    NONE = "none"
    BELL = "bell"
    OSC9 = "osc9"
    OSC777 = "osc777"


@dataclass(frozen=True, slots=True)
class Taste:
    """All of it; what is not said is as it usually is."""

    theme: str = ""
    """The name of a theme; empty to choose one by the terminal."""
    refresh_per_s: int = 10
    mouse: bool = True
    confirm: Confirm = Confirm.ALWAYS
    signal: Signal = Signal.NONE
    for_failures: bool = True
    for_the_end: bool = True
    keymap: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the tables ``jobs`` and ``workers``; empty for those that were chosen last."""
