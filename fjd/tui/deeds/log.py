"""What is done in the log pane: searching, picking lines, copying them."""

from typing import TYPE_CHECKING

from fjd.quantity import counted
from fjd.tui import ansi, clipboard
from fjd.tui.tones import Tone

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


def search(desk: "Desk") -> None:
    """Open the line in which one types what to look for."""
    desk.find_line.open()


def find_next(desk: "Desk") -> None:
    """Go to the next line that holds it, further down."""
    desk.log_pane.find(backwards=False)


def find_previous(desk: "Desk") -> None:
    """Go to the one before."""
    desk.log_pane.find(backwards=True)


def why_not_find(desk: "Desk") -> str:
    """Return why there is no next one."""
    return "" if desk.log_pane.needle else "Nothing was looked for yet: / searches in the log."


def why_not_text(desk: "Desk") -> str:
    """Return why nothing can be picked, copied or searched."""
    return "There is no text here." if desk.log_pane.has_no_lines else ""


def pick(desk: "Desk") -> None:
    """Begin to pick lines."""
    is_first = desk.log_pane.picked is None
    desk.log_pane.pick()
    desk.say("j and k pick lines, y copies them, esc ends it." if is_first else "The lines begin here now.")


def copy(desk: "Desk") -> None:
    """Copy the picked lines, or those on the screen, whole."""
    lines = [ansi.plain(line) for line in desk.log_pane.chosen_lines()]
    desk.log_pane.drop_pick()
    clipboard.copy(desk.app, "\n".join(lines))
    desk.say(f"Copied {counted(len(lines), 'line')} to the clipboard, if the terminal lets it (OSC 52).", Tone.GOOD)
