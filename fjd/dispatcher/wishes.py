"""What the user wants of all jobs of a spool: ``.fjd/config.ini``, and for all spools ``~/.config/fjd/config.ini``.

Where both say something, the spool's counts. The section ``[defaults]`` is read by workers too (`fjd.worker.defaults`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fjd import capacity, configuration, jobfile
from fjd.configuration import Configuration
from fjd.elastic import wish
from fjd.elastic.wish import CrewWish
from fjd.errors import ConfigurationError, JobFileError
from fjd.hiring import remote_conf
from fjd.ledger import Rules
from fjd.ledger.rules import NO_RULES, parse_halt, parse_load
from fjd.settings import Timings
from fjd.spool import fsio
from fjd.spool.fsio import Stamp
from fjd.spool.layout import Layout

_OF_OTHERS: Final = ("tui",)
"""Sections of these files that the fronts read."""

CONFIGSPEC: Final = "\n".join(
    (
        "# What jobs ask for that do not say otherwise.",
        "[defaults]",
        *(f'# {jobfile.HELP[key]}\n{key} = string(default="")' for key in jobfile.DEFAULTABLE),
        "",
        "[dispatch]",
        "# A command that the dispatcher runs in the spool whenever all jobs have ended.",
        'on-finish = string(default="")',
        "# When to hand out nothing more: never; soon,fail=1 (what runs goes on); now,fail=3% (what runs is killed).",
        "# fail, success or done, a number or a percentage of all jobs.",
        'halt = string(default="")',
        "# While the load of the dispatcher's host is as high, its workers get nothing: 8, or 150% of the processors.",
        'load-limit = string(default="")',
        "",
        wish.CONFIGSPEC,
    )
)
"""The reference of these sections."""
NOTHING: Final[Mapping[str, str]] = {}
TIMINGS: Final = Timings()


@dataclass(frozen=True, slots=True)
class Wishes:
    """All of it."""

    defaults: tuple[tuple[str, str], ...] = ()
    """Options that come before a job's own."""
    rules: Rules = NO_RULES
    on_finish: str = ""
    crew: CrewWish | None = None


def read(layout: Layout, crew: Mapping[str, str] = NOTHING, timings: Timings = TIMINGS) -> Wishes:
    """Return what the files say; raise `ConfigurationError` with a sentence for each mistake in either.

    ``crew`` is what a command line wants of an elastic crew, which counts before the files.
    """
    mistakes: list[str] = []
    said: list[Configuration] = []
    for path in _paths(layout):
        try:
            said.append(configuration.read(path, CONFIGSPEC, others=_OF_OTHERS))
        except ConfigurationError as error:
            mistakes += error.sentences
    for config in said:
        mistakes += _wrong(layout, config)
    if mistakes:
        raise ConfigurationError(mistakes)
    defaults, dispatch = (_merged(said, section) for section in ("defaults", "dispatch"))
    try:
        wanted = wish.parse(layout, {**_merged(said, "crew"), **crew}, timings)
    except ValueError as error:
        where = "the options" if crew else said[-1].path
        raise ConfigurationError([f"{where}: [crew] {error}"]) from None
    return Wishes(
        tuple((key, defaults[key]) for key in jobfile.DEFAULTABLE if key in defaults),
        Rules(parse_halt(dispatch.get("halt", "")), _load_limit(dispatch.get("load-limit", ""))),
        dispatch.get("on-finish", ""),
        wanted,
    )


def _paths(layout: Layout) -> tuple[str, str]:
    """Return the user's file and the spool's, which comes after and so counts."""
    return configuration.user_path(), layout.config_file


def _merged(said: list[Configuration], section: str) -> dict[str, str]:
    return {key: text for config in said for key, text in config[section].items() if text}


def _load_limit(text: str) -> float | None:
    return parse_load(text, capacity.processors())


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {"halt": parse_halt, "load-limit": _load_limit}


def _wrong(layout: Layout, config: Configuration) -> list[str]:
    """Return what is wrong with the values, which a configspec cannot tell."""
    found: list[str] = []
    for key, text in config["defaults"].items():
        if problem := jobfile.option_problem(key, text):
            found.append(config.mistake(f"{key}: {problem}", "defaults", key))
    for key, read_text in _READERS.items():
        try:
            read_text(config["dispatch"][key])
        except ValueError as error:
            found.append(config.mistake(f"{key}: {error}", "dispatch", key))
    crew = {key: text for key, text in config["crew"].items() if text}
    found += [config.mistake(f"{key}: {problem}", "crew", key) for key, problem in wish.problems(layout, crew)]
    return found or _wrong_together(config)


def _wrong_together(config: Configuration) -> list[str]:
    try:
        jobfile.terms_of((key, text) for key, text in config["defaults"].items() if text)
    except JobFileError as error:
        return [config.mistake(str(error), "defaults")]
    return []


class Watched:
    """The wishes as they are now. Raises `ConfigurationError` when it is made and they cannot be understood."""

    def __init__(self, layout: Layout, crew: Mapping[str, str] = NOTHING, timings: Timings = TIMINGS) -> None:
        self._layout = layout
        self._crew = crew
        self._timings = timings
        self._stamps = self._look()
        self.now = read(layout, crew, timings)

    def _look(self) -> tuple[Stamp | None, ...]:
        return tuple(fsio.stamp(path) for path in (*_paths(self._layout), *remote_conf.places(self._layout)))

    def look(self) -> bool:
        """Read the files again where one has changed; tell whether they want something else now.

        Raises `ConfigurationError` once for each change that cannot be understood; what was wanted before still counts.
        """
        stamps = self._look()
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        before, self.now = self.now, read(self._layout, self._crew, self._timings)
        return before != self.now
