"""Reads how its user wants the screen: ``[tui]`` of the configuration file, checked, with every mistake told.

The names of actions come from the registry and those of columns from the tables, so that a new one can be used here at
once. Other sections of the file are other people's.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys
from textual.theme import BUILTIN_THEMES

from fjd import configuration
from fjd.configuration import Configuration
from fjd.errors import ConfigurationError
from fjd.nearest import did_you_mean
from fjd.tui import jobcolumns, theme, workerrows
from fjd.tui.actions import ACTIONS, Action
from fjd.tui.registry import Registry, names_of
from fjd.tui.taste import Confirm, Signal, Taste

OTHERS = ("defaults", "dispatch", "crew")
"""Sections of the same file that the dispatcher reads."""

_ALWAYS_KEYED = ("quit", "help")
_AUTO = "auto"
_MODIFIERS = re.compile(r"^(?:(?:ctrl|alt|shift)\+)+(?=.)")
_KEY_NAMES = frozenset(
    {key.value for key in Keys if "<" not in key.value} | {*KEY_TO_UNICODE_NAME, *REPLACED_KEYS, "comma"}
)


def configspec() -> str:
    """Return the reference of the section, which is also the check, and the default file."""
    themes = ", ".join(f'"{name}"' for name in _themes())
    return "\n".join(
        (
            "# How fjd-tui looks and what its keys mean. Take the # away before a line to change it.",
            "[tui]",
            "# The look; auto goes by the terminal, and by what was chosen with the key of another look.",
            f'theme = option({themes}, default="{_AUTO}")',
            "# How often the screen is drawn at most, a second. Fewer are kinder to a slow line.",
            "refresh = integer(1, 15, default=10)",
            "# Whether clicks and the wheel are for fjd-tui; no leaves them to the terminal, for its own selections.",
            "mouse = boolean(default=yes)",
            "# When to ask before something is done: always, or only where work would be lost.",
            'confirm = option("always", "losses", default="always")',
            "",
            "    # How to call you while you look at another window: none, bell, osc9 (iTerm2, kitty, WezTerm)",
            "    # or osc777 (urxvt, foot, Ghostty).",
            "    [[notify]]",
            '    by = option("none", "bell", "osc9", "osc777", default="none")',
            "    # When jobs fail.",
            "    failures = boolean(default=yes)",
            "    # When all jobs have ended.",
            "    end = boolean(default=yes)",
            "",
            "    # Which columns the tables have, in this order; nothing for those that were chosen in the program.",
            "    [[columns]]",
            f"    # Of {', '.join(jobcolumns.BY_NAME)}.",
            '    jobs = string(default="")',
            f"    # Of {', '.join(workerrows.BY_NAME)}.",
            '    workers = string(default="")',
            "",
            "    # The keys of each action, with blanks between them; nothing for no key. The comma is called comma.",
            "    [[keys]]",
            *(line for action in ACTIONS for line in _key_lines(action)),
        )
    )


def _key_lines(action: Action) -> tuple[str, str]:
    return f"    # {action.sentence}", f'    {action.id} = string(default="{" ".join(action.keys)}")'


def _themes() -> Sequence[str]:
    return _AUTO, *(one.name for one in theme.THEMES), *sorted(BUILTIN_THEMES)


def default_text() -> str:
    """Return a file to begin with: everything with its default, as comments."""
    return configuration.default_text(configspec())


def read(path: str) -> Taste:
    """Return what the file at ``path`` says; raise `ConfigurationError` with a sentence for each mistake."""
    return _made(configuration.read(path, configspec(), others=OTHERS))


def parse(text: str, *, path: str = "config.ini") -> Taste:
    """Return what ``text`` says, as `read` does."""
    return _made(configuration.parse(text, configspec(), path=path, others=OTHERS))


def _made(config: Configuration) -> Taste:
    said = config["tui"]
    keymap = {action.id: tuple(_words(said["keys"][action.id])) for action in ACTIONS}
    keymap = {action.id: keymap[action.id] for action in ACTIONS if keymap[action.id] != action.keys}
    if mistakes := [*_wrong_columns(config), *(_wrong_keys(config, keymap) or _clashes(config, keymap))]:
        raise ConfigurationError(mistakes)
    notify = said["notify"]
    return Taste(
        theme="" if said["theme"] == _AUTO else said["theme"],
        refresh_per_s=said["refresh"],
        mouse=said["mouse"],
        confirm=Confirm(said["confirm"]),
        signal=Signal(notify["by"]),
        for_failures=notify["failures"],
        for_the_end=notify["end"],
        keymap=keymap,
        columns={table: names for table, text in said["columns"].items() if (names := tuple(_words(text)))},
    )


def _words(text: str) -> list[str]:
    return re.split(r"[,\s]+", text.strip(", \t")) if text.strip(", \t") else []


# ---- what a configspec cannot check


def _wrong_columns(config: Configuration) -> Iterator[str]:
    for table, known in (("jobs", jobcolumns.BY_NAME), ("workers", workerrows.BY_NAME)):
        for name in _words(config["tui"]["columns"][table]):
            if name not in known:
                words = f"there is no column {name} of {table}{did_you_mean(name, known)}"
                yield config.mistake(words, "tui", "columns", table)


def _wrong_keys(config: Configuration, keymap: Mapping[str, Sequence[str]]) -> list[str]:
    def told(name: str, words: str) -> str:
        return config.mistake(words, "tui", "keys", name)

    wrong = [told(name, f"there is no key {key}{_nearest(key)}") for name, key in _each(keymap, _is_no_key)]
    return wrong + [told(name, f"{name} needs a key") for name in _ALWAYS_KEYED if keymap.get(name) == ()]


def _each(keymap: Mapping[str, Sequence[str]], is_wrong: Callable[[str], bool]) -> list[tuple[str, str]]:
    return [(name, key) for name, keys in keymap.items() for key in keys if is_wrong(key)]


def _is_no_key(key: str) -> bool:
    base = _MODIFIERS.sub("", key)
    return key not in _KEY_NAMES and base not in _KEY_NAMES and not (len(base) == 1 and base.isprintable())


def _nearest(key: str) -> str:
    return did_you_mean(key, _KEY_NAMES)


def _clashes(config: Configuration, keymap: Mapping[str, Sequence[str]]) -> list[str]:
    mistakes = []
    for one, other, key in Registry(keymap).clashes():
        new, old = (one, other) if one.id in keymap else (other, one)
        shown = next(word for word in new.keys if names_of([word]) == {key})
        panes = ", ".join(sorted(where.value for where in one.where & other.where))
        words = f"{shown} means {old.id} too ({panes}); give that another key"
        mistakes.append(config.mistake(words, "tui", "keys", new.id))
    return mistakes
