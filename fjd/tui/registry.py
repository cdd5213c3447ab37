"""The actions of one run: those of the table `fjd.tui.actions.ACTIONS`, with the keys that this user wants.

The screen, the footer, the help and the palette are all made of one `Registry`, so that a key that was given to another
action is shown with that one everywhere. Of a screen that is for reading only, what changes anything is refused here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from textual.binding import Binding

from fjd.tui.actions import ACTIONS, Action, Topic

READ_ONLY = "This screen is for reading only."
_LOOKING = frozenset({Topic.LOOK, Topic.LOG, Topic.MOVE})
_HARMLESS = frozenset(
    {"jobs.filter", "jobs.group", "jobs.group-back", "activity", "spools", "theme", "palette", "back", "help", "quit"}
)
"""What is no looking by its chapter, and changes nothing all the same. A new action is refused until it stands here."""

Keymap = Mapping[str, Sequence[str]]
"""The keys of actions by their ids."""


class Registry:
    """All actions, with ``keymap`` in place of the keys in the table."""

    def __init__(self, keymap: Keymap | None = None, *, read_only: bool = False) -> None:
        rebound = [_rebound(action, keymap or {}) for action in ACTIONS]
        self.actions = tuple(_refused(action) if read_only else action for action in rebound)
        self.by_id = {action.id: action for action in self.actions}

    def bindings(self) -> list[Binding]:
        """Return the bindings of the main screen."""
        return [
            Binding(",".join(action.keys), f"act('{action.id}')", action.sentence, show=False, id=action.id)
            for action in self.actions
            if action.keys
        ]

    def with_key(self, name: str, words: str) -> str:
        """Return ``words`` with the key of an action in the place of ``{}``; nothing where it has no key."""
        key = self.by_id[name].key
        return words.format(key) if key else ""

    def clashes(self) -> list[tuple[Action, Action, str]]:
        """Return which two actions have the same key in one pane."""
        return [
            (one, other, min(shared))
            for one, other in combinations(self.actions, 2)
            if one.where & other.where and (shared := names_of(one.keys) & names_of(other.keys))
        ]


def names_of(keys: Sequence[str]) -> set[str]:
    """Return the names that Textual has for keys: ``/`` is ``slash``."""
    return {binding.key for binding in Binding.make_bindings([Binding(",".join(keys), "")])} if keys else set()


def changes(action: Action) -> bool:
    """Tell whether an action may change a job, a worker, a file or the terminal."""
    return action.topic not in _LOOKING and action.id not in _HARMLESS


def _rebound(action: Action, keymap: Keymap) -> Action:
    return replace(action, keys=tuple(keymap[action.id])) if action.id in keymap else action


def _refused(action: Action) -> Action:
    return replace(action, why_not=lambda _desk: READ_ONLY) if changes(action) else action
