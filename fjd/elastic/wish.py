"""What ``[crew]`` of the configuration, and the options of a command, want of an elastic crew: texts to rules.

The options come before the configuration, key by key. Which key is wrong, and why, is told one by one; whoever read the
texts adds the file and the line, or the name of the option.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fjd import capacity, identity, quantity
from fjd.errors import FjdError
from fjd.hiring import cluster, remote_conf
from fjd.hiring.cluster import Cluster, Wish
from fjd.hiring.remote_conf import RemoteHost
from fjd.nearest import did_you_mean
from fjd.policy.elastic import Place, Rules, Way
from fjd.settings import Timings
from fjd.spool.layout import Layout

LOCAL: Final = "local"
HOSTS: Final = "hosts"
DRY: Final = "dry-run"
"""What a command line says besides the keys, to have nothing done."""
_HERE: Final = (LOCAL, "here", "localhost")
_BACKENDS: Final = ("screen", "process")
_MOST: Final = 100_000

HELP: Final[Mapping[str, str]] = {
    "size": "How many workers there are to be: 0..64, or 4 for always four. Without it there is no elastic crew.",
    "on": "Where they are hired: local, slurm, gridengine and so on, hosts of remote.conf by name, or hosts for all.",
    "idle-timeout": "Who was hired so and is idle for so long is fired; 5m unless it is said.",
    "rate": "So many are hired a minute at the most; 30 unless it is said.",
    "failures": "After so many failures in a row it pauses; 3 unless it is said.",
    "pause": "So long is the first pause, each further one twice as long; 5m unless it is said.",
    "tags": "They are for jobs with these tags, too.",
    "time": "Of a scheduler: how long its jobs last; 1h unless it is said.",
    "partition": "Of a scheduler: its partition, or queue.",
    "account": "Of a scheduler: who is charged.",
    "cpus": "Of a scheduler: processors for each of its jobs.",
    "gpus": "Of a scheduler: GPUs for each of its jobs.",
    "memory": "Of a scheduler: memory for each of its jobs.",
    "per-job": "Of a scheduler: so many workers in each of its jobs.",
    "options": "Of a scheduler: options of its own, with blanks between them: --constraint=ib --exclusive",
}
"""Each key, and what it says."""
CONFIGSPEC: Final = "\n".join(
    (
        "# A crew that grows and shrinks with what waits.",
        "[crew]",
        *(line for key, words in HELP.items() for line in (f"# {words}", f'{key} = string(default="")')),
    )
)
_OF_SCHEDULERS: Final = ("time", "partition", "account", "cpus", "gpus", "memory", "per-job", "options")


@dataclass(frozen=True, slots=True)
class Means:
    """A place, and what hiring there takes besides."""

    place: Place
    tags: tuple[str, ...] = ()
    host: RemoteHost | None = None
    scheduler: Wish | None = None
    backend: str = ""
    """``screen`` or ``process`` where it must be that one on this machine."""


@dataclass(frozen=True, slots=True)
class CrewWish:
    """All of it."""

    rules: Rules
    means: tuple[Means, ...]

    def of(self, place: str) -> Means:
        """Return what hiring at a place takes."""
        return next(one for one in self.means if one.place.name == place)


def parse_crew(text: str) -> tuple[int, int]:
    """Return the bounds in ``0..64`` or ``4``; raise ``ValueError``."""
    least, dots, most = (part.strip() for part in text.partition(".."))
    try:
        bounds = quantity.parse_whole(least, 0, _MOST), quantity.parse_whole(most if dots else least, 0, _MOST)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is no size of a crew; write 0..64, or 4 for always four") from None
    if bounds[0] > bounds[1]:
        raise ValueError(f"{text.strip()!r} is no size of a crew: {bounds[0]} is more than {bounds[1]}")
    return bounds


def _time(text: str) -> float:
    seconds = quantity.parse_duration(text)
    if seconds <= 0:
        raise ValueError(f"{text.strip()!r} is too short a time")
    return seconds


def _options(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise ValueError(f"{text!r} has a quote that is not closed") from None


def _count(most: int) -> Callable[[str], int]:
    return lambda text: quantity.parse_whole(text, 1, most)


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "size": parse_crew,
    "idle-timeout": _time,
    "rate": _count(_MOST),
    "failures": _count(1000),
    "pause": _time,
    "tags": quantity.parse_words,
    "time": _time,
    "partition": str,
    "account": str,
    "cpus": _count(_MOST),
    "gpus": _count(_MOST),
    "memory": quantity.parse_size,
    "per-job": _count(_MOST),
    "options": _options,
}


def problems(layout: Layout, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each key whose text is wrong, and why."""
    for key, text in texts.items():
        if text and key in _READERS:
            try:
                _READERS[key](text)
            except ValueError as error:
                yield key, str(error)
    try:
        _means(layout, {**texts, **dict.fromkeys(_OF_SCHEDULERS, "")}, Timings())
    except (ValueError, FjdError) as error:
        yield "on", str(error)


def parse(layout: Layout, texts: Mapping[str, str], timings: Timings) -> CrewWish | None:
    """Return what ``texts`` want, None where they want no crew. Raises ``ValueError`` with words that name the key."""
    said = {key: text for key, text in texts.items() if text}
    if "size" not in said:
        return None
    for key, problem in problems(layout, said):
        raise ValueError(f"{key}: {problem}")
    try:
        means = _means(layout, said, timings)
    except FjdError as error:
        raise ValueError(str(error)) from None
    if strays := [key for key in _OF_SCHEDULERS if key in said and not any(one.scheduler for one in means)]:
        raise ValueError(f"{strays[0]} is for a scheduler, such as on = slurm")
    least, most = parse_crew(said["size"])
    numbers = {
        name: _READERS[key](said[key])
        for key, name in (("idle-timeout", "idle_timeout_s"), ("rate", "rate"), ("failures", "failures"),
                          ("pause", "pause_s"))
        if key in said
    }  # fmt: skip
    rules = Rules(least, most, tuple(one.place for one in means), **numbers, is_dry=DRY in said)
    return CrewWish(rules, means)


def _means(layout: Layout, texts: Mapping[str, str], timings: Timings) -> tuple[Means, ...]:
    """Return the places that ``on`` names. Raises `FjdError` or ``ValueError``."""
    tags = quantity.parse_words(texts.get("tags", ""))
    path = remote_conf.find(layout)
    words = quantity.parse_words(texts.get("on", "")) or (LOCAL,)
    hosts = remote_conf.read(path) if path and any(not _is_plain(word) for word in words) else ()
    found: dict[str, Means] = {}
    for word in words:
        for one in _means_of(word, layout, hosts, texts, tags, timings):
            found.setdefault(one.place.name, one)
    return tuple(found.values())


def _is_plain(word: str) -> bool:
    return word in (*_HERE, *_BACKENDS, *cluster.KINDS)


def _means_of(
    word: str,
    layout: Layout,
    hosts: tuple[RemoteHost, ...],
    texts: Mapping[str, str],
    tags: tuple[str, ...],
    timings: Timings,
) -> Iterator[Means]:
    if word in (*_HERE, *_BACKENDS):
        yield _local(tags, None, word if word in _BACKENDS else "")
    elif word in cluster.KINDS:
        yield _scheduled(word, layout, texts, tags, timings)
    elif word == HOSTS:
        if not hosts:
            raise ValueError(f"there is no {remote_conf.FILE} that names hosts")
        yield from (_on_host(host, tags) for host in hosts)
    else:
        known = [name for host in hosts for name in (host.name, host.alias)]
        if word.partition(":")[0] not in known and not {":", "@"} & set(word):
            names = [LOCAL, *_BACKENDS, *cluster.KINDS, HOSTS, *known]
            raise ValueError(
                f"{word!r} is no scheduler, and no host of {remote_conf.FILE}{did_you_mean(word, names)}; "
                f"write {LOCAL}, {', '.join(cluster.TRIED)}, {HOSTS}, or HOST:WORKERS"
            )
        yield _on_host(remote_conf.named(hosts, word), tags)


def _local(tags: tuple[str, ...], most: int | None, backend: str) -> Means:
    here = Place(
        LOCAL,
        tags=frozenset(tags),
        cpus=capacity.processors(),
        memory_bytes=capacity.memory_bytes(),
        most=most,
    )
    return Means(here, tags, backend=backend)


def _on_host(host: RemoteHost, tags: tuple[str, ...]) -> Means:
    tags = tuple(dict.fromkeys((*host.tags, *tags)))
    is_plain = not (host.dir or host.setup or host.env)
    if is_plain and host.name in (*_HERE, identity.this_host().name):
        return _local(tags, host.workers or capacity.processors(), "")
    place = Place(
        host.name,
        Way.SSH,
        tags=frozenset(tags),
        most=host.workers,
        is_one_each_cpu=host.workers is None,
        start_s=5.0,
    )
    return Means(place, tags, host=replace(host, tags=tags))


def _scheduled(kind: str, layout: Layout, texts: Mapping[str, str], tags: tuple[str, ...], timings: Timings) -> Means:
    said = {key: _READERS[key](texts[key]) for key in _OF_SCHEDULERS if texts.get(key)}
    wish = Wish(
        said.get("time", Wish().time_s),
        said.get("partition", ""),
        said.get("account", ""),
        said.get("cpus", 0),
        said.get("gpus", 0),
        said.get("memory", 0),
        said.get("options", ()),
    )
    Cluster(kind, layout.clusters).directives(wish)
    place = Place(
        kind,
        Way.CLUSTER,
        tags=frozenset(tags),
        time_limit_s=max(1.0, wish.time_s - 2 * timings.grace_s),
        step=said.get("per-job", 1),
        start_s=30.0,
    )
    return Means(place, tags, scheduler=wish)
