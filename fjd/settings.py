"""Timings and limits, with their units in their names.

One immutable record is handed to every role, so that a test (or a site with a slow disk) can change a figure without
touching a module. ``FJD_TIMINGS="grace_s=1 lease_s=5"`` changes them for a whole crew: hired workers inherit the
variable.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from fjd.errors import UsageError

TIMINGS_VARIABLE = "FJD_TIMINGS"


@dataclass(frozen=True, slots=True)
class Timings:
    """How long fjd waits for what. All ``_s`` are seconds; the others are counts."""

    heartbeat_s: float = 2.0
    """A worker touches its announcement this often."""
    lease_s: float = 30.0
    """A worker of another host is lost when its announcement has not changed for this long on the observer's clock."""
    alive_s: float = 0.5
    """The dispatcher asks its own host this often whether the processes of the local workers still live."""
    settle_s: float = 2.0
    """Where open writers cannot be seen, a job file is whole when it has stood still for this long."""
    grace_s: float = 5.0
    """Between TERM and KILL, for a job that is to end."""
    look_s: float = 1.0
    """The timed look at the spool, for what no file event told."""
    reconcile_s: float = 5.0
    """The whole picture is compared with the directories this often."""
    poll_s: float = 0.5
    """A waiting worker looks into its pod at least this often; on the dispatcher's host it is nudged."""
    moment_s: float = 0.02
    """What a job prints can be seen when it has run for so long; of what ends earlier, when it has ended."""
    hook_s: float = 60.0
    """So long may a command of on-success or on-failure run; then TERM, a grace, KILL."""
    answer_s: float = 10.0
    """A newly hired worker has this long to announce itself, and an idle one to obey an order."""
    reserve_s: float = 60.0
    """A job whose turn has come, and that found no host with as much free as it asks for, has one kept free after so
    long."""
    crash_limit: int = 5
    """A job that has taken this many workers down with it is given up."""
    depth_max: int = 64
    """A pod never holds more waiting jobs than this."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < getattr(self, field.name) < math.inf:
                raise UsageError(f"{TIMINGS_VARIABLE}: {field.name} must be more than 0, and not endless")


def from_environment(environ: Mapping[str, str] = os.environ) -> Timings:
    """Return the timings as ``FJD_TIMINGS`` in ``environ`` changes them; raise `UsageError` for a word that is off."""
    known = {field.name: int if field.type is int else float for field in fields(Timings)}
    changes: dict[str, float] = {}
    for word in environ.get(TIMINGS_VARIABLE, "").split():
        name, _, text = word.partition("=")
        if name not in known:
            raise UsageError(f"{TIMINGS_VARIABLE}: there is no {name!r}; known are {', '.join(known)}")
        try:
            changes[name] = known[name](text)
        except ValueError:
            raise UsageError(f"{TIMINGS_VARIABLE}: {name} needs a number, not {text!r}") from None
    return replace(Timings(), **changes)  # type: ignore[arg-type]  # names and types were checked against the fields
