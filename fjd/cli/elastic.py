"""``--crew`` and what goes with it, for all who dispatch; and what they say of their elastic crew at the end."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from fjd import quantity, recruiter
from fjd.cli import crew, say
from fjd.elastic import wish
from fjd.errors import HireError, UsageError
from fjd.quantity import counted
from fjd.settings import Timings
from fjd.spool.layout import Layout

_OPTIONS: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (("--crew",), "size", "Hire and fire so that MIN to MAX workers are there, as many as what waits needs."),
    (("--on",), "on", "With --crew: where: local, slurm, hosts, a host. Takes --time and so on, as recruiter.py does."),
    (("--idle-timeout",), "idle-timeout", "With --crew: fire who is idle for so long. [default: 5m]"),
    (("--time",), "time", ""),
    (("--queue", "--partition"), "partition", ""),
    (("--account",), "account", ""),
    (("--cpus",), "cpus", ""),
    (("--gpus",), "gpus", ""),
    (("--memory",), "memory", ""),
    (("--per-job",), "per-job", ""),
)
"""The options, the key of ``[crew]`` that each says, and its help; those without are listed by recruiter.py hire."""
_METAVARS: Final = {"size": "MIN..MAX", "on": "PLACE", "idle-timeout": "TIME"}
_PREFIX: Final = "crew_"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them; they come in as ``crew_…``, for `words`."""
    dry = "With --crew: only say whom it would hire and fire, and why."
    command = click.option("--crew-dry-run", f"{_PREFIX}dry_run", is_flag=True, help=dry)(command)
    for name, key in (("--option", "options"), ("--tag", "tags")):
        command = click.option(name, f"{_PREFIX}{key}", multiple=True, hidden=True)(command)
    for names, key, words in reversed(_OPTIONS):
        variable = f"{_PREFIX}{key.replace('-', '_')}"
        command = click.option(*names, variable, metavar=_METAVARS.get(key), help=words, hidden=not words)(command)
    return command


def words(said: Mapping[str, Any]) -> dict[str, str]:
    """Return what a command line says of a crew, in the keys of ``[crew]``."""
    import shlex

    found = {key: said[f"{_PREFIX}{key.replace('-', '_')}"] or "" for _, key, _ in _OPTIONS}
    found["options"] = shlex.join(said[f"{_PREFIX}options"])
    found["tags"] = ", ".join(said[f"{_PREFIX}tags"])
    found[wish.DRY] = "yes" if said[f"{_PREFIX}dry_run"] else ""
    return {key: text for key, text in found.items() if text}


def check(layout: Layout, said: Mapping[str, str], timings: Timings) -> None:
    """Raise `UsageError` where that makes no sense, `HireError` where there is no such scheduler here."""
    from fjd.dispatcher import wishes
    from fjd.hiring.cluster import Cluster
    from fjd.policy.elastic import Way

    if not said:
        return
    for key, problem in wish.problems(layout, said):
        names = next((names for names, one, _ in _OPTIONS if one == key), (f"--{key}",))
        raise UsageError(f"{names[-1]}: {problem}")
    found = wishes.read(layout, said, timings).crew
    if found is None:
        raise UsageError(f"say how many workers there are to be, besides {_listed(said)}: --crew 0..8")
    for place in found.rules.places:
        if place.way is Way.CLUSTER and (why_not := Cluster(place.name, layout.clusters).available()):
            raise HireError(why_not)


def _listed(said: Mapping[str, str]) -> str:
    named = {key: names[-1] for names, key, _ in _OPTIONS} | {wish.DRY: "--crew-dry-run"}
    return quantity.format_words(named.get(key, f"--{key.removesuffix('s')}") for key in said)


def dismiss(layout: Layout, timings: Timings) -> None:
    """Let those go whom the crew has hired, since all is done, and say so."""
    from fjd.elastic import hands

    members = [one for one in recruiter.members(layout) if one.id in set(hands.hired_by_crew(layout))]
    gone = hands.dismiss(layout, timings)
    for kind, number in gone.called_off.items():
        say.say(f"Called off {counted(number, 'worker')} on {kind}.")
    for reason, names in crew.by_reason(gone.failures).items():
        say.talk(f"Could not call off {', '.join(names)}: {reason}")
    known = {one.id for one in members}
    if known.issuperset((*gone.report.fired, *(worker for worker, _ in gone.report.failures))):
        crew.tell_fired(gone.report, members)


def tell_who_stays(layout: Layout) -> None:
    """Say that the crew is left as it is."""
    from fjd.elastic import hands

    if number := len(hands.hired_by_crew(layout)):
        stay = "stays" if number == 1 else "stay"
        say.talk(f"{counted(number, 'worker')} of the crew {stay} hired, for the next dispatcher to keep or to fire.")
