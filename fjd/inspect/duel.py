"""Whether a spool's filesystem serves two hosts at once: both race for the same names, and see what the other did.

The names decide who has a job, so each must have one winner; how late changes are seen is how late jobs start, and
whether a living worker is taken for lost. Part of `fjd.inspect.doctor`; it is done only when a host is named.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from fjd import display
from fjd.errors import FjdError
from fjd.hiring.remote_conf import RemoteHost
from fjd.inspect.checks import Check, Verdict
from fjd.recruiter import remote, rival
from fjd.recruiter.rival import Rival
from fjd.settings import TIMINGS_VARIABLE, Timings
from fjd.spool import contest, filesystems, fsio
from fjd.spool.contest import Prize, Side, Sight
from fjd.spool.layout import Layout

_NAMES = 200
"""For so many names they race at a time."""
_TRIES = 5
_CLOSE = 0.05
"""A race is one when each side has at least this share; else one had done before the other began."""
_ROUNDS = {Sight.LISTING: 4, Sight.BEAT: 2, Sight.TEXT: 3}
_SOON_S = 3.0
"""What is seen as soon as that is as it should be: on a network filesystem a listing is looked at once a second."""


@dataclass(frozen=True, slots=True)
class Score:
    """What came of races for one kind of prize."""

    names: int
    here: int
    """So many this side was told it has; `there`, the other."""
    there: int
    both: int
    """So many were told to both; `neither`, to none of them, or nobody has them in the end."""
    neither: int

    @property
    def is_fair(self) -> bool:
        """Whether both were at it at the same time."""
        return min(self.here, self.there) >= _CLOSE * self.names

    def with_more(self, more: "Score") -> "Score":
        return Score(
            self.names + more.names,
            self.here + more.here,
            self.there + more.there,
            self.both + more.both,
            self.neither + more.neither,
        )


def checks(layout: Layout, host: RemoteHost, timings: Timings, *, shipped: bool = False) -> Iterator[Check]:
    """Yield what comes of it with ``host``; a host that cannot be asked is one check."""
    try:
        with rival.facing(layout, host, shipped=shipped) as other:
            yield from _contest(layout, host, other, timings)
    except FjdError as error:
        yield Check("host", Verdict.WRONG, f"{host.alias}: {error}")


def _contest(layout: Layout, host: RemoteHost, other: Rival, timings: Timings) -> Iterator[Check]:
    now_s = time.time()
    yield _host(layout, host, other)
    yield from (Check("clocks", Verdict.NOTE, text) for text in remote.clock_note(other.hello.clock_s, now_s, now_s))
    side = Side(layout, other.folder, contest.FIRST)
    for prize in Prize:
        yield races(prize, _race(side, other, prize), has_links=fsio.has_links(layout.tmp))
    side.lay_out()
    for sight in Sight:
        yield seen(sight, _seen(side, other, sight, timings.lease_s), timings.lease_s)


def _host(layout: Layout, host: RemoteHost, other: Rival) -> Check:
    here, there = filesystems.type_of(layout.root), other.hello.kind
    kinds = here if here == there else f"{here} here, {there} there"
    text = f"{host.alias} sees this spool ({kinds})"
    return Check("host", Verdict.WELL, display.clean(text))


# ---- races


def _race(side: Side, other: Rival, prize: Prize) -> Score:
    """Race until it was close, at most `_TRIES` times, and return the sum.

    Whoever begins first has a lead, which is that of the way to the other host: so here we begin later, by what the
    last race taught. A name that is lost costs less than one that is won, which lets the later one catch up.
    """
    total, later_s = Score(0, 0, 0, 0, 0), 0.0
    for attempt in range(_TRIES):
        numbers = range(attempt * _NAMES, (attempt + 1) * _NAMES)
        side.prepare(prize, numbers)
        began_s = time.monotonic()
        other.tell("take", prize, begin=numbers.start, end=numbers.stop)
        time.sleep(later_s)
        ours = set(side.take(prize, numbers))
        took_s = time.monotonic() - began_s - later_s
        theirs = set(other.answer()["numbers"])
        score = _score(side, other, prize, numbers, ours, theirs)
        total = total.with_more(score)
        if score.is_fair:
            break
        idle_s = time.monotonic() - began_s - took_s
        later_s = (later_s + idle_s) / 2 if len(ours) > len(theirs) else later_s / 2
    return total


def _score(side: Side, other: Rival, prize: Prize, numbers: range, ours: set[int], theirs: set[int]) -> Score:
    """Count who was told what, and look where the things are: who was told so must have it, and somebody must."""
    both = ours & theirs
    if prize is Prize.DIRECTORY:
        missing = set(numbers) - ours - theirs
    else:
        here = set(side.having(prize, numbers))
        there = set(other.ask("having", prize, begin=numbers.start, end=numbers.stop)["numbers"])
        missing = (set(numbers) - here - there) | (ours - here) | (theirs - there)
    return Score(len(numbers), len(ours), len(theirs), len(both), len(missing - both))


def races(prize: Prize, score: Score, *, has_links: bool = True) -> Check:
    """Return what a race says of the filesystem."""
    name = f"race-{prize.value}"
    what = {Prize.FILE: "files", Prize.DIRECTORY: "directories", Prize.NAME: "names"}[prize]
    if not (score.both or score.neither):
        text = f"{score.names:,} {what} had one winner each ({score.here:,} here, {score.there:,} there)"
        if score.is_fair or min(score.here, score.there):
            return Check(name, Verdict.WELL, text)
        return Check(name, Verdict.NOTE, f"{text}: one was always faster, so this says little", "ask once more")
    text = f"of {score.names:,} {what} {score.both:,} had two winners and {score.neither:,} none"
    if prize is Prize.FILE:
        text += ": not fit, a job could run on both hosts and count twice, or be lost"
        return Check(
            name, Verdict.WRONG, text, "use the spool from one host, or put it on another filesystem, such as NFS"
        )
    if prize is Prize.NAME:
        why = "" if has_links else " (it has no hard links)"
        text += f"{why}: of two jobs submitted under one name at once, one would be lost"
        return Check(name, Verdict.NOTE, text, "submit from one host, or give the jobs names that differ")
    return Check(name, Verdict.NOTE, f"{text}; fjd does not build on it, other programs may")


# ---- what is seen, and when


def _seen(side: Side, other: Rival, sight: Sight, limit_s: float) -> float | None:
    """Return the longest that it took, there and here; None when something was not seen within ``limit_s``."""
    longest_s = 0.0
    for _ in range(_ROUNDS[sight]):
        other.ask("look", sight)
        side.change(sight)
        there_s = other.ask("see", sight, limit_s=limit_s, within_s=limit_s)["after_s"]
        side.look(sight)
        other.ask("change", sight)
        here_s = side.seen_after_s(sight, limit_s)
        if there_s is None or here_s is None:
            return None
        longest_s = max(longest_s, float(there_s), here_s)
    return longest_s


def seen(sight: Sight, longest_s: float | None, lease_s: float) -> Check:
    """Return what it means that changes of that kind are seen so late."""
    name = f"see-{sight.value}"
    what = {
        Sight.LISTING: "a file that comes or goes is seen",
        Sight.BEAT: "a sign of life is seen",
        Sight.TEXT: "what is written to a file is seen",
    }[sight]
    if longest_s is None:
        text = f"{what} on the other host not even within {lease_s:g} s: not fit"
        return Check(
            name, Verdict.WRONG, text, "mount it so that less is remembered, such as by actimeo=1 or noac on NFS"
        )
    text = f"{what} on the other host within {_words(longest_s)}"
    if sight is Sight.BEAT and longest_s > lease_s / 3:
        wanted_s = 5 * round(longest_s + 1)
        text += ": a worker that lives may be taken for lost"
        return Check(
            name, Verdict.WRONG, text, f"export {TIMINGS_VARIABLE}=lease_s={wanted_s}, for all that is started"
        )
    if longest_s > _SOON_S:
        later = {Sight.TEXT: "progress shows"}.get(sight, "jobs start, and their ends show,")
        return Check(name, Verdict.NOTE, f"{text}: {later} as late")
    return Check(name, Verdict.WELL, text)


def _words(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
