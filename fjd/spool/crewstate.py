"""What the elastic crew of a spool is about, written down by whoever dispatches: ``.fjd/crew.json``.

Others read it to show it, and the next dispatcher goes on from it: with the pauses, with what was hired within the last
minute, and with a hiring that was cut short. How many workers there are never stands in it: that is counted. Times are
wall clock, seconds since the epoch, of the host that dispatches; no decision of another host rests on them.
"""

import json
from dataclasses import asdict, dataclass

from fjd.errors import DiskError, NotAJob, UnsafeError
from fjd.spool import fsio
from fjd.spool.layout import Layout

_MAX_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Paused:
    """Hiring at one place went wrong."""

    place: str
    failures: int
    reason: str
    until: float
    pause_s: float
    """0 for a delay that is no pause."""

    @property
    def words(self) -> str:
        """Where, and why."""
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class CrewState:
    """All of it."""

    least: int = 0
    most: int = 0
    where: str = ""
    is_dry: bool = False
    coming: int = 0
    """Who was asked for and has not come."""
    says: tuple[str, ...] = ()
    """What was decided last, and what keeps from it."""
    setbacks: tuple[Paused, ...] = ()
    hired: tuple[tuple[float, int], ...] = ()
    """When, and how many, lately."""
    hiring: tuple[tuple[str, int], ...] = ()
    """Where, and how many, at this moment."""

    @property
    def size(self) -> str:
        """As a user writes it."""
        return f"{self.least}..{self.most}"

    @property
    def pauses(self) -> tuple[Paused, ...]:
        """The setbacks that are more than a delay."""
        return tuple(one for one in self.setbacks if one.pause_s)

    @property
    def pause(self) -> Paused | None:
        """The first of them, which stands for all where there is room for one."""
        return next(iter(self.pauses), None)


def write(layout: Layout, state: CrewState) -> None:
    """Write it down."""
    fsio.publish(layout.tmp, layout.crew_state, json.dumps(asdict(state)).encode(), replace=True)


def read(layout: Layout) -> CrewState | None:
    """Return what was written; None when there is nothing that can be understood."""
    try:
        contents = fsio.read_plain(layout.crew_state, _MAX_BYTES)
        return _parsed(contents.data) if contents else None
    except (ValueError, TypeError, KeyError, RecursionError, NotAJob, UnsafeError, DiskError):
        return None


def forget(layout: Layout) -> None:
    """There is no elastic crew any more."""
    if fsio.stamp(layout.crew_state) is not None:  # a disk that is read-only refuses to remove even what is not there
        fsio.remove(layout.crew_state)


def ask_to_resume(layout: Layout) -> None:
    """Let whoever dispatches hire again at once, whatever failed before."""
    fsio.publish(layout.tmp, layout.crew_resume, b"", replace=True)


def take_resume(layout: Layout) -> bool:
    """Tell whether that was asked for, and take it."""
    return fsio.stamp(layout.crew_resume) is not None and bool(fsio.remove(layout.crew_resume))


def _parsed(data: bytes) -> CrewState:
    said = json.loads(data)
    return CrewState(
        int(said["least"]),
        int(said["most"]),
        str(said["where"]),
        bool(said["is_dry"]),
        int(said["coming"]),
        tuple(str(text) for text in said["says"]),
        tuple(_paused(one) for one in said["setbacks"]),
        tuple((float(when), int(count)) for when, count in said["hired"]),
        tuple((str(place), int(count)) for place, count in said["hiring"]),
    )


def _paused(said: dict[str, object]) -> Paused:
    place, failures, reason, until, pause_s = (said[key] for key in Paused.__slots__)
    return Paused(str(place), int(str(failures)), str(reason), float(str(until)), float(str(pause_s)))
